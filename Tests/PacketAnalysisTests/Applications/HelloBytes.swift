import Wire

/// Hellos in records, made by hand (RFC 8446 section 4.1).
enum HelloBytes {
    static func client(serverName: String, alpn: [String] = ["h2"], padding: Int = 0) -> [UInt8] {
        record(message(1, clientBody(serverName: serverName, alpn: alpn, padding: padding)))
    }

    static func clientBody(serverName: String, alpn: [String] = ["h2"], padding: Int = 0) -> [UInt8] {
        let name = Array(serverName.utf8)
        let names = [0] + length16(name)
        let protocols = alpn.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        let extensions =
            ext(0, length16(names)) + ext(16, length16(protocols)) + ext(43, [6, 0x7a, 0x7a, 3, 4, 3, 3])
            + ext(21, [UInt8](repeating: 0, count: padding))
        return [3, 3] + [UInt8](repeating: 9, count: 32) + [0, 0, 4, 0x13, 1, 0x13, 2, 1, 0] + length16(extensions)
    }

    /// TLS 1.3, unless a version says that it is older.
    static func server(version: UInt16 = 0x0304, random: [UInt8] = [UInt8](repeating: 5, count: 32)) -> [UInt8] {
        let chosen = version >= 0x0304 ? ext(43, [3, 4]) : []
        let legacy: [UInt8] = [3, UInt8(min(version, 0x0303) & 0xff)]
        return record(message(2, legacy + random + [0, 0x13, 1, 0] + length16(chosen)))
    }

    static let retryRandom: [UInt8] = [
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
        0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
    ]
    static let changeCipherSpec: [UInt8] = [20, 3, 3, 0, 1, 1]

    static func message(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
        [type, UInt8(body.count >> 16)] + length16(body)
    }

    static func record(_ content: [UInt8], type: UInt8 = 22) -> [UInt8] { [type, 3, 1] + length16(content) }

    private static func ext(_ number: UInt8, _ content: [UInt8]) -> [UInt8] { [0, number] + length16(content) }

    private static func length16(_ content: [UInt8]) -> [UInt8] {
        [UInt8(content.count >> 8 & 0xff), UInt8(content.count & 0xff)] + content
    }
}
