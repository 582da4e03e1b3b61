import NetValues
import Testing
import Wire

/// Bytes from hex with blanks; what follows `//` on a line is a comment.
private func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.split(separator: "\n").flatMap { line -> [Character] in
        let code = line.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        return code.filter { !$0.isWhitespace }
    }
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
}

@Suite struct ICMPEchoTests {
    @Test func request_hasTypeEightAndChecksum_whenIPv4() {
        let echo = ICMPEcho(identifier: 0x1234, sequence: 7, payload: [0xde, 0xad, 0xbe, 0xef])
        let expected = bytes(
            """
            08 00        // echo request, code 0
            48 27        // checksum: 0800 + 1234 + 0007 + dead + beef, folded to b7d8, complemented
            12 34 00 07  // identifier, sequence
            de ad be ef  // payload
            """)
        let request = echo.request(.v4)
        #expect(request == expected)
        #expect(ICMPMessage.isChecksumRight(request[...]))
    }

    @Test func checksum_isThatOfRFC1071() {
        // RFC 1071 section 3: the sum of these words is ddf2, the checksum its complement.
        #expect(internetChecksum(bytes("00 01 f2 03 f4 f5 f6 f7")[...]) == 0x220d)
    }

    @Test func checksum_padsAnOddByteWithZero() {
        #expect(internetChecksum(bytes("01 02 03")[...]) == ~UInt16(0x0102 + 0x0300))
    }

    @Test func checksum_isWrong_whenOneBitDiffers() {
        var request = ICMPEcho(identifier: 1, sequence: 2, payload: [3, 4, 5]).request(.v4)
        request[9] ^= 0x10
        #expect(!ICMPMessage.isChecksumRight(request[...]))
    }

    @Test func request_leavesChecksumToTheKernel_whenIPv6() {
        let request = ICMPEcho(identifier: 0xabcd, sequence: 0xffff, payload: []).request(.v6)
        #expect(request == bytes("80 00 00 00 ab cd ff ff"))
    }

    @Test(arguments: IPAddress.Family.allCases)
    func reply_isDecodedAsItWasEncoded(_ family: IPAddress.Family) throws {
        let echo = ICMPEcho(identifier: 9, sequence: 65535, payload: [1, 2, 3])
        #expect(try ICMPMessage(decoding: echo.reply(family)[...], family) == .echoReply(echo))
        #expect(try ICMPMessage(decoding: echo.request(family)[...], family) == .echoRequest(echo))
    }

    @Test func decode_doesNotTakeOneFamilyForTheOther() throws {
        let echo = ICMPEcho(identifier: 9, sequence: 1, payload: [])
        #expect(try ICMPMessage(decoding: echo.reply(.v4)[...], .v6) != .echoReply(echo))
        #expect(try ICMPMessage(decoding: echo.reply(.v6)[...], .v4) == .other(type: 129, code: 0))
    }

    @Test(arguments: 0..<8)
    func decode_throws_whenTheHeaderIsCutShort(_ length: Int) {
        let reply = ICMPEcho(identifier: 9, sequence: 1, payload: [1]).reply(.v4)
        #expect(throws: WireError.self) { try ICMPMessage(decoding: reply.prefix(length), .v4) }
    }
}

@Suite struct EchoPatternTests {
    @Test func payload_hasTheSizeAskedFor() {
        for size in [0, 1, 7, 8, 9, 56, 65507] {
            #expect(EchoPattern(cookie: 1, size: size).payload(request: 3).count == size)
        }
    }

    @Test func matches_onlyItsOwnRequestAndCookie() {
        let pattern = EchoPattern(cookie: 0x0123_4567_89ab_cdef, size: 16)
        let echo = ICMPEcho(identifier: 1, sequence: 5, payload: pattern.payload(request: 5)[...])
        #expect(pattern.matches(echo, request: 5))
        // 65541 has the sequence number 5 again.
        for other: UInt32 in [4, 6, 65541, .max] { #expect(!pattern.matches(echo, request: other)) }
        #expect(!EchoPattern(cookie: 1, size: 16).matches(echo, request: 5))
    }

    @Test func mayBegin_takesAnyPartOfItsOwnRequest_andZerosBehindIt() {
        let pattern = EchoPattern(cookie: 5, size: 16)
        let payload = pattern.payload(request: 9)
        for length in 0...16 {
            #expect(pattern.mayBegin(payload.prefix(length), request: 9))
            #expect(pattern.mayBegin((payload.prefix(length) + [UInt8](repeating: 0, count: 112))[...], request: 9))
        }
        #expect(!pattern.mayBegin(payload[...], request: 10))
        #expect(!pattern.mayBegin((payload.prefix(8) + [payload[8] ^ 1, 1])[...], request: 9))
    }

    @Test func matches_notWhatIsShorterLongerOrChanged() {
        let pattern = EchoPattern(cookie: 77, size: 12)
        let payload = pattern.payload(request: 0)
        var changed = payload
        changed[11] ^= 1
        for wrong in [payload.dropLast(), (payload + [0])[...], changed[...]] {
            #expect(!pattern.matches(ICMPEcho(identifier: 1, sequence: 0, payload: wrong), request: 0))
        }
    }
}

@Suite struct ICMPErrorTests {
    /// The echo request 198.18.1.2 > 198.18.2.9, identifier 0x0a0b, sequence 0x0102, as routers quote it.
    private static let quotedIPv4 = """
        45 00 00 54 1c 46 40 00 3f 01 92 2d  // version 4, 20 bytes of header, ICMP
        c6 12 01 02  c6 12 02 09             // source, destination
        08 00 f1 f2 0a 0b 01 02              // echo request
        """

    @Test func decode_readsHostUnreachable_withTheQuotedRequest() throws {
        let message = try ICMPMessage(
            decoding: bytes("03 01 fc fe 00 00 00 00  // destination unreachable, host\n" + Self.quotedIPv4)[...], .v4)
        guard case .error(let error) = message else {
            Issue.record("not an error: \(message)")
            return
        }
        #expect(error.type == 3 && error.code == 1 && error.mtu == nil)
        #expect(error.quoted?.source == IPAddress("198.18.1.2"))
        #expect(error.quoted?.destination == IPAddress("198.18.2.9"))
        #expect(error.quoted?.echo == QuotedEcho(identifier: 0x0a0b, sequence: 0x0102))
    }

    @Test func decode_readsTheMTU_whenFragmentationIsNeeded() throws {
        let error = try Self.error("03 04 00 00 00 00 05 78 // next-hop MTU 1400\n" + Self.quotedIPv4, .v4)
        #expect(error?.mtu == 1400)
        #expect(try Self.error("03 04 00 00 00 00 00 00 // a router of before RFC 1191", .v4)?.mtu == nil)
    }

    @Test func decode_skipsIPv4Options_inTheQuotedPacket() throws {
        let error = try Self.error(
            """
            0b 00 00 00 00 00 00 00              // time exceeded in transit
            48 00 00 60 00 00 00 00 01 01 00 00  // 32 bytes of header
            c6 12 01 02  c6 12 02 09
            07 0b 04 00 00 00 00 00 00 00 00 00  // record route, padded
            08 00 00 00 00 01 00 02              // echo request
            """, .v4)
        #expect(error?.quoted?.echo == QuotedEcho(identifier: 1, sequence: 2))
    }

    @Test func decode_walksExtensionHeaders_whenIPv6() throws {
        let error = try Self.error(
            """
            02 00 00 00 00 00 05 00                          // packet too big, MTU 1280
            60 00 00 00 00 18 00 3f                          // version 6, next header 0: hop by hop
            fd 00 00 18 00 01 00 00 00 00 00 00 00 00 00 02  // source
            fd 00 00 18 00 02 00 00 00 00 00 00 00 00 00 02  // destination
            2c 00 01 04 00 00 00 00                          // hop by hop, then fragment
            3a 00 00 01 de ad be ef                          // first fragment, then ICMPv6
            80 00 00 00 00 07 00 09                          // echo request
            """, .v6)
        #expect(error?.mtu == 1280)
        #expect(error?.quoted?.destination == IPAddress("fd00:18:2::2"))
        #expect(error?.quoted?.protocolNumber == 58)
        #expect(error?.quoted?.echo == QuotedEcho(identifier: 7, sequence: 9))
    }

    @Test func decode_findsNoEcho_inALaterFragmentOrAnotherProtocol() throws {
        let fragment = Self.quotedIPv4.replacing("40 00 3f 01", with: "00 b9 3f 01")
        #expect(try Self.error("03 01 00 00 00 00 00 00\n" + fragment, .v4)?.quoted?.echo == nil)
        let udp = Self.quotedIPv4.replacing("3f 01", with: "3f 11")
        #expect(try Self.error("03 03 00 00 00 00 00 00\n" + udp, .v4)?.quoted?.echo == nil)
    }

    @Test func decode_survivesEveryPrefix() throws {
        let whole = bytes("03 01 fc fe 00 00 00 00\n" + Self.quotedIPv4)
        for length in 8..<whole.count {
            let message = try ICMPMessage(decoding: whole.prefix(length), .v4)
            guard case .error(let error) = message else {
                Issue.record("not an error at \(length)")
                return
            }
            #expect(error.quoted?.echo == nil)
        }
    }

    @Test func decode_refusesHostileHeaders() throws {
        // A header of four bytes, options beyond the end, and version 6 in IPv4.
        let hostile = [
            "41 00 00 54 00 00 00 00 40 01 00 00 c6 12 01 02 c6 12 02 09 08 00 00 00 00 01 00 02",
            "4f 00 00 54 00 00 00 00 40 01 00 00 c6 12 01 02 c6 12 02 09 08 00 00 00 00 01 00 02",
            "65 00 00 54 00 00 00 00 40 01 00 00 c6 12 01 02 c6 12 02 09 08 00 00 00 00 01 00 02",
        ]
        for packet in hostile { #expect(try Self.error("03 01 00 00 00 00 00 00" + packet, .v4)?.quoted == nil) }
    }

    @Test func decode_endsAChainOfExtensionHeaders() throws {
        let header = "60 00 00 00 00 18 3c 3f" + String(repeating: "00", count: 32)
        let chain = String(repeating: "3c 00 01 04 00 00 00 00", count: 500)
        #expect(try Self.error("01 00 00 00 00 00 00 00" + header + chain, .v6)?.quoted == nil)
    }

    @Test func redirectAndSourceQuench_areNoErrors() throws {
        for type in ["04", "05"] {
            let message = try ICMPMessage(decoding: bytes(type + " 00 00 00 c6 12 01 01\n" + Self.quotedIPv4)[...], .v4)
            if case .error = message { Issue.record("type \(type) counts as an error") }
        }
    }

    @Test func stripped_leavesTheICMPMessage_ofARawSocket() throws {
        let packet = bytes(Self.quotedIPv4)
        #expect(try IPv4Header.stripped(packet[...]) == bytes("08 00 f1 f2 0a 0b 01 02")[...])
        #expect(throws: WireError.self) { try IPv4Header.stripped(packet.prefix(19)) }
    }

    private static func error(_ hex: String, _ family: IPAddress.Family) throws -> ICMPError? {
        if case .error(let error) = try ICMPMessage(decoding: bytes(hex)[...], family) { error } else { nil }
    }
}

@Suite struct ICMPErrorNameTests {
    @Test(arguments: [
        (UInt8(3), UInt8(0), false, "network unreachable (3/0)"), (3, 1, false, "host unreachable (3/1)"),
        (3, 3, false, "port unreachable (3/3)"), (3, 4, false, "fragmentation needed (3/4)"),
        (3, 13, false, "administratively prohibited (3/13)"), (3, 200, false, "destination unreachable (3/200)"),
        (11, 0, false, "time exceeded (11/0)"), (99, 1, false, "ICMP type 99 (99/1)"),
        (1, 1, true, "administratively prohibited (1/1)"), (1, 3, true, "address unreachable (1/3)"),
        (2, 0, true, "packet too big (2/0)"), (3, 0, true, "hop limit exceeded (3/0)"),
        (77, 0, true, "ICMPv6 type 77 (77/0)"),
    ])
    func name_isForPeople(type: UInt8, code: UInt8, isV6: Bool, name: String) {
        #expect(icmpErrorName(type: type, code: code, isV6: isV6) == name)
    }
}
