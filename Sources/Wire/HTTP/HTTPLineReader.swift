/// Gathers lines that arrive in pieces, within a budget of bytes for all lines together, so that no peer can fill memory
/// with a line that never ends or with lines without end.
struct HTTPLineReader: Hashable, Sendable {
    private(set) var line: [UInt8] = []
    /// Bytes of lines that may still come.
    private var budget: Int
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
        budget = limit
    }

    /// Where the budget ended, for messages.
    var exhausted: String { "more than \(limit) bytes" }

    enum Step: Hashable {
        case wanting
        /// With its ending (LF, or CR LF), never empty.
        case line([UInt8])
        case tooLong
    }

    mutating func take(from rest: inout ArraySlice<UInt8>) -> Step {
        let end = rest.firstIndex(of: 0x0a).map { $0 + 1 } ?? rest.endIndex
        let piece = rest[rest.startIndex..<end].prefix(budget)
        line += piece
        budget -= piece.count
        rest = rest[piece.endIndex...]
        // Told with the same bytes of the line in hand, however they came.
        guard piece.endIndex == end else { return .tooLong }
        guard line.last == 0x0a else { return .wanting }
        defer { line = [] }
        return .line(line)
    }

    /// Without its CR LF or bare LF (RFC 9112 section 2.2 allows a recipient both).
    static func content(_ line: [UInt8]) -> ArraySlice<UInt8> {
        let body = line.dropLast()
        return body.last == 0x0d ? body.dropLast() : body
    }
}
