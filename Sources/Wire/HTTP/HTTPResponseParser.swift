/// An HTTP/1.1 response (RFC 9112), parsed as its bytes come in pieces of any size, with every part bounded. Content
/// codings are not undone: bytes are counted and kept as they came.
package struct HTTPResponseParser: Hashable, Sendable {
    package struct Limits: Hashable, Sendable {
        /// Status lines and header lines together, interim responses included; and trailers once more.
        package var headBytes: Int
        package var fields: Int
        /// Reading stops after so many bytes of body.
        package var bodyBytes: Int
        /// So many of its first bytes are kept.
        package var bodyKept: Int
        package var interimResponses: Int

        package init(
            headBytes: Int = 65536, fields: Int = 200, bodyBytes: Int = 1 << 20, bodyKept: Int = 256,
            interimResponses: Int = 16
        ) {
            self.headBytes = headBytes
            self.fields = fields
            self.bodyBytes = bodyBytes
            self.bodyKept = bodyKept
            self.interimResponses = interimResponses
        }
    }

    private enum State: Hashable {
        case statusLine
        case fields(HTTPResponseHead)
        case length(Int)
        case chunked(start: Int)
        case untilClose
        case complete
        case failed(HTTPMessageError)
    }

    package let method: String
    package let limits: Limits
    /// Of the final response, once it is whole.
    package private(set) var head: HTTPResponseHead?
    /// Status codes of the interim responses (1xx) before it.
    package private(set) var interim: [Int] = []
    /// Bytes of the body, without chunk framing; never more than the limit.
    package private(set) var bodyBytes = 0
    /// The body was longer than the limit; the rest is not read.
    package private(set) var isBodyCut = false
    package private(set) var body: [UInt8] = []
    package private(set) var trailers: [HTTPField] = []
    /// All bytes of the message so far.
    package private(set) var bytesTaken = 0
    /// The first bytes of whatever came, for evidence.
    package private(set) var start: [UInt8] = []
    private var state = State.statusLine
    private var lines: HTTPLineReader
    // Beside the state and not within: taken out of it for each line they would be copied for each line.
    private var collector: HTTPFieldCollector
    private var chunks: HTTPChunkedDecoder

    /// `method` is that of the request, since the answer to HEAD has no body whatever its headers say.
    package init(method: String, limits: Limits = Limits()) {
        self.method = method
        self.limits = limits
        lines = HTTPLineReader(limit: limits.headBytes)
        collector = HTTPFieldCollector(.header, limit: limits.fields)
        chunks = HTTPChunkedDecoder(limits: limits)
    }

    package var isComplete: Bool { state == .complete }

    /// Takes the next bytes; what follows the end of the response is left alone.
    /// - Returns: whether the response is complete.
    package mutating func feed(_ bytes: [UInt8]) throws(HTTPMessageError) -> Bool {
        start += bytes.prefix(max(0, Self.startLength - start.count))
        var rest = bytes[...]
        do throws(HTTPMessageError) {
            while !rest.isEmpty, state != .complete {
                let before = rest.count
                try advance(&rest)
                bytesTaken += before - rest.count
            }
        } catch {
            state = .failed(error)
            throw error
        }
        return isComplete
    }

    private static let startLength = 256

    /// The connection has ended.
    /// - Returns: whether that leaves a whole response.
    package mutating func end() -> Bool {
        if state == .untilClose { state = .complete }
        return isComplete
    }

    private mutating func advance(_ rest: inout ArraySlice<UInt8>) throws(HTTPMessageError) {
        switch state {
        case .statusLine: try takeStatusLine(&rest)
        case .fields(let head): try takeField(&rest, head)
        case .length(let remaining): takeLength(&rest, remaining)
        case .chunked(let start): try takeChunked(&rest, start: start)
        case .untilClose:
            take(rest)
            rest = []
        case .complete: rest = []
        case .failed(let error): throw error
        }
    }

    // MARK: - Head

    private mutating func takeStatusLine(_ rest: inout ArraySlice<UInt8>) throws(HTTPMessageError) {
        let offset = bytesTaken - lines.line.count
        // Told at the first wrong byte: a peer of another protocol may never send a line.
        let opening = HTTPResponseHead.opening
        let seen = lines.line.prefix(opening.count) + rest.prefix(opening.count)
        if lines.line.count < opening.count,
            let wrong = zip(seen, opening).enumerated().first(where: { $1.0 != $1.1 })?.offset
        {
            throw HTTPMessageError(
                .statusLine, "not an HTTP/1 response", offset: offset, excerpt: seen.prefix(wrong + 1))
        }
        guard let line = try takeLine(&rest, offset: offset) else { return }
        let head = try HTTPResponseHead(statusLine: HTTPLineReader.content(line), offset: offset)
        collector = HTTPFieldCollector(.header, limit: limits.fields)
        state = .fields(head)
    }

    private mutating func takeLine(_ rest: inout ArraySlice<UInt8>, offset: Int) throws(HTTPMessageError) -> [UInt8]? {
        switch lines.take(from: &rest) {
        case .wanting: return nil
        case .line(let line): return line
        case .tooLong:
            throw HTTPMessageError(
                .head, "no end within \(limits.headBytes) bytes", offset: offset, excerpt: lines.line)
        }
    }

    private mutating func takeField(
        _ rest: inout ArraySlice<UInt8>, _ head: HTTPResponseHead
    ) throws(HTTPMessageError) {
        let offset = bytesTaken - lines.line.count
        let available = rest.count
        guard let line = try takeLine(&rest, offset: offset) else { return }
        let content = HTTPLineReader.content(line)
        if content.isEmpty {
            try finishHead(head, collector.fields, bodyStart: bytesTaken + available - rest.count)
        } else {
            try collector.add(content, offset: offset)
        }
    }

    private mutating func finishHead(
        _ head: HTTPResponseHead, _ fields: [HTTPField], bodyStart: Int
    ) throws(HTTPMessageError) {
        // 101 is final to us, who never ask for an upgrade: what follows it is no HTTP.
        if head.status < 200, head.status != 101 {
            guard interim.count < limits.interimResponses else {
                throw HTTPMessageError(
                    .head, "more than \(limits.interimResponses) interim responses", offset: bodyStart)
            }
            interim.append(head.status)
            state = .statusLine
            return
        }
        var head = head
        head.fields = fields
        self.head = head
        switch try HTTPBodyFraming(method: method, status: head.status, fields: fields) {
        case .none, .length(0): state = .complete
        case .length(let length): state = .length(length)
        case .chunked: state = .chunked(start: bodyStart)
        case .untilClose: state = .untilClose
        }
    }

    // MARK: - Body

    private mutating func takeLength(_ rest: inout ArraySlice<UInt8>, _ remaining: Int) {
        let piece = rest.prefix(remaining)
        rest = rest.dropFirst(piece.count)
        state = piece.count == remaining ? .complete : .length(remaining - piece.count)
        take(piece)
    }

    private mutating func takeChunked(_ rest: inout ArraySlice<UInt8>, start: Int) throws(HTTPMessageError) {
        switch try chunks.step(&rest, start: start) {
        case .wanting: break
        case .data(let piece): take(piece)
        case .finished:
            trailers = chunks.trailerFields
            state = .complete
        }
    }

    private mutating func take(_ piece: ArraySlice<UInt8>) {
        let counted = piece.prefix(limits.bodyBytes - bodyBytes)
        body += counted.prefix(max(0, limits.bodyKept - body.count))
        bodyBytes += counted.count
        if counted.count < piece.count {
            isBodyCut = true
            state = .complete
        }
    }
}
