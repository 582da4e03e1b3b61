/// Values of the `Authorization` field.
package enum HTTPCredentials {
    /// RFC 7617: `user:password` in Base64.
    package static func basic(_ userAndPassword: String) -> String {
        "Basic " + base64(Array(userAndPassword.utf8))
    }

    /// RFC 6750.
    package static func bearer(_ token: String) -> String { "Bearer " + token }

    /// RFC 4648 section 4, with padding.
    package static func base64(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for position in 0..<4 {
                let index = Int(bits >> UInt32(18 - 6 * position)) & 63
                text.append(position <= group.count ? alphabet[index] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
