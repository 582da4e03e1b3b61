/// Why a text is no JSON that we read; line and column count from 1, the column in characters.
package struct JSONProblem: Error, Hashable, Sendable {
    package let line: Int
    package let column: Int
    package let message: String

    package init(line: Int, column: Int, message: String) {
        self.line = line
        self.column = column
        self.message = message
    }

    /// Of an offset into the text; an offset beyond it means its end.
    init(_ message: String, at offset: Int, in bytes: [UInt8]) {
        let before = bytes.prefix(max(0, offset))
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        line = before.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        // Continuation bytes of UTF-8 begin no character.
        column = before[lineStart...].reduce(1) { $1 & 0xc0 == 0x80 ? $0 : $0 + 1 }
        self.message = message
    }
}

extension JSONProblem: CustomStringConvertible {
    package var description: String { "\(line):\(column): \(message)" }
}
