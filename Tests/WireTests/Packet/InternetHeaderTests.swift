import NetValues
import PacketBuilding
import Testing
import Wire

private let client: PacketEndpoint = "198.18.0.1:40000"
private let server: PacketEndpoint = "198.18.0.2:443"
private let client6: PacketEndpoint = "[fd00:18::1]:40000"
private let server6: PacketEndpoint = "[fd00:18::2]:443"

/// Bytes from hex with blanks; what follows `//` on a line is a comment.
func annotated(_ hex: String) -> [UInt8] {
    let digits = hex.split(separator: "\n").flatMap { line -> [Character] in
        let code = line.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        return code.filter { !$0.isWhitespace }
    }
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
}

@Suite struct IPv4DecodingTests {
    @Test func readsEveryField() throws {
        let packet = annotated(
            """
            45 b8 00 1d 12 34 40 00  // five words, DSCP 46, 29 bytes, identification, do not fragment
            3f 11 00 00              // TTL 63, UDP, checksum that nobody checks
            c6 12 00 01 c6 12 00 02  // 198.18.0.1 to 198.18.0.2
            9c 40 00 35 00 09 00 00  // UDP from 40000 to 53, 9 bytes
            61                       // payload
            """)
        var decoder = FrameDecoder()
        let found = decoder.collect(packet, linkType: .ipv4)
        let expected = NetworkPacket(
            source: "198.18.0.1", destination: "198.18.0.2", protocolNumber: 17, hopLimit: 63, trafficClass: 0xb8,
            identification: 0x1234, totalLength: 29, payloadOffset: 20, payloadLength: 9)
        try #require(found.packets.count == 1)
        #expect(found.packets[0].packet == expected)
        #expect(
            found.packets[0].udp
                == UDPDatagram(sourcePort: 40000, destinationPort: 53, payloadOffset: 28, payloadLength: 1))
    }

    @Test func takesTheFinalHop_whenTheSourceRouteIsNotUsedUp() {
        let route: [UInt8] = [131, 11, 4, 198, 18, 0, 8, 198, 18, 0, 9, 0]
        for (kind, pointer, destination) in [(131, 4, "198.18.0.9"), (137, 8, "198.18.0.9"), (131, 12, "198.18.0.2")] {
            var options = route
            options[0] = UInt8(kind)
            options[2] = UInt8(pointer)
            let packet = PacketBytes.udp(client, server, [1], PacketBytes.Internet(options: options))
            var decoder = FrameDecoder()
            let found = decoder.collect(packet, linkType: .raw)
            #expect(found.packets.first?.packet.destination == PacketAddress(stringLiteral: destination))
            #expect(found.packets.first?.udp?.payloadLength == 1)
        }
    }

    @Test(
        arguments: [
            [1, 1, 131, 200], [131, 3, 4, 0], [131, 0, 4, 0], [131, 2, 1, 1], [7, 4, 0, 0], [0, 131, 7, 4],
            [1, 1, 1, 131],
        ] as [[UInt8]])
    func keepsTheDestination_whenOptionsAreWrong(options: [UInt8]) {
        let packet = PacketBytes.udp(client, server, [1], PacketBytes.Internet(options: options))
        var decoder = FrameDecoder()
        #expect(decoder.collect(packet, linkType: .raw).packets.first?.packet.destination == server.address)
    }

    @Test func reachesToTheEndOfTheFrame_whenTheTotalLengthIsZero() throws {
        var packet = PacketBytes.tcp(client, server, .ack, payload: [UInt8](repeating: 1, count: 70_000))
        packet[2] = 0
        packet[3] = 0
        var decoder = FrameDecoder()
        let found = try #require(decoder.collect(PacketBytes.frame(packet)).packets.first)
        #expect(found.packet.totalLength == 70_040)
        #expect(found.tcp?.payloadLength == 70_000)
    }

    @Test func isClampedToTheFrame_whenTheTotalLengthClaimsMore() throws {
        var packet = PacketBytes.tcp(client, server, .ack, payload: [1, 2, 3, 4])
        packet[3] += 100
        var decoder = FrameDecoder()
        let found = try #require(decoder.collect(packet, linkType: .raw).packets.first)
        #expect(found.packet.totalLength == 144)
        #expect(found.packet.payloadLength == 24)
        #expect(found.tcp?.payloadLength == 4)
    }

    @Test func countsWhatWasSent_whenTheCaptureIsCut() throws {
        let frame = PacketBytes.frame(PacketBytes.tcp(client, server, .ack, payload: [UInt8](repeating: 0, count: 500)))
        var decoder = FrameDecoder()
        let found = try #require(decoder.collect([UInt8](frame[..<60]), length: frame.count).packets.first)
        #expect(found.tcp?.payloadLength == 500)
        #expect(found.payload.count == 26)
    }

    @Test func tellsCutFromWrong() {
        let packet = PacketBytes.udp(client, server, [1])
        var decoder = FrameDecoder()
        #expect(decoder.collect([UInt8](packet[..<19]), linkType: .raw, length: 29).others == [.cutShort])
        #expect(decoder.collect([UInt8](packet[..<19]), linkType: .raw).others == [.cutShort])
        for (offset, value) in [(0, 0x44), (0, 0x05), (3, 19)] {
            var wrong = packet
            wrong[offset] = UInt8(value)
            #expect(decoder.collect(wrong, linkType: .ipv4).others == [.malformed])
        }
        var extended = packet
        extended[0] = 0x4f
        #expect(decoder.collect(extended, linkType: .ipv4, length: 100).others == [.cutShort])
    }

    @Test func looksBehindAnAuthenticationHeader() throws {
        let udp = PacketBytes.udpDatagram(client, server, [1, 2])
        let header = [17, 4, 0, 0] + [UInt8](repeating: 9, count: 20)
        let packet = PacketBytes.internet(client.address, server.address, 51, header + udp)
        var decoder = FrameDecoder()
        let found = try #require(decoder.collect(packet, linkType: .raw).packets.first)
        #expect(found.packet.protocolNumber == 17)
        #expect(found.packet.payloadOffset == 44)
        #expect(found.udp?.payloadLength == 2)
    }
}

@Suite struct IPv6DecodingTests {
    private func decode(_ next: UInt8, _ payload: [UInt8]) -> PacketCollector {
        var decoder = FrameDecoder()
        return decoder.collect(PacketBytes.internet(client6.address, server6.address, next, payload), linkType: .raw)
    }

    @Test func looksBehindExtensionHeaders() throws {
        let udp = PacketBytes.udpDatagram(client6, server6, [1, 2, 3])
        let authentication = [60, 4, 0, 0] + [UInt8](repeating: 9, count: 20)
        let atomic: [UInt8] = [17, 0, 0, 0, 0, 0, 0, 5]
        let chain =
            PacketBytes.extensionHeader(next: 43) + PacketBytes.extensionHeader(next: 51, [4, 0]) + authentication
            + PacketBytes.extensionHeader(next: 44, [UInt8](repeating: 0, count: 14)) + atomic
        let found = decode(0, chain + udp)
        try #require(found.packets.count == 1)
        #expect(found.packets[0].packet.protocolNumber == 17)
        #expect(found.packets[0].packet.fragment == nil)
        #expect(found.packets[0].packet.identification == 5)
        #expect(found.packets[0].packet.totalLength == 40 + chain.count + udp.count)
        #expect(found.packets[0].packet.payloadLength == udp.count)
        #expect(found.packets[0].udp?.payloadLength == 3)
    }

    @Test func takesTheFinalHop_whenARoutingHeaderHasHopsBeforeIt() {
        let hop: [UInt8] = PacketBytes.internet("fd00:18::9", "fd00:18::9", 59, [])[8..<24].map { $0 }
        let udp = PacketBytes.udpDatagram(client6, server6, [1])
        for (type, left, destination) in [(0, 1, "fd00:18::9"), (0, 0, "fd00:18::2"), (4, 1, "fd00:18::2")] {
            let header = PacketBytes.extensionHeader(next: 17, [UInt8(type), UInt8(left), 0, 0, 0, 0] + hop)
            #expect(
                decode(43, header + udp).packets.first?.packet.destination == PacketAddress(stringLiteral: destination))
        }
    }

    @Test func reachesToTheEndOfTheFrame_whenThePayloadLengthIsZero() throws {
        var packet = PacketBytes.tcp(client6, server6, .ack, payload: [UInt8](repeating: 1, count: 70_000))
        packet[4] = 0
        packet[5] = 0
        var decoder = FrameDecoder()
        let found = try #require(decoder.collect(PacketBytes.frame(packet)).packets.first)
        #expect(found.packet.totalLength == 70_060)
        #expect(found.tcp?.payloadLength == 70_000)
    }

    @Test func hasNoPayload_whenNothingFollowsTheHeader() {
        #expect(decode(59, []).packets.first?.packet.payloadLength == 0)
    }

    @Test func stopsAtEncryptedPayload() {
        let found = decode(60, PacketBytes.extensionHeader(next: 50) + [0, 0, 0, 1, 0, 0, 0, 1, 7, 7])
        #expect(found.packets.map(\.packet.protocolNumber) == [50])
        #expect(found.packets.first?.packet.payloadLength == 10)
    }

    @Test func tellsCutFromWrong() {
        #expect(decode(60, [17, 9, 0, 0, 0, 0, 0, 0]).others == [.malformed])
        #expect(decode(60, [17, 0, 0, 0]).others == [.cutShort])
        let endless = (0..<40).flatMap { _ in PacketBytes.extensionHeader(next: 60) }
        #expect(decode(60, endless).others == [.malformed])
        let packet = PacketBytes.udp(client6, server6, [1])
        var decoder = FrameDecoder()
        #expect(decoder.collect([UInt8](packet[..<39]), linkType: .raw).others == [.cutShort])
        #expect(decoder.collect([0x50] + packet.dropFirst(), linkType: .ipv6).others == [.malformed])
    }
}
