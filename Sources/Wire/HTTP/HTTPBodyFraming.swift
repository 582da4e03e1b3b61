import NetValues

/// How the end of a response's body is known (RFC 9112 section 6.3).
package enum HTTPBodyFraming: Hashable, Sendable {
    case none
    case length(Int)
    case chunked
    case untilClose

    init(method: String, status: Int, fields: [HTTPField]) throws(HTTPMessageError) {
        let lengths = fields.values("Content-Length")
        let codings = fields.values("Transfer-Encoding").flatMap { $0.split(separator: ",") }
            .map { String(decoding: HTTPSyntax.trimmed(Array($0.utf8)[...]), as: UTF8.self).lowercasedASCII() }
        if method == "HEAD" || status < 200 || status == 204 || status == 304 || (method == "CONNECT" && status < 300) {
            self = .none
        } else if let last = codings.last {
            // Section 6.1: both at once is how requests are smuggled, and "ought to be handled as an error".
            guard lengths.isEmpty else {
                throw HTTPMessageError(.contentLength, "given beside Transfer-Encoding, so the body's end is in doubt")
            }
            self = try Self.coded(codings, last: last)
        } else if lengths.isEmpty {
            self = .untilClose
        } else {
            self = .length(try Self.length(lengths))
        }
    }

    private static func coded(_ codings: [String], last: String) throws(HTTPMessageError) -> HTTPBodyFraming {
        let count = codings.count { $0 == "chunked" }
        guard count <= 1, count == 0 || last == "chunked" else {
            throw HTTPMessageError(
                .transferEncoding, "chunked must stand once and last", excerpt: codings.joined(separator: ", ").utf8)
        }
        return count == 1 ? .chunked : .untilClose
    }

    /// Section 6.3 item 5: repeated values are one value when all of them are the same.
    private static func length(_ values: [String]) throws(HTTPMessageError) -> Int {
        let parts = values.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        var known: Int?
        for part in parts {
            let digits = HTTPSyntax.trimmed(Array(part.utf8)[...])
            guard let number = HTTPSyntax.number(digits) else {
                throw HTTPMessageError(.contentLength, "not a number of bytes", excerpt: digits)
            }
            guard known == nil || known == number else {
                throw HTTPMessageError(
                    .contentLength, "given twice with different values", excerpt: values.joined(separator: ", ").utf8)
            }
            known = number
        }
        return known ?? 0
    }
}
