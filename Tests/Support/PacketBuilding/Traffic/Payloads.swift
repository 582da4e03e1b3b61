import RepeatableChance
import Wire

/// Bytes of applications for generated traffic.
enum Traffic {
    /// Bytes that look like nothing.
    private static let noise: [UInt8] = {
        var random = SeededRandom(seed: 42)
        return (0..<65_536).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }()

    static func filler(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count { bytes += noise[..<min(noise.count, count - bytes.count)] }
        return bytes
    }

    // MARK: HTTP/1.1

    static func httpRequest(_ host: String, path: String) -> [UInt8] {
        [UInt8]("GET \(path) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: generator/1\r\nAccept: */*\r\n\r\n".utf8)
    }

    static func httpResponse(_ status: Int, body: Int) -> [UInt8] {
        let reasons = [
            200: "OK", 301: "Moved Permanently", 404: "Not Found", 500: "Internal Server Error", 503: "Busy",
        ]
        let head =
            "HTTP/1.1 \(status) \(reasons[status] ?? "Other")\r\nServer: generator\r\n"
            + "Content-Type: application/octet-stream\r\nContent-Length: \(body)\r\n\r\n"
        return [UInt8](head.utf8) + filler(body)
    }

    // MARK: TLS

    static func record(_ type: UInt8, _ content: [UInt8], version: UInt16 = 0x0303) -> [UInt8] {
        var bytes: [UInt8] = [type]
        bytes.append(uint16: version)
        bytes.append(uint16: UInt16(content.count))
        return bytes + content
    }

    private static func handshake(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
        [type, 0, UInt8(body.count >> 8), UInt8(body.count & 0xff)] + body
    }

    private static func tlsExtension(_ type: UInt16, _ body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(uint16: type)
        bytes.append(uint16: UInt16(body.count))
        return bytes + body
    }

    private static func lengthFirst(_ body: [UInt8]) -> [UInt8] {
        [UInt8(body.count >> 8), UInt8(body.count & 0xff)] + body
    }

    /// RFC 8446 section 4.1.2, with server name, ALPN and, for TLS 1.3, supported versions.
    static func clientHello(_ name: String, isTLS13: Bool, _ random: inout SeededRandom) -> [UInt8] {
        let host = [0] + lengthFirst([UInt8](name.utf8))
        let protocols = ["h2", "http/1.1"].flatMap { [UInt8($0.utf8.count)] + [UInt8]($0.utf8) }
        var extensions = tlsExtension(0, lengthFirst(host)) + tlsExtension(16, lengthFirst(protocols))
        extensions += tlsExtension(10, [0, 4, 0, 29, 0, 23]) + tlsExtension(13, [0, 4, 4, 3, 8, 4])
        if isTLS13 {
            extensions += tlsExtension(43, [4, 3, 4, 3, 3])
            extensions += tlsExtension(51, lengthFirst([0, 29, 0, 32] + filler(32)))
        }
        let nonce = (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let suites: [UInt8] = [0x13, 1, 0x13, 2, 0xc0, 0x2f, 0xc0, 0x30]
        let body = [3, 3] + nonce + [32] + filler(32) + lengthFirst(suites) + [1, 0] + lengthFirst(extensions)
        return record(22, handshake(1, body), version: 0x0301)
    }

    /// What a server sends in its first flight: of TLS 1.3 all but the first message is hidden; of TLS 1.2 a session goes on, so
    /// that there is no certificate.
    static func serverFlight(isTLS13: Bool, _ random: inout SeededRandom) -> [UInt8] {
        let nonce = (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let extensions =
            isTLS13
            ? tlsExtension(43, [3, 4]) + tlsExtension(51, [0, 29, 0, 32] + filler(32))
            : tlsExtension(16, lengthFirst([2] + [UInt8]("h2".utf8)))
        let suite: [UInt8] = isTLS13 ? [0x13, 1] : [0xc0, 0x2f]
        let hello = record(
            22, handshake(2, [3, 3] + nonce + [32] + filler(32) + suite + [0] + lengthFirst(extensions)))
        let cipherChange = record(20, [1])
        return hello + cipherChange + (isTLS13 ? record(23, filler(2900)) : record(22, filler(40)))
    }

    static func clientFinished(isTLS13: Bool) -> [UInt8] {
        record(20, [1]) + (isTLS13 ? record(23, filler(69)) : record(22, filler(40)))
    }

    static func applicationData(_ count: Int) -> [UInt8] {
        stride(from: 0, to: count, by: 16_000).flatMap { record(23, filler(min(16_000, count - $0) + 17)) }
    }

    static func alert(_ description: UInt8) -> [UInt8] { record(21, [2, description]) }

    // MARK: DNS

    static func dnsQuery(_ identifier: UInt16, _ name: String, type: UInt16) -> [UInt8] {
        message(identifier, flags: 0x0100, name, type: type, answers: [])
    }

    /// - Parameter answers: the data of that many records of the type asked for.
    static func dnsResponse(
        _ identifier: UInt16, _ name: String, type: UInt16, rcode: UInt16 = 0, isTruncated: Bool = false,
        answers: [[UInt8]] = []
    ) -> [UInt8] {
        message(identifier, flags: 0x8180 | rcode | (isTruncated ? 0x0200 : 0), name, type: type, answers: answers)
    }

    private static func message(
        _ identifier: UInt16, flags: UInt16, _ name: String, type: UInt16, answers: [[UInt8]]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        for word in [identifier, flags, 1, UInt16(answers.count), 0, 0] { bytes.append(uint16: word) }
        for label in name.split(separator: ".") { bytes += [UInt8(label.utf8.count)] + [UInt8](label.utf8) }
        bytes.append(0)
        bytes.append(uint16: type)
        bytes.append(uint16: 1)
        for answer in answers {
            bytes.append(uint16: 0xc00c)
            bytes.append(uint16: type)
            bytes.append(uint16: 1)
            bytes.append(uint32: 300)
            bytes += lengthFirst(answer)
        }
        return bytes
    }
}
