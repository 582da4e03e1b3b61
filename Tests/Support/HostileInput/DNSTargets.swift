import NetValues
import Wire

extension FuzzTarget {
    static let dnsMessage = FuzzTarget("dns-message", seeds: { exampleMessages.map { $0.encoded() } }) { bytes in
        guard let message = try? DNSMessage(decoding: bytes) else { return }
        let records = message.answers + message.authority + message.additional
        try hold(records.count <= bytes.count / 11, "\(records.count) records out of \(bytes.count) bytes")
        // A pointer of two bytes may stand for a name of 255, and a byte becomes four (`\255`); a record has at most three names.
        let shown = records.reduce(0) { $0 + $1.name.utf8.count + $1.data.description.utf8.count }
        try hold(shown <= records.count * 3400 + bytes.count * 8, "\(shown) bytes of text out of \(bytes.count)")
        _ = message.edns?.extendedErrors
        try staysTheSame(message)
    }

    /// What was read, written and read again, is what was read.
    private static func staysTheSame(_ message: DNSMessage) throws {
        // Cut messages claim records that are not there; names in full may be more than a message can hold.
        let encoded = message.encoded()
        guard !message.isTruncated, encoded.count <= 65535 else { return }
        let again: DNSMessage
        do { again = try DNSMessage(decoding: encoded) } catch {
            throw Violation(description: "its own encoding is refused: \(error)")
        }
        guard !message.isLossy else { return }
        try hold(again == message, "another message after encoding:\n\(message)\n\(again)")
    }

    static let dnsName = FuzzTarget(
        "dns-name",
        seeds: {
            [
                .hex("03 777777 07 6578616d706c65 03 636f6d 00"), .hex("00"), .hex("c00c"),
                .hex("03 612e5c 02 00ff 00"),
                .hex("01 61 c0 0c"), .hex("01 61 00 01 62 c0 0c c0 0f"),
            ]
        }
    ) { bytes in
        // Header, no question, one record whose owner is what is to be tried; the data begin at offset 12.
        let start: [UInt8] = .hex("0001 8400 0000 0001 0000 0000")
        let end: [UInt8] = .hex("0010 0001 00000000 0000")
        guard let message = try? DNSMessage(decoding: start + bytes + end), let record = message.answers.first else {
            return
        }
        try hold(record.name.utf8.count <= 4 * 255, "a name of \(record.name.utf8.count) bytes")
        try hold(record.name.utf8.allSatisfy { (0x21...0x7e).contains($0) }, "a name with odd bytes: \(record.name)")
        if let name = DomainName(record.name) {
            try hold(name.description == record.name, "\(record.name) became \(name)")
        }
    }

    private static var exampleMessages: [DNSMessage] {
        var question = DNSMessage(id: 0x1234)
        question.questions = DomainName("www.example.com").map { [DNSQuestion(name: $0, type: .a)] } ?? []
        var answer = question
        answer.isResponse = true
        answer.answers = exampleData.map { type, data in
            DNSRecord(name: "www.example.com.", type: type, ttl: 300, data: data)
        }
        answer.edns = DNSEDNS(options: [DNSEDNS.Option(code: 15, data: [0, 22] + Array("lame".utf8))])
        var cut = answer
        cut.isTruncated = true
        return [question, answer, cut]
    }

    private static let exampleData: [(DNSType, DNSRecordData)] = [
        (.a, .address(.v4(IPv4Address(bits: 0xc612_0001)))), (.aaaa, .address(.v6(IPv6Address(high: 1, low: 2)))),
        (.cname, .name("cdn.example.com.")), (.mx, .mx(preference: 10, exchange: "mail.example.com.")),
        (.srv, .srv(priority: 1, weight: 2, port: 443, target: "a.example.com.")), (.txt, .txt([[0x76, 0x3d], []])),
        (
            .soa,
            .soa(
                primary: "ns.example.com.", mailbox: "root.example.com.", serial: 1, refresh: 2, retry: 3, expire: 4,
                minimum: 5)
        ),
        (.caa, .caa(flags: 0, tag: "issue", value: Array("ca.example".utf8))),
        (
            .https,
            .service(
                priority: 1, target: ".",
                parameters: ["mandatory=alpn", "alpn=h2,h3", "port=8443", "ipv4hint=198.18.0.1", "ipv6hint=fd00::1"])
        ),
        (DNSType(rawValue: 99), .raw([1, 2, 3])),
    ]
}

extension DNSMessage {
    /// Holds what the presentation form leaves out on purpose, so that it cannot be written again as it was.
    fileprivate var isLossy: Bool {
        (answers + authority + additional).contains { record in
            guard case .service(_, _, let parameters) = record.data else { return false }
            // The configuration of ECH is shown by its size; RFC 9460 appendix A doubles the escapes within a list.
            return parameters.contains { $0.hasPrefix("ech=") || ($0.hasPrefix("alpn=") && $0.contains("\\")) }
        }
    }
}
