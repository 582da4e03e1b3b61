import NetValues
import PacketBuilding
import Testing
import Wire

private let client: PacketEndpoint = "198.18.0.1:40000"
private let server: PacketEndpoint = "198.18.0.2:443"
private let client6: PacketEndpoint = "[fd00:18::1]:40000"
private let server6: PacketEndpoint = "[fd00:18::2]:443"

/// The same packet upon every link that is read.
struct LinkCase: CustomTestStringConvertible {
    let testDescription: String
    let linkType: LinkType
    let wrap: @Sendable ([UInt8]) -> [UInt8]

    static let all: [LinkCase] = [
        LinkCase(testDescription: "Ethernet", linkType: .ethernet) { PacketBytes.frame($0) },
        LinkCase(testDescription: "VLAN", linkType: .ethernet) { PacketBytes.frame($0, vlans: [7]) },
        LinkCase(testDescription: "QinQ", linkType: .ethernet) { PacketBytes.frame($0, vlans: [7, 8]) },
        LinkCase(testDescription: "SNAP", linkType: .ethernet) { packet in
            let carried = [0xaa, 0xaa, 3, 0, 0, 0] + (packet[0] >> 4 == 6 ? [0x86, 0xdd] : [8, 0]) + packet
            return PacketBytes.ethernet(UInt16(carried.count), carried)
        },
        LinkCase(testDescription: "SLL", linkType: .linuxCooked) { PacketBytes.linuxCooked($0, packetType: 4) },
        LinkCase(testDescription: "SLL2", linkType: .linuxCooked2) { PacketBytes.linuxCooked2($0, packetType: 4) },
        LinkCase(testDescription: "raw", linkType: .raw) { $0 },
        LinkCase(testDescription: "null, little-endian", linkType: .null) { PacketBytes.loopback($0) },
        LinkCase(testDescription: "null, big-endian", linkType: .null) { PacketBytes.loopback($0, isBigEndian: true) },
        LinkCase(testDescription: "loop", linkType: .loop) { PacketBytes.loopback($0, isBigEndian: true) },
        LinkCase(testDescription: "MPLS", linkType: .ethernet) {
            PacketBytes.ethernet(0x8847, PacketBytes.mpls($0, labels: [100, 200]))
        },
        LinkCase(testDescription: "PPPoE", linkType: .ethernet) {
            PacketBytes.ethernet(0x8864, PacketBytes.pppoe($0, session: 9))
        },
    ]
}

@Suite struct FrameDecoderLinkTests {
    @Test(arguments: LinkCase.all) func findsThePacket_uponEveryLink(link: LinkCase) throws {
        let payload: [UInt8] = [1, 2, 3]
        let four = PacketBytes.tcp(client, server, [.psh, .ack], sequence: 5, acknowledgement: 6, payload: payload)
        let six = PacketBytes.tcp(client6, server6, [.psh, .ack], sequence: 5, acknowledgement: 6, payload: payload)
        for (packet, source, destination) in [(four, client, server), (six, client6, server6)] {
            var decoder = FrameDecoder()
            let frame = link.wrap(packet)
            // Bytes behind the packet, as Ethernet pads, are not its payload.
            let found = decoder.collect(frame + [0xff, 0xff, 0xff, 0xff, 0xff], linkType: link.linkType)
            try #require(found.packets.count == 1)
            #expect(found.others.isEmpty)
            let visited = found.packets[0]
            #expect(visited.packet.source == source.address)
            #expect(visited.packet.destination == destination.address)
            #expect(visited.packet.hopLimit == 64)
            #expect(visited.packet.totalLength == packet.count)
            let segment = try #require(visited.tcp)
            #expect(segment.sourcePort == 40000)
            #expect(segment.destinationPort == 443)
            #expect(segment.sequence == 5)
            #expect(segment.acknowledgement == 6)
            #expect(segment.flags == [.psh, .ack])
            #expect(segment.payloadLength == 3)
            #expect(segment.payloadOffset == frame.count - 3)
        }
    }

    @Test func tellsAddressesDirectionAndTag() {
        let packet = PacketBytes.udp(client, server, [1])
        var decoder = FrameDecoder()
        let tagged = decoder.collect(PacketBytes.frame(packet, vlans: [7, 8])).packets.first?.packet.link
        #expect(
            tagged
                == LinkHeader(source: PacketBytes.clientLink, destination: PacketBytes.serverLink, vlan: 7))
        let directions: [LinkHeader.Direction] = [.incoming, .broadcast, .multicast, .forwarded, .outgoing, .unknown]
        for (type, direction) in directions.enumerated() {
            let one = decoder.collect(
                PacketBytes.linuxCooked(packet, packetType: UInt16(type)), linkType: .linuxCooked)
            let two = decoder.collect(
                PacketBytes.linuxCooked2(packet, packetType: UInt8(type)), linkType: .linuxCooked2)
            var expected = LinkHeader(source: PacketBytes.clientLink, direction: direction)
            #expect(one.packets.first?.packet.link == expected)
            // The second version says which interface it was.
            expected.interfaceIndex = 2
            #expect(two.packets.first?.packet.link == expected)
        }
    }

    @Test func handsOnARP_withWhereItBegins() {
        let arp = PacketBytes.ARP(
            operation: 1, senderLink: PacketBytes.clientLink, sender: "198.18.0.1", target: "198.18.0.2")
        var decoder = FrameDecoder()
        let plain = decoder.collect(PacketBytes.frame(arp))
        #expect(plain.arps.map(\.offset) == [14])
        #expect(plain.arps.first?.link.destination == PacketBytes.broadcastLink)
        let cooked = decoder.collect(PacketBytes.linuxCooked(arp.bytes, type: 0x0806), linkType: .linuxCooked)
        #expect(cooked.arps.map(\.offset) == [16])
    }
}
