import NetValues

/// A header or trailer field, the name as written.
package struct HTTPField: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension Collection<HTTPField> {
    /// The values of all fields of this name, compared without case, in order.
    package func values(_ name: String) -> [String] {
        let wanted = name.lowercasedASCII()
        return filter { $0.name.lowercasedASCII() == wanted }.map(\.value)
    }
}

/// The alphabet of RFC 9110 section 5.6.2 and what a field value may hold (section 5.5).
package enum HTTPSyntax {
    private static let tokenMarks = Set("!#$%&'*+-.^_`|~".utf8)

    package static func isToken(_ text: some Collection<UInt8>) -> Bool {
        !text.isEmpty && text.allSatisfy { isTokenByte($0) }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: tokenMarks.contains(byte)
        }
    }

    /// Visible characters, blanks, tabs and bytes above ASCII; no control character, above all no CR, LF or NUL.
    package static func isFieldValue(_ text: some Sequence<UInt8>) -> Bool {
        text.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) }
    }

    /// Path and query: visible ASCII only.
    package static func isRequestTarget(_ text: some Collection<UInt8>) -> Bool {
        !text.isEmpty && text.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    }

    /// Without blanks and tabs at either end.
    static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let start = text.drop(while: isBlank)
        let end = start.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start.startIndex
        return start[start.startIndex..<end]
    }

    /// Decimal digits only; nil also when the number has more than 18 of them.
    static func number(_ text: some Collection<UInt8>) -> Int? {
        guard (1...18).contains(text.count), text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return text.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}
