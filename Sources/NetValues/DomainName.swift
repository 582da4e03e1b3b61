/// A domain name in presentation form, limits of RFC 1035 section 2.3.4 checked; labels may hold any printable ASCII
/// except the dot, since service names (`_sip._tcp`) and wildcards are names too.
package struct DomainName: Hashable, Sendable {
    /// Labels without dots; empty for the root.
    package let labels: [String]
    /// The root: `.`
    package static let root = DomainName(labels: [], isAbsolute: true)
    /// Written with a trailing dot: not subject to a search list.
    package let isAbsolute: Bool

    package init?(_ text: some StringProtocol) {
        self.init(utf8: Array(text.utf8))
    }

    /// - Parameter bytes: of the presentation form.
    package init?(utf8 bytes: [UInt8]) {
        if bytes == [UInt8(ascii: ".")] {
            self = .root
            return
        }
        isAbsolute = bytes.last == UInt8(ascii: ".")
        let body = isAbsolute ? bytes.dropLast() : bytes[...]
        guard !body.isEmpty, body.count <= 253 else { return nil }
        var labels: [String] = []
        var start = 0
        for index in 0...body.count where index == body.count || body[index] == UInt8(ascii: ".") {
            let label = body[start..<index]
            guard (1...63).contains(label.count), label.allSatisfy({ $0 < 0x7f && Self.isUsable[Int($0)] }) else {
                return nil
            }
            labels.append(String(decoding: label, as: UTF8.self))
            start = index + 1
        }
        self.labels = labels
    }

    /// Bytes that a host name never has and that mark a typing mistake (a URL, a list, a quoted word).
    private static let reserved = Set("/:@[]\"'\\,;()<>?#%".utf8)
    /// By byte, since names come by the thousand.
    private static let isUsable: [Bool] = (0..<0x7f).map { $0 > 0x20 && !reserved.contains($0) }

    private init(labels: [String], isAbsolute: Bool) {
        self.labels = labels
        self.isAbsolute = isAbsolute
    }

    package var dots: Int { max(0, labels.count - 1) }

    /// The same name with a trailing dot.
    package var absolute: DomainName { DomainName(labels: labels, isAbsolute: true) }
    /// Without the final dot.
    package var relative: DomainName { DomainName(labels: labels, isAbsolute: false) }

    /// This name under a search domain, absolute; nil when too long.
    package func under(_ suffix: DomainName) -> DomainName? {
        DomainName((labels + suffix.labels).joined(separator: ".") + ".")
    }

    /// Without a trailing dot, lower case: for comparing.
    package var canonical: String { labels.joined(separator: ".").lowercasedASCII() }

    /// Whether the text is this name, as `canonical` would compare them, without making either.
    package func isSpelled(_ text: String) -> Bool {
        var rest = text.utf8[...]
        for (index, label) in labels.enumerated() {
            if index > 0 { guard rest.popFirst() == UInt8(ascii: ".") else { return false } }
            for byte in label.utf8 {
                guard let other = rest.popFirst(), other.lowercasedASCII == byte.lowercasedASCII else { return false }
            }
        }
        return rest.isEmpty || rest.count == 1 && rest.first == UInt8(ascii: ".")
    }

    /// All-numeric last label: nobody means a name by `10.0.0` or `1.2.3.4.5` (WHATWG URL, "ends in a number").
    package var looksLikeAddress: Bool {
        guard let last = labels.last else { return false }
        return last.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}

extension DomainName: CustomStringConvertible {
    package var description: String {
        labels.isEmpty ? "." : labels.joined(separator: ".") + (isAbsolute ? "." : "")
    }
}

extension StringProtocol {
    /// Lower case of A to Z only, as DNS and HTTP compare (RFC 4343).
    package func lowercasedASCII() -> String {
        String(decoding: utf8.map(\.lowercasedASCII), as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var lowercasedASCII: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }
}
