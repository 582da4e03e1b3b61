import NetValues
import Testing
import Wire

@Suite struct NTPMessageTests {
    /// Version 4, server, stratum 2, of 2026-01-31T12:00:00Z and half a second.
    private static func answer(
        leap: UInt8 = 0, stratum: UInt8 = 2, mode: UInt8 = 4, reference: String = "GPS\0", stamp: UInt64 = stamp
    ) -> [UInt8] {
        var bytes: [UInt8] = [leap << 6 | 4 << 3 | mode, stratum, 6, 0xe9] + [UInt8](repeating: 0, count: 8)
        bytes += Array(reference.utf8) + [UInt8](repeating: 0, count: 8)
        for value in [0x0102_0304_0506_0708, stamp, stamp] as [UInt64] {
            bytes.append(uint32: UInt32(value >> 32))
            bytes.append(uint32: UInt32(truncatingIfNeeded: value))
        }
        return bytes
    }

    private static let noon = WallTime(seconds: 1_769_860_800)
    private static let stamp = UInt64(1_769_860_800 + 2_208_988_800) << 32 | 0x8000_0000

    @Test func anAnswer_isRead() throws {
        let message = try NTPMessage(decoding: Self.answer())
        #expect(message.version == 4 && message.mode == 4 && message.stratum == 2)
        #expect(message.origin == 0x0102_0304_0506_0708)
        #expect(message.isSynchronised && message.kissCode == nil)
        let offset = try #require(message.offset(sentAt: Self.noon, receivedAt: Self.noon + .milliseconds(10)))
        #expect(offset == .milliseconds(495))
    }

    @Test func aKiss_isKnownByItsCode() throws {
        let message = try NTPMessage(decoding: Self.answer(leap: 3, stratum: 0, reference: "DENY"))
        #expect(message.kissCode == "DENY" && !message.isSynchronised)
        #expect(try NTPMessage(decoding: Self.answer(leap: 3, stratum: 0, reference: "\0\0\0\0")).kissCode == nil)
        #expect(try !NTPMessage(decoding: Self.answer(stratum: 16)).isSynchronised)
    }

    @Test(arguments: [UInt64(0), UInt64.max, 1, 1 << 63, 0x83aa_7e80_0000_0000, 0x83aa_7e7f_ffff_ffff])
    func oddStamps_giveNoOffset_orASoundOne(_ stamp: UInt64) throws {
        let message = try NTPMessage(decoding: Self.answer(stamp: stamp))
        for instant in [WallTime(nanoseconds: .min), Self.noon, WallTime(nanoseconds: .max)] {
            _ = message.offset(sentAt: instant, receivedAt: instant)
        }
    }

    @Test func theEraAfter2036_isUnderstood() throws {
        // The first second of era 1 is 2036-02-07T06:28:16Z.
        let message = try NTPMessage(decoding: Self.answer(stamp: 1 << 32))
        let start = WallTime(seconds: 2_085_978_497)
        #expect(message.offset(sentAt: start, receivedAt: start) == .zero)
    }

    @Test func aRequest_tellsNothingButItsNonce() throws {
        let bytes = NTPMessage.request(nonce: 0xdead_beef_0102_0304)
        #expect(bytes.count == NTPMessage.length && bytes[0] == 0x23)
        #expect(bytes[1..<40].allSatisfy { $0 == 0 })
        #expect(bytes[40...] == [0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4])
        #expect(throws: WireError.self) { try NTPMessage(decoding: Array(bytes.dropLast())) }
        #expect(throws: WireError.self) { try NTPMessage(decoding: [UInt8](repeating: 0, count: 48)) }
    }
}

@Suite struct SIPResponseTests {
    private static func read(_ text: String) throws -> SIPResponse { try SIPResponse(decoding: Array(text.utf8)) }

    @Test func anAnswer_isRead() throws {
        let answer = try Self.read(
            "SIP/2.0 405 Method Not Allowed\r\nVia: SIP/2.0/UDP x\r\n ;rport\r\nCALL-ID :  a@b\r\nServer: lab\r\n\r\nbody"
        )
        #expect(answer.status == 405 && answer.reason == "Method Not Allowed")
        #expect(answer.callID == "a@b" && answer.agent == "lab")
        #expect(try Self.read("SIP/2.0 200\ni: short\nUser-Agent: ua\n\n").callID == "short")
    }

    @Test(arguments: [
        "", "\r\n", "HTTP/1.1 200 OK\r\nCall-ID: a\r\n\r\n", "SIP/2.0 20 OK\r\nCall-ID: a\r\n\r\n",
        "SIP/2.0 999 OK\r\nCall-ID: a\r\n\r\n", "SIP/2.0 200 OK\r\n\r\nCall-ID: a", "SIP/2.0 200 OK\r\nnonsense\r\n",
        "SIP/2.0 +20 OK\r\nCall-ID: a\r\n\r\n",
    ])
    func whatIsNone_isRefused(_ text: String) {
        #expect(throws: WireError.self) { try Self.read(text) }
    }

    @Test func aRequest_hasWhatTheProtocolDemands() {
        let text = String(decoding: SIPResponse.options(target: "[fd00::1]:5060", nonce: "n1"), as: UTF8.self)
        #expect(text.hasPrefix("OPTIONS sip:[fd00::1]:5060 SIP/2.0\r\n"))
        #expect(text.hasSuffix("Content-Length: 0\r\n\r\n"))
        for field in ["Via", "Max-Forwards", "From", "To", "Call-ID", "CSeq"] {
            #expect(text.contains("\r\n\(field): "))
        }
        #expect(text.contains("z9hG4bKn1") && text.contains("Call-ID: \(SIPResponse.callID("n1"))\r\n"))
    }
}

@Suite struct QUICVersionNegotiationTests {
    private static func answer(to request: [UInt8], versions: [UInt32]) -> [UInt8] {
        let (destination, source) = (Array(request[6..<14]), Array(request[15..<23]))
        var bytes: [UInt8] = [0xca, 0, 0, 0, 0, 8] + source + [8] + destination
        for version in versions { bytes.append(uint32: version) }
        return bytes
    }

    @Test func aRequest_isLongEnough_andOfNoVersion() {
        let bytes = QUICVersionNegotiation.request(nonce: 7)
        #expect(bytes.count == 1200 && bytes[0] & 0xc0 == 0xc0)
        #expect(bytes[1] & 0x0f == 0x0a && bytes[2] & 0x0f == 0x0a)
    }

    @Test func anAnswer_isKnownByItsIdentifiers() throws {
        let request = QUICVersionNegotiation.request(nonce: 7)
        let bytes = Self.answer(to: request, versions: [1, 0x6b33_43cf, 0xff00_001d, 0x3a4a_5a6a])
        let answer = try QUICVersionNegotiation(decoding: bytes)
        #expect(answer.answers(nonce: 7) && !answer.answers(nonce: 8))
        #expect(answer.versions.map(QUICVersionNegotiation.words) == ["1", "2", "draft-29"])
    }

    @Test func whatIsNone_isRefused_andVersionsAreBounded() throws {
        let request = QUICVersionNegotiation.request(nonce: 7)
        #expect(throws: WireError.self) { try QUICVersionNegotiation(decoding: request) }
        #expect(throws: WireError.self) { try QUICVersionNegotiation(decoding: []) }
        #expect(throws: WireError.self) { try QUICVersionNegotiation(decoding: Self.answer(to: request, versions: [])) }
        #expect(throws: WireError.self) {
            try QUICVersionNegotiation(decoding: Self.answer(to: request, versions: [1]).dropLast())
        }
        let many = try QUICVersionNegotiation(
            decoding: Self.answer(to: request, versions: .init(repeating: 9, count: 300)))
        #expect(many.versions.count == QUICVersionNegotiation.mostVersions)
    }
}
