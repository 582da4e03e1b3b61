/// A status line and its header fields.
package struct HTTPResponseHead: Hashable, Sendable {
    /// `HTTP/1.1`
    package var version: String
    package var status: Int
    package var reason: String
    package var fields: [HTTPField]

    package init(version: String, status: Int, reason: String, fields: [HTTPField] = []) {
        self.version = version
        self.status = status
        self.reason = reason
        self.fields = fields
    }

    static let opening = Array("HTTP/1.".utf8)

    /// RFC 9112 section 4: `HTTP/1.1 200 OK`; the reason may be missing, and the blank before it too.
    init(statusLine line: ArraySlice<UInt8>, offset: Int) throws(HTTPMessageError) {
        func failure(_ reason: String) -> HTTPMessageError {
            HTTPMessageError(.statusLine, reason, offset: offset, excerpt: line)
        }
        let words = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
        guard let version = words.first, version.starts(with: Self.opening), version.count == Self.opening.count + 1,
            let minor = version.last, (0x30...0x39).contains(minor)
        else { throw failure("not an HTTP/1 response") }
        guard words.count >= 2, words[1].count == 3, let status = HTTPSyntax.number(words[1]), status >= 100 else {
            throw failure("no status code of three digits")
        }
        let reason = words.count == 3 ? words[2] : []
        guard HTTPSyntax.isFieldValue(reason) else { throw failure("a control character in the reason") }
        self.init(
            version: String(decoding: version, as: UTF8.self), status: status,
            reason: String(decoding: reason, as: UTF8.self))
    }
}
