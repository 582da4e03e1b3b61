import NetValues
import RepeatableChance
import Testing
import Wire

@Suite struct DNSMessageTests {
    /// Header of an answer to one question: id 0x1234, the flags, and the four counts.
    private func header(_ flags: UInt16 = 0x8180, _ counts: [UInt16]) -> [UInt8] {
        var bytes: [UInt8] = [0x12, 0x34]
        bytes.append(uint16: flags)
        for count in counts { bytes.append(uint16: count) }
        return bytes
    }

    /// 7 "example" 3 "com" 0, at offset 12 in a message.
    private let example: [UInt8] = [
        0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x03, 0x63, 0x6f, 0x6d, 0x00,
    ]

    private func answer(_ type: UInt16, _ data: [UInt8]) -> [UInt8] {
        var bytes = header([1, 1, 0, 0] as [UInt16]) + example
        bytes.append(uint16: type)
        bytes += [0x00, 0x01]  // class IN
        bytes += [0xc0, 0x0c]  // the name at offset 12
        bytes.append(uint16: type)
        bytes += [0x00, 0x01, 0x00, 0x00, 0x01, 0x2c]  // IN, TTL 300
        bytes.append(uint16: UInt16(data.count))
        return bytes + data
    }

    private func header(_ counts: [UInt16]) -> [UInt8] { header(0x8180, counts) }

    @Test func answer_isDecodedWhole() throws {
        let message = try DNSMessage(decoding: answer(1, [192, 0, 2, 7]))
        #expect(message.id == 0x1234)
        #expect(message.isResponse && message.recursionDesired && message.recursionAvailable)
        #expect(!message.isTruncated && !message.isAuthoritative && !message.isAuthenticated)
        #expect(message.questions == [DNSQuestion(name: DomainName("example.com.")!, type: .a)])
        let record = try #require(message.answers.first)
        #expect(record.name == "example.com." && record.ttl == 300 && record.type == .a)
        #expect(record.data.description == "192.0.2.7")
    }

    @Test(
        arguments: [
            (28, [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1], "2001:db8::1"),
            (5, [0x03, 0x77, 0x77, 0x77, 0xc0, 0x0c], "www.example.com."),
            (15, [0x00, 0x0a, 0x04, 0x6d, 0x61, 0x69, 0x6c, 0xc0, 0x0c], "10 mail.example.com."),
            (33, [0x00, 0x01, 0x00, 0x02, 0x01, 0xbb, 0x01, 0x61, 0xc0, 0x0c], "1 2 443 a.example.com."),
            (16, [0x03, 0x61, 0x22, 0x62, 0x01, 0x07], "\"a\\\"b\" \"\\007\""),
            (
                6,
                [0xc0, 0x0c, 0x01, 0x61, 0xc0, 0x0c] + [0, 0, 0, 1] + [0, 0, 0, 2] + [0, 0, 0, 3] + [0, 0, 0, 4] + [
                    0, 0, 0, 5,
                ],
                "example.com. a.example.com. 1 2 3 4 5"
            ),
            (257, [0x80, 0x05] + Array("issue".utf8) + Array("ca.test".utf8), "128 issue \"ca.test\""),
            (99, [0xde, 0xad, 0xbe], "\\# 3 deadbe"),
            (99, [], "\\# 0"),
        ] as [(UInt16, [UInt8], String)])
    func recordData_readsAsInAZoneFile(type: UInt16, data: [UInt8], text: String) throws {
        #expect(try DNSMessage(decoding: answer(type, data)).answers.first?.data.description == text)
    }

    @Test func httpsRecord_showsItsParameters() throws {
        let data: [UInt8] =
            [0x00, 0x01, 0x00]  // priority 1, target "."
            + [0x00, 0x00, 0x00, 0x02, 0x00, 0x01]  // mandatory=alpn
            + [0x00, 0x01, 0x00, 0x06, 0x02, 0x68, 0x33, 0x02, 0x68, 0x32]  // alpn=h3,h2
            + [0x00, 0x02, 0x00, 0x00]  // no-default-alpn
            + [0x00, 0x03, 0x00, 0x02, 0x20, 0xfb]  // port=8443
            + [0x00, 0x04, 0x00, 0x04, 192, 0, 2, 1]  // ipv4hint
            + [0x00, 0x05, 0x00, 0x03, 1, 2, 3]  // ech
            + [0x00, 0x06, 0x00, 0x10, 0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]
            + [0x02, 0x9b, 0x00, 0x02, 0x61, 0x20]  // key667="a "
        let text =
            "1 . mandatory=alpn alpn=h3,h2 no-default-alpn port=8443 ipv4hint=192.0.2.1 ech=(3 bytes) "
            + "ipv6hint=2001:db8::1 key667=a\\032"
        #expect(try DNSMessage(decoding: answer(65, data)).answers.first?.data.description == text)
    }

    @Test func optRecord_givesExtendedRcodeSizeAndExtendedError() throws {
        let bytes =
            header(0x8180, [0, 0, 0, 1])
            + [0x00, 0x00, 0x29, 0x04, 0xd0]  // root, OPT, 1232 bytes
            + [0x01, 0x00, 0x80, 0x00]  // upper rcode 1 (so 16, BADVERS), version 0, DO
            + [0x00, 0x0a, 0x00, 0x0f, 0x00, 0x06, 0x00, 0x16] + Array("dead".utf8)  // EDE 22
        let message = try DNSMessage(decoding: bytes)
        #expect(message.rcode == .badVers)
        #expect(message.edns?.udpPayloadSize == 1232)
        #expect(message.edns?.dnssecOK == true)
        #expect(message.edns?.extendedErrors.first?.code == 22)
        #expect(message.edns?.extendedErrors.first?.text == "dead")
        #expect(message.additional.isEmpty)
    }

    @Test func oddBytesInNames_areEscaped() throws {
        let bytes =
            header([0, 1, 0, 0]) + [0x04, 0x61, 0x2e, 0x5c, 0x00, 0x00]  // "a", ".", "\", NUL
            + [0x00, 0x63, 0x00, 0x01, 0, 0, 0, 0, 0, 0]
        #expect(try DNSMessage(decoding: bytes).answers.first?.name == "a\\.\\\\\\000.")
    }

    @Test func truncatedAnswer_keepsWhatIsThere() throws {
        let whole = answer(1, [192, 0, 2, 7])
        for length in 29...whole.count {
            var cut = Array(whole.prefix(length))
            cut[2] |= 0x02  // TC
            let message = try DNSMessage(decoding: cut)
            #expect(message.isTruncated && message.questions.count == 1)
            #expect(message.answers.count == (length == whole.count ? 1 : 0))
        }
    }

    /// One record of each form, cut at every byte: an error, or with TC set what came before the cut.
    @Test func everyCutOfEveryRecordForm_isAnErrorOrWhatWasThere() throws {
        let data: [(DNSType, DNSRecordData)] = [
            (.cname, .name("b.test.")), (.mx, .mx(preference: 10, exchange: "m.test.")),
            (.srv, .srv(priority: 1, weight: 2, port: 3, target: "s.test.")), (.txt, .txt([[0x61, 0x62], []])),
            (.soa, .soa(primary: "p.", mailbox: "m.", serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5)),
            (.caa, .caa(flags: 0, tag: "issue", value: [0x61])), (DNSType(rawValue: 99), .raw([1, 2, 3])),
            (.aaaa, .address(.v6(IPv6Address(high: 1, low: 2)))),
        ]
        let records = data.map { DNSRecord(name: "a.test.", type: $0.0, ttl: 60, data: $0.1) }
        let name = try #require(DomainName("a.test."))
        let whole = DNSMessage(
            id: 7, isResponse: true, questions: [DNSQuestion(name: name, type: .any)], answers: records,
            edns: DNSEDNS(options: [DNSEDNS.Option(code: 15, data: [0, 1, 0x61])])
        ).encoded()
        #expect(try DNSMessage(decoding: whole).answers == records)
        for length in 0..<whole.count {
            #expect(throws: WireError.self) { try DNSMessage(decoding: Array(whole.prefix(length))) }
            guard length > 24 else { continue }
            var cut = Array(whole.prefix(length))
            cut[2] |= 0x02  // TC
            #expect(
                try DNSMessage(decoding: cut).answers
                    == Array(records.prefix(try DNSMessage(decoding: cut).answers.count)))
        }
    }

    /// Every byte set to what breaks most: no crash, no more records than bytes can hold.
    @Test func everyByteChanged_isReadOrRefused() {
        let whole = answer(1, [192, 0, 2, 7])
        for index in whole.indices {
            for value in [0x00, 0x3f, 0x40, 0x80, 0xc0, 0xff] as [UInt8] {
                var bytes = whole
                bytes[index] = value
                let message = try? DNSMessage(decoding: bytes)
                #expect((message?.answers.count ?? 0) * 11 <= bytes.count)
            }
        }
    }

    @Test func everyCutOfAWholeAnswer_isAnError() {
        let whole = answer(1, [192, 0, 2, 7])
        for length in 0..<whole.count {
            #expect(throws: WireError.self) { try DNSMessage(decoding: Array(whole.prefix(length))) }
        }
    }

    @Test(
        arguments: [
            // A pointer to itself, forwards, and to a name that points back to it.
            ([0xc0, 0x0c], WireError.Problem.loop),
            ([0xc0, 0x0e, 0x00], .loop),
            ([0x01, 0x61, 0xc0, 0x0c], .loop),
            ([0x80, 0x00], .invalid),
            ([0x3f] + [UInt8](repeating: 0x61, count: 20), .cutShort),
        ] as [([UInt8], WireError.Problem)])
    func badName_isRefused(name: [UInt8], problem: WireError.Problem) {
        let bytes = header([1, 0, 0, 0]) + name + [0, 1, 0, 1]
        #expect(throws: WireError(field: "question name", problem: problem)) { try DNSMessage(decoding: bytes) }
    }

    @Test func nameOfMoreThan255Bytes_isRefused() {
        let label = [UInt8(63)] + [UInt8](repeating: 0x61, count: 63)
        let bytes = header([1, 0, 0, 0]) + label + label + label + label + [0, 0, 1, 0, 1]
        #expect(throws: WireError(field: "question name", problem: .tooLong)) { try DNSMessage(decoding: bytes) }
    }

    @Test func impossibleCounts_areRefusedBeforeAnythingIsRead() {
        let bytes = header([0, 0xffff, 0xffff, 0xffff]) + [UInt8](repeating: 0, count: 100)
        #expect(throws: WireError(field: "record section", problem: .cutShort)) { try DNSMessage(decoding: bytes) }
        #expect(throws: WireError(field: "question section", problem: .cutShort)) {
            try DNSMessage(decoding: header([0xffff, 0, 0, 0]) + [0, 0, 1, 0, 1])
        }
    }

    @Test(
        arguments: [
            (1, [1, 2, 3]), (28, [1, 2, 3, 4]), (5, [0, 0]), (16, [5, 0x61]), (257, [0, 0]), (65, [0, 1, 0, 0, 1]),
        ]
            as [(UInt16, [UInt8])])
    func recordDataOfTheWrongForm_isRefused(type: UInt16, data: [UInt8]) {
        #expect(throws: WireError.self) { try DNSMessage(decoding: answer(type, data)) }
    }

    @Test func twoOptRecords_areRefused() {
        let opt: [UInt8] = [0x00, 0x00, 0x29, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]
        #expect(throws: WireError(field: "OPT record", problem: .invalid)) {
            try DNSMessage(decoding: header([0, 0, 0, 2]) + opt + opt)
        }
    }

    @Test func query_isEncodedAsOthersDo() {
        let query = DNSMessage(
            id: 0x1234, questions: [DNSQuestion(name: DomainName("example.com")!, type: .aaaa)],
            edns: DNSEDNS(udpPayloadSize: 1232, dnssecOK: true))
        let expected: [UInt8] =
            [0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 1] + example + [0x00, 0x1c, 0x00, 0x01]
            + [0x00, 0x00, 0x29, 0x04, 0xd0, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00]
        #expect(query.encoded() == expected)
    }

    @Test func everyRecordType_survivesEncodingAndDecoding() throws {
        let data: [(DNSType, DNSRecordData)] = [
            (.a, .address(IPAddress("192.0.2.1")!)), (.aaaa, .address(IPAddress("2001:db8::1")!)),
            (.cname, .name("www.example.com.")), (.ns, .name("ns.example.net.")), (.ptr, .name("a\\.b.example.com.")),
            (.dname, .name("example.org.")), (.mx, .mx(preference: 10, exchange: "mail.example.com.")),
            (.srv, .srv(priority: 1, weight: 2, port: 443, target: "example.com.")),
            (.txt, .txt([Array("v=spf1".utf8), [0, 255]])),
            (
                .soa,
                .soa(
                    primary: "ns.example.com.", mailbox: "host.example.com.", serial: .max, refresh: 1, retry: 2,
                    expire: 3,
                    minimum: 4)
            ),
            (.caa, .caa(flags: 0, tag: "issue", value: Array("ca.test".utf8))),
            (
                .https,
                .service(
                    priority: 1, target: ".", parameters: ["alpn=h3,h2", "port=443", "ipv4hint=192.0.2.1", "key700=x"])
            ),
            (DNSType(rawValue: 99), .raw([1, 2, 3])),
        ]
        let message = DNSMessage(
            id: 7, isResponse: true, opcode: 4, isAuthoritative: true, isTruncated: false, recursionAvailable: true,
            isAuthenticated: true, checkingDisabled: true, rcode: .badVers,
            questions: [DNSQuestion(name: DomainName("example.com.")!, type: .any)],
            answers: data.map { DNSRecord(name: "example.com.", type: $0.0, ttl: 300, data: $0.1) },
            authority: [DNSRecord(name: "com.", type: .ns, ttl: 1, data: .name("a.com."))],
            additional: [
                DNSRecord(name: "Odd\\032Name.example.com.", type: .txt, recordClass: 3, ttl: 1, data: .txt([[]]))
            ],
            edns: DNSEDNS(options: [DNSEDNS.Option(code: 15, data: [0, 22])]))
        #expect(try DNSMessage(decoding: message.encoded()) == message)
    }

    @Test func nameBeyondTheLimits_isWrittenAsTheRoot() throws {
        let long = String(repeating: "a", count: 64) + ".example."
        let message = DNSMessage(id: 1, answers: [DNSRecord(name: long, type: .ns, ttl: 1, data: .name(long))])
        let decoded = try DNSMessage(decoding: message.encoded())
        #expect(decoded.answers.first?.name == "." && decoded.answers.first?.data == .name("."))
    }

    /// Not random bytes alone, which fail at once, but also good messages with some bytes changed.
    @Test func damagedAndRandomMessages_neverCrash() {
        var random = SeededRandom(seed: 0x1ead_5a11)
        let good = [
            answer(1, [192, 0, 2, 7]), answer(6, [0xc0, 0x0c, 0xc0, 0x0c] + [UInt8](repeating: 1, count: 20)),
            answer(65, [0, 1, 0, 0, 1, 0, 3, 2, 0x68, 0x33]),
        ]
        var decoded = 0
        for round in 0..<20_000 {
            var bytes =
                round % 4 == 0
                ? (0..<Int(random.next() % 80)).map { _ in UInt8(truncatingIfNeeded: random.next()) } : good[round % 3]
            for _ in 0..<(random.next() % 4) where !bytes.isEmpty {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            if let message = try? DNSMessage(decoding: bytes) {
                decoded += 1
                _ = message.answers.map(\.data.description)
                _ = message.encoded()
            }
        }
        #expect(decoded > 1000)
    }
}
