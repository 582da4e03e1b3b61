/// A chunked body (RFC 9112 section 7.1), taken apart as it comes.
struct HTTPChunkedDecoder: Hashable, Sendable {
    private enum State: Hashable {
        case size
        case data(Int)
        /// The CR LF after a chunk's data: so many of its bytes have come.
        case dataEnd(Int)
        case trailers
        case finished
    }

    enum Step: Hashable {
        case wanting
        case data(ArraySlice<UInt8>)
        case finished
    }

    private var state = State.size
    /// Size lines with their extensions; a bound for all chunks together, since each may carry an extension.
    private var extensions: Int
    private var sizeLine = HTTPLineReader(limit: Self.sizeLineLimit)
    private var trailerLine: HTTPLineReader
    private var trailers: HTTPFieldCollector
    /// Bytes of chunked framing and data taken so far.
    private var taken = 0
    private let limits: HTTPResponseParser.Limits

    private static let sizeLineLimit = 4096
    private static let sizeDigits = 15

    init(limits: HTTPResponseParser.Limits) {
        self.limits = limits
        extensions = limits.headBytes
        trailerLine = HTTPLineReader(limit: limits.headBytes)
        trailers = HTTPFieldCollector(.trailer, limit: limits.fields)
    }

    var trailerFields: [HTTPField] { trailers.fields }

    /// Takes what it can use of `rest`; `start` is where the body began, for messages.
    mutating func step(_ rest: inout ArraySlice<UInt8>, start: Int) throws(HTTPMessageError) -> Step {
        let before = rest.count
        defer { taken += before - rest.count }
        switch state {
        case .size: return try takeSize(&rest, offset: start + taken)
        case .data(let remaining): return takeData(&rest, remaining)
        case .dataEnd(let seen): return try takeDataEnd(&rest, seen, offset: start + taken)
        case .trailers: return try takeTrailer(&rest, offset: start + taken)
        case .finished: return .finished
        }
    }

    private mutating func takeSize(_ rest: inout ArraySlice<UInt8>, offset: Int) throws(HTTPMessageError) -> Step {
        let begun = offset - sizeLine.line.count
        switch sizeLine.take(from: &rest) {
        case .wanting: return .wanting
        case .tooLong:
            throw HTTPMessageError(
                .chunk, "its size line has \(sizeLine.exhausted)", offset: begun, excerpt: sizeLine.line)
        case .line(let line):
            let size = try self.size(of: line, offset: begun)
            sizeLine = HTTPLineReader(limit: Self.sizeLineLimit)
            state = size == 0 ? .trailers : .data(size)
            return .wanting
        }
    }

    private mutating func size(of line: [UInt8], offset: Int) throws(HTTPMessageError) -> Int {
        guard line.suffix(2) == [0x0d, 0x0a] else {
            throw HTTPMessageError(.chunk, "its size line does not end with CR LF", offset: offset, excerpt: line)
        }
        let text = line.dropLast(2)
        let digits = HTTPSyntax.trimmed(text.prefix { $0 != 0x3b })
        extensions -= text.count - digits.count
        guard extensions >= 0 else {
            throw HTTPMessageError(
                .chunk, "more than \(limits.headBytes) bytes of chunk extensions", offset: offset, excerpt: line)
        }
        guard !digits.isEmpty, digits.allSatisfy(Self.isHex) else {
            throw HTTPMessageError(.chunk, "its size is not a hexadecimal number", offset: offset, excerpt: line)
        }
        guard digits.count <= Self.sizeDigits, let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) else {
            throw HTTPMessageError(
                .chunk, "its size has more than \(Self.sizeDigits) digits", offset: offset, excerpt: line)
        }
        return size
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    private mutating func takeData(_ rest: inout ArraySlice<UInt8>, _ remaining: Int) -> Step {
        let piece = rest.prefix(remaining)
        rest = rest.dropFirst(piece.count)
        state = piece.count == remaining ? .dataEnd(0) : .data(remaining - piece.count)
        return .data(piece)
    }

    private mutating func takeDataEnd(
        _ rest: inout ArraySlice<UInt8>, _ seen: Int, offset: Int
    ) throws(HTTPMessageError) -> Step {
        guard let byte = rest.popFirst() else { return .wanting }
        guard byte == (seen == 0 ? 0x0d : 0x0a) else {
            throw HTTPMessageError(.chunk, "no CR LF where its size says that it ends", offset: offset, excerpt: [byte])
        }
        state = seen == 0 ? .dataEnd(1) : .size
        return .wanting
    }

    private mutating func takeTrailer(_ rest: inout ArraySlice<UInt8>, offset: Int) throws(HTTPMessageError) -> Step {
        let begun = offset - trailerLine.line.count
        switch trailerLine.take(from: &rest) {
        case .wanting: return .wanting
        case .tooLong: throw HTTPMessageError(.trailer, "trailers of \(trailerLine.exhausted)", offset: begun)
        case .line(let line):
            let content = HTTPLineReader.content(line)
            if content.isEmpty {
                state = .finished
                return .finished
            }
            try trailers.add(content, offset: begun)
            return .wanting
        }
    }
}
