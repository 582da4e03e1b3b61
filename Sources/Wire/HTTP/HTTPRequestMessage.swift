import NetValues

/// An HTTP/1.1 request to be sent (RFC 9112 section 3).
package struct HTTPRequestMessage: Hashable, Sendable {
    package var method: String
    /// Path and query, or `*`.
    package var target: String
    package var fields: [HTTPField]
    package var body: [UInt8]

    package init(method: String, target: String, fields: [HTTPField] = [], body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
    }

    /// The bytes on the wire. `Content-Length` is added where the method or a body calls for it.
    /// - Throws: when a part holds a byte by which it would become something else (header injection, request splitting).
    package func encoded() throws(HTTPMessageError) -> [UInt8] {
        guard HTTPSyntax.isToken(method.utf8) else { throw Self.refusal("method", method) }
        guard HTTPSyntax.isRequestTarget(target.utf8) else { throw Self.refusal("request target", target) }
        var lines = "\(method) \(target) HTTP/1.1\r\n"
        for field in fields {
            guard HTTPSyntax.isToken(field.name.utf8) else { throw Self.refusal("name of a header", field.name) }
            guard HTTPSyntax.isFieldValue(field.value.utf8) else {
                throw Self.refusal("value of header \(field.name)", nil)
            }
            lines += "\(field.name): \(field.value)\r\n"
        }
        if needsLength { lines += "Content-Length: \(body.count)\r\n" }
        return Array((lines + "\r\n").utf8) + body
    }

    /// RFC 9110 section 8.6: a method that gives content a meaning says its length even when there is none.
    private var needsLength: Bool { !body.isEmpty || ["POST", "PUT", "PATCH"].contains(method) }

    /// A header's value may be a secret, so it is never shown.
    private static func refusal(_ part: String, _ text: String?) -> HTTPMessageError {
        let shown = text.map { ": \"\($0.escaped(limit: 40))\"" } ?? ""
        return HTTPMessageError(.request, "the \(part) holds a character that HTTP does not allow there\(shown)")
    }
}
