import PacketBuilding
import Testing
import Wire

private let outerClient: PacketAddress = "198.18.1.1"
private let outerServer: PacketAddress = "198.18.1.2"
private let outerClient6: PacketAddress = "fd00:18:1::1"
private let outerServer6: PacketAddress = "fd00:18:1::2"
private let inner = PacketBytes.udp("10.0.0.1:1000", "10.0.0.2:2000", [1, 2, 3])
private let inner6 = PacketBytes.udp("[fd00:19::1]:1000", "[fd00:19::2]:2000", [1, 2, 3])

private func port(_ number: UInt16) -> (from: PacketEndpoint, to: PacketEndpoint) {
    (PacketEndpoint(outerClient, 50_000), PacketEndpoint(outerServer, number))
}

private func overlay(_ number: UInt16, _ payload: [UInt8]) -> [UInt8] {
    let (from, to) = port(number)
    return PacketBytes.frame(PacketBytes.udp(from, to, payload))
}

/// A tunnel, and what is told of the packet in it.
struct TunnelCase: CustomTestStringConvertible {
    let testDescription: String
    let frame: [UInt8]
    let tunnel: Tunnel
    var innerLink: LinkAddress?

    private static func ip(_ number: UInt8, _ payload: [UInt8], over6: Bool = false) -> [UInt8] {
        PacketBytes.frame(
            PacketBytes.internet(
                over6 ? outerClient6 : outerClient, over6 ? outerServer6 : outerServer, number, payload))
    }

    private static let innerFrame = PacketBytes.frame(inner, from: "0a:00:00:00:00:01", to: "0a:00:00:00:00:02")
    private static let innerLink: LinkAddress = "0a:00:00:00:00:01"

    static let all: [TunnelCase] = [
        TunnelCase(testDescription: "4 in 4", frame: ip(4, inner), tunnel: Tunnel(.ipInIP)),
        TunnelCase(testDescription: "6 in 4", frame: ip(41, inner6), tunnel: Tunnel(.ipInIP)),
        TunnelCase(testDescription: "4 in 6", frame: ip(4, inner, over6: true), tunnel: Tunnel(.ipInIP)),
        TunnelCase(testDescription: "6 in 6", frame: ip(41, inner6, over6: true), tunnel: Tunnel(.ipInIP)),
        TunnelCase(testDescription: "GRE", frame: ip(47, PacketBytes.gre(inner)), tunnel: Tunnel(.gre)),
        TunnelCase(testDescription: "GRE, IPv6", frame: ip(47, PacketBytes.gre(inner6)), tunnel: Tunnel(.gre)),
        TunnelCase(
            testDescription: "GRE with all there is",
            frame: ip(47, PacketBytes.gre(inner, key: 77, sequence: 5, hasChecksum: true)),
            tunnel: Tunnel(.gre, identifier: 77)),
        TunnelCase(
            testDescription: "NVGRE", frame: ip(47, PacketBytes.gre(innerFrame, type: 0x6558, key: 0x1234_5600)),
            tunnel: Tunnel(.gre, identifier: 0x1234_5600), innerLink: innerLink),
        TunnelCase(
            testDescription: "GRE over IPv6", frame: ip(47, PacketBytes.gre(inner), over6: true), tunnel: Tunnel(.gre)),
        TunnelCase(
            testDescription: "MPLS in GRE",
            frame: ip(47, PacketBytes.gre(PacketBytes.mpls(inner, labels: [3, 4]), type: 0x8847)),
            tunnel: Tunnel(.mpls, identifier: 4)),
        TunnelCase(
            testDescription: "VXLAN", frame: overlay(4789, PacketBytes.vxlan(innerFrame, network: 42)),
            tunnel: Tunnel(.vxlan, identifier: 42), innerLink: innerLink),
        TunnelCase(
            testDescription: "flannel", frame: overlay(8472, PacketBytes.vxlan(innerFrame, network: 1)),
            tunnel: Tunnel(.vxlan, identifier: 1), innerLink: innerLink),
        TunnelCase(
            testDescription: "Geneve", frame: overlay(6081, PacketBytes.geneve(innerFrame, network: 0xabcdef)),
            tunnel: Tunnel(.geneve, identifier: 0xabcdef), innerLink: innerLink),
        TunnelCase(
            testDescription: "Geneve with options and IP",
            frame: overlay(
                6081, PacketBytes.geneve(inner, network: 7, type: 0x0800, options: [1, 2, 3, 1, 0, 0, 0, 9])),
            tunnel: Tunnel(.geneve, identifier: 7)),
    ]
}

@Suite struct TunnelDecodingTests {
    @Test(arguments: TunnelCase.all) func visitsTheOuterPacketAndThenTheInner(tunnel: TunnelCase) throws {
        var decoder = FrameDecoder()
        let found = decoder.collect(tunnel.frame + [0, 0, 0, 0])
        try #require(found.packets.count == 2)
        #expect(found.others.isEmpty)
        let (outer, within) = (found.packets[0].packet, found.packets[1].packet)
        #expect(outer.depth == 0)
        #expect(outer.tunnel == nil)
        #expect(within.depth == 1)
        #expect(within.tunnel == tunnel.tunnel)
        #expect(within.source == "10.0.0.1" || within.source == "fd00:19::1")
        #expect(found.packets[1].udp?.destinationPort == 2000)
        #expect(found.packets[1].udp?.payloadLength == 3)
        #expect(found.packets[1].packet.link.source == (tunnel.innerLink ?? PacketBytes.clientLink))
    }

    @Test func visitsFourPacketsAtMost() {
        var packet = inner
        for _ in 0..<10 { packet = PacketBytes.internet(outerClient, outerServer, 4, packet) }
        var decoder = FrameDecoder()
        #expect(decoder.collect(packet, linkType: .raw).packets.map(\.packet.depth) == [0, 1, 2, 3])
    }

    @Test func handsOnARP_ofTheOverlay() {
        let arp = PacketBytes.ARP(
            operation: 1, senderLink: "0a:00:00:00:00:01", sender: "10.0.0.1", target: "10.0.0.2")
        var decoder = FrameDecoder()
        let found = decoder.collect(overlay(4789, PacketBytes.vxlan(PacketBytes.frame(arp), network: 1)))
        #expect(found.arps.map(\.offset) == [14 + 20 + 8 + 8 + 14])
        #expect(found.arps.first?.link.source == "0a:00:00:00:00:01")
    }

    @Test func readsEthernetBehindAControlWord() throws {
        let pseudowire = PacketBytes.mpls([0, 0, 0, 0] + PacketBytes.frame(inner), labels: [16, 17])
        var decoder = FrameDecoder()
        let found = try #require(decoder.collect(PacketBytes.ethernet(0x8847, pseudowire)).packets.first)
        #expect(found.packet.tunnel == Tunnel(.mpls, identifier: 17))
        #expect(found.packet.depth == 0)
        #expect(found.udp?.payloadLength == 3)
    }

    @Test func clampsToTheLengthOfThePPPoESession() throws {
        let packet = PacketBytes.tcp("10.0.0.1:1000", "10.0.0.2:2000", .ack, payload: [1, 2, 3, 4])
        let session = PacketBytes.pppoe(packet, session: 1, length: UInt16(packet.count + 2 - 3))
        var decoder = FrameDecoder()
        let found = try #require(decoder.collect(PacketBytes.ethernet(0x8864, session)).packets.first)
        #expect(found.packet.tunnel == Tunnel(.pppoe, identifier: 1))
        #expect(found.tcp?.payloadLength == 1)
    }

    @Test func leavesAlone_whatOnlyUsesThePort() {
        var decoder = FrameDecoder()
        let answer = overlay(8472, [0x88, 0x80, 0, 1] + PacketBytes.frame(inner))
        let withoutFlag = overlay(4789, [0, 0, 0, 0, 0, 0, 1, 0] + PacketBytes.frame(inner))
        let otherVersion = overlay(6081, [0x40, 0, 0x65, 0x58, 0, 0, 1, 0] + PacketBytes.frame(inner))
        for frame in [answer, withoutFlag, otherVersion, overlay(4789, [8, 0, 0])] {
            let found = decoder.collect(frame)
            #expect(found.packets.count == 1)
            #expect(found.others.isEmpty)
        }
    }

    @Test func saysWhatItDoesNotLookInto() {
        var decoder = FrameDecoder()
        func others(_ number: UInt8, _ payload: [UInt8]) -> [UndecodedFrame] {
            decoder.collect(PacketBytes.internet(outerClient, outerServer, number, payload), linkType: .raw).others
        }
        #expect(others(47, [0x30, 0x81, 0x88, 0x0b, 0, 0, 0, 0]) == [.etherType(0x880b)])
        #expect(others(47, [0x40, 0, 8, 0, 0, 0, 0, 0]) == [.etherType(0x0800)])
        #expect(others(47, [0x20, 0, 8]) == [.cutShort])
        #expect(others(4, [0x45]) == [.cutShort])
        #expect(others(4, [UInt8](repeating: 0, count: 20)) == [.malformed])
        #expect(decoder.collect(PacketBytes.ethernet(0x88cc, [1, 2, 3])).others == [.etherType(0x88cc)])
        #expect(decoder.collect([], linkType: LinkType(rawValue: 105)).others == [.linkType])
        #expect(decoder.collect(PacketBytes.ethernet(0x8864, [0x12, 0] + inner)).others == [.malformed])
    }

    @Test func endsEndlessHeaders() {
        var decoder = FrameDecoder()
        let tags = [UInt8](repeating: 0, count: 12) + (0..<400).flatMap { _ in [0x81, 0, 0, 1] as [UInt8] }
        #expect(decoder.collect(tags).others == [.malformed])
        let labels = (0..<400).flatMap { _ in [0, 1, 0, 64] as [UInt8] }
        #expect(decoder.collect(PacketBytes.ethernet(0x8847, labels)).others == [.malformed])
        var frame: [UInt8] = PacketBytes.frame(inner)
        for _ in 0..<40 { frame = PacketBytes.ethernet(0x6558, frame) }
        #expect(decoder.collect(frame).others == [.malformed])
    }
}
