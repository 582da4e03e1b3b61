/// Requests or responses of one direction of an HTTP/1 connection as somebody beside it sees them (RFC 9112): heads, with the
/// bodies between them passed over. Takes pieces of any size, and finds its way again where bytes are missing.
package struct HTTPStreamReader: Hashable, Sendable {
    package enum Event: Hashable, Sendable {
        case request(HTTPRequestStart)
        /// Its body follows; `answer(to:)` must be called before reading on.
        case response(HTTPResponseStart)
        /// Not HTTP/1, or no longer.
        case end
    }

    /// Of a head; a longer one is no HTTP that we follow.
    package static let mostHeadBytes = 65_536
    /// Of a line, so much is kept where it comes in pieces: enough for what is looked at.
    package static let mostLineBytes = 8192

    private enum State: Hashable {
        case startLine
        case fields
        /// A response's head is whole, and how its body ends depends on the request.
        case awaitingRequest
        case body(Int64)
        case chunkSize
        case chunk(Int64)
        case chunkEnd
        case trailers
        /// Bytes are missing: the next start line at the start of a segment is believed.
        case lost
        case ended
    }

    private var state = State.startLine
    private var head = HTTPObservedHead()
    private var headBytes = 0
    private var line: [UInt8] = []

    package init() {}

    package var heldBytes: Int { line.count }
    package var isAtEnd: Bool { state == .ended }
    /// Looks for the next start line.
    package var isLost: Bool { state == .lost }

    /// The next thing in the bytes, reading on from `position`; nil when they are used up. Where bytes were lost, `bytes` must
    /// begin where a segment began.
    package mutating func next(_ bytes: Span<UInt8>, _ position: inout Int) -> Event? {
        while position < bytes.count {
            switch state {
            case .body(let left): state = pass(left, bytes, &position).map { .body($0) } ?? .startLine
            case .chunk(let left): state = pass(left, bytes, &position).map { .chunk($0) } ?? .chunkEnd
            case .lost:
                guard position == 0, HTTPStartLine.begins(bytes, 0..<bytes.count) else {
                    position = bytes.count
                    return nil
                }
                restart()
            case .awaitingRequest, .ended: return nil
            case .startLine, .fields, .chunkSize, .chunkEnd, .trailers:
                if let event = takeLine(bytes, &position) { return event }
            }
        }
        return nil
    }

    /// How many of the next bytes are of no interest: they need not be shown. Asking counts them as passed.
    package mutating func passable() -> Int64 {
        switch state {
        case .body(let left):
            state = .startLine
            return left
        case .chunk(let left):
            state = .chunkEnd
            return left
        default: return 0
        }
    }

    /// Bytes are missing here. A head whose start line was read is told with what came of it.
    package mutating func lose() -> Event? {
        guard state != .ended, state != .lost else { return nil }
        let event = state == .fields ? head.event : nil
        line = []
        state = .lost
        return event
    }

    /// How the body of the response just told ends: that depends on what was asked (RFC 9112 section 6.3).
    /// - Returns: false when what follows is no HTTP: a tunnel, or another protocol.
    package mutating func answer(to method: String?) -> Bool {
        // Of a head that was cut, too: what follows it is no HTTP either.
        if head.status == 101 || (method == "CONNECT" && head.status / 100 == 2) {
            finish()
            return false
        }
        guard state == .awaitingRequest else { return state != .ended }
        switch head.bodyOfResponse(to: method) {
        case .none, .length(0): state = .startLine
        case .length(let length): state = .body(length)
        case .chunked: state = .chunkSize
        case .untilClose: state = .ended
        }
        beginLines()
        return true
    }

    // MARK: - Bodies

    private func pass(_ left: Int64, _ bytes: Span<UInt8>, _ position: inout Int) -> Int64? {
        let passed = min(left, Int64(bytes.count - position))
        position += Int(passed)
        return passed == left ? nil : left - passed
    }

    // MARK: - Lines

    private mutating func restart() {
        state = .startLine
        beginLines()
    }

    private mutating func beginLines() {
        headBytes = 0
        line.removeAll(keepingCapacity: true)
    }

    private mutating func takeLine(_ bytes: Span<UInt8>, _ position: inout Int) -> Event? {
        let start = position
        while position < bytes.count, bytes[position] != 0x0a { position += 1 }
        headBytes += position - start
        guard headBytes <= Self.mostHeadBytes else { return fail() }
        if position == bytes.count || !line.isEmpty {
            for index in start..<min(position, start + Self.mostLineBytes - line.count) { line.append(bytes[index]) }
        }
        guard position < bytes.count else {
            // Told at the first bytes: what is no HTTP may never send a line.
            if state == .startLine, !HTTPStartLine.mayBegin(line.span) { return fail() }
            return nil
        }
        position += 1
        headBytes += 1
        guard !line.isEmpty else {
            let end = min(position - 1, start + Self.mostLineBytes)
            return take(bytes, HTTPStartLine.content(bytes, start..<end))
        }
        let whole = line
        line.removeAll(keepingCapacity: true)
        let span = whole.span
        return take(span, HTTPStartLine.content(span, 0..<whole.count))
    }

    /// A line without its ending.
    private mutating func take(_ bytes: Span<UInt8>, _ content: Range<Int>) -> Event? {
        switch state {
        case .startLine:
            // RFC 9112 section 2.2: empty lines before a request are borne.
            if content.isEmpty { return nil }
            guard let begun = HTTPObservedHead(bytes, content) else { return fail() }
            head = begun
            state = .fields
        case .fields where content.isEmpty: return finishHead()
        case .fields: head.add(bytes, content)
        case .chunkSize:
            guard let size = HTTPStartLine.chunkSize(bytes, content) else { return fail() }
            state = size == 0 ? .trailers : .chunk(size)
            headBytes = 0
        case .chunkEnd:
            guard content.isEmpty else { return fail() }
            state = .chunkSize
        case .trailers where content.isEmpty: restart()
        default: break
        }
        return nil
    }

    private mutating func finishHead() -> Event? {
        if head.isResponse {
            state = .awaitingRequest
        } else {
            switch head.bodyOfRequest {
            case .length(let length) where length > 0: state = .body(length)
            case .chunked: state = .chunkSize
            default: state = .startLine
            }
            beginLines()
        }
        return head.event
    }

    /// Nothing more is wanted.
    package mutating func finish() {
        state = .ended
        line = []
    }

    private mutating func fail() -> Event {
        finish()
        return .end
    }
}
