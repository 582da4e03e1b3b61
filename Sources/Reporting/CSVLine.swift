import NetValues

/// Lines of comma-separated values (RFC 4180), ended by CR and LF.
enum CSVLine {
    static func append(_ cells: [String], to text: inout [UInt8]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text.append(contentsOf: quoted(cell).utf8)
        }
        text.append(contentsOf: "\r\n".utf8)
    }

    static func cell(_ text: String) -> [UInt8] { Array(quoted(text).utf8) }

    /// No control character goes out: a line break would split the row for line-wise tools, others command a terminal.
    /// A spreadsheet takes what begins so for a formula, and a name in a packet is its sender's choice
    /// (https://owasp.org/www-community/attacks/CSV_Injection).
    static func text(_ text: String) -> String {
        // Nearly every text is plain, and there are millions of them.
        let isPlain = text.utf8.allSatisfy { (0x20..<0x7f).contains($0) }
        let text = isPlain ? text : text.escaped(limit: .max)
        guard let first = text.utf8.first, formulaOpeners.contains(first) else { return text }
        return "'" + text
    }

    private static let formulaOpeners = Array("=+-@".utf8)

    private static func quoted(_ text: String) -> String {
        guard text.utf8.contains(where: needsQuotes) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    private static func needsQuotes(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"")
    }
}
