import NetValues

/// Why bytes are no HTTP/1.1 message: which part, what is wrong with it, and where.
package struct HTTPMessageError: Error, Hashable, Sendable {
    package enum Part: String, Hashable, Sendable, CaseIterable {
        case statusLine = "status line"
        case head = "response head"
        case header = "header line"
        case contentLength = "Content-Length"
        case transferEncoding = "Transfer-Encoding"
        case chunk = "chunk"
        case trailer = "trailer line"
        case request = "request"
    }

    package let part: Part
    package let reason: String
    /// Bytes from the start of the response to the start of the part; nil where several lines are at fault together.
    package let offset: Int?
    /// The first bytes of the part.
    package let excerpt: [UInt8]

    package init(_ part: Part, _ reason: String, offset: Int? = nil, excerpt: some Sequence<UInt8> = []) {
        self.part = part
        self.reason = reason
        self.offset = offset
        self.excerpt = Array(excerpt.prefix(64))
    }
}

extension HTTPMessageError: CustomStringConvertible {
    package var description: String {
        if part == .request { return reason }
        let shown = excerpt.isEmpty ? "" : ": \"\(excerpt.escaped())\""
        let place = offset.map { " at byte \($0)" } ?? ""
        return "\(part.rawValue)\(place): \(reason)\(shown)"
    }
}
