import Observations
import PacketBuilding
import Testing
import Wire

@testable import PacketAnalysis

@MainActor
struct FlowTableTests {
    /// Many SYNs from as many endpoints: no more flows than there is room for, and nothing lost from the sums.
    @Test func keepsTotalsOfFlowsThatLeave() {
        var exchange = Exchange()
        for number in 0..<5000 {
            exchange.send(
                PacketBytes.tcp(
                    PacketEndpoint(PacketAddress(ipv4: 0x0a00_0000 + UInt32(number)), 1000), "198.18.0.2:80", .syn))
        }
        var settings = AnalysisSettings()
        settings.mostFlows = 300
        let summary = exchange.summary(settings)
        #expect(summary.flows.count <= 300)
        #expect(summary.flows.count + summary.limits.evictedFlows == 5000)
        #expect(summary.tcp.flows == 5000)
        #expect(summary.tcp.synWithoutAnswer == 5000)
        #expect(summary.endpoints.first?.packetsReceived == 5000)
        #expect(summary.flows.contains { $0.a.address == PacketAddress(ipv4: 0x0a00_1387) })
    }

    @Test func keepsTheFlowsThatAreUsed() {
        var made = Conversation()
        made.handshake()
        for number in 0..<2000 {
            made.exchange.send(
                PacketBytes.tcp(
                    PacketEndpoint(PacketAddress(ipv4: 0x0a00_0000 + UInt32(number)), 1000), "198.18.0.2:80", .syn))
            made.segment(fromClient: true, [], 1 + number * 10, ack: 1, length: 10)
        }
        var settings = AnalysisSettings()
        settings.mostFlows = 20
        let flow = made.exchange.summary(settings).flows.first { $0.a == made.client }
        #expect(flow?.fromA.packets == 2002)
        #expect(flow?.tcp?.fromA.uniqueBytes == 20_000)
    }

    @Test func tellsOverlayNetworksApart() {
        let inner = PacketBytes.tcp("10.0.0.1:1000", "10.0.0.2:80", .syn)
        var exchange = Exchange()
        for network in [1, 2, 1] as [UInt32] {
            exchange.send(
                PacketBytes.udp(
                    "198.18.0.1:50000", "198.18.0.2:4789",
                    PacketBytes.vxlan(PacketBytes.frame(inner), network: network)))
        }
        let inside = exchange.summary().flows.filter { $0.tcp != nil }
        #expect(inside.map { $0.tunnel?.identifier } == [1, 2])
        #expect(inside.map(\.packets) == [2, 1])
    }

    @Test func knowsPacketsSeenTwice() {
        var made = Conversation()
        made.handshake()
        let before = made.exchange.frames.count
        made.segment(fromClient: true, .psh, 1, ack: 1, length: 100, hopLimit: 64, identification: 77)
        // Forwarded, then sent twice by the network, then sent again by its sender.
        made.segment(fromClient: true, .psh, 1, ack: 1, length: 100, hopLimit: 63, identification: 77, after: 10_000)
        made.segment(fromClient: true, .psh, 101, ack: 1, length: 100, identification: 78)
        made.segment(fromClient: true, .psh, 101, ack: 1, length: 100, identification: 78, after: 10_000)
        made.segment(fromClient: true, .psh, 101, ack: 1, length: 100, identification: 79, after: 300_000_000)
        #expect(before == 3)
        let flow = made.exchange.summary().flows[0]
        #expect(flow.fromA.secondSights == 1)
        #expect(flow.fromA.duplicates == 1)
        #expect(flow.tcp?.fromA.counters.retransmission == 3)
        #expect(flow.tcp?.fromA.copiesTakenForLoss == 2)
        #expect(flow.tcp?.fromA.mostRepeats == 1)
        #expect(flow.tcp?.fromA.uniqueBytes == 200)
    }

    @Test func fragmentsOfOneDatagramAreNoCopies() {
        var exchange = Exchange()
        let echo = [8, 0, 0, 0, 0, 1, 0, 1] + [UInt8](repeating: 7, count: 4000)
        for number in 1...3 as ClosedRange<UInt16> {
            for part in PacketBytes.fragments(
                "198.18.0.1", "198.18.0.2", IPProtocol.icmp, echo, size: 1480, identification: number)
            {
                exchange.send(part)
            }
        }
        let flow = exchange.summary().flows[0]
        #expect(flow.fromA.packets == 9)
        #expect(flow.fromA.duplicates == 0 && flow.fromA.secondSights == 0)
    }

    @Test func aForwardedHandshakeIsOne() throws {
        var made = Conversation()
        for (fromClient, flags, sequence, ack) in [
            (true, TCPFlags.syn, 0, nil), (false, .syn, 0, 1), (true, [], 1, 1), (false, .rst, 1, 1),
        ] as [(Bool, TCPFlags, Int, Int?)] {
            for hopLimit in [64, 63] as [UInt8] {
                made.segment(
                    fromClient: fromClient, flags, sequence, ack: ack, hopLimit: hopLimit,
                    identification: fromClient ? 7 : 9, after: 5000)
            }
        }
        let flow = made.exchange.summary().flows[0]
        let tcp = try #require(flow.tcp)
        #expect(tcp.fromA.syns == 1 && tcp.fromB.synAcks == 1)
        #expect(flow.fromA.secondSights == 2 && flow.fromA.distinctPackets == 2)
        #expect(tcp.resets.map(\.isSecondSight) == [false, true])
    }

    /// A host with bridges, bonds and VLANs sees each packet at every one of them.
    @Test func countsOnceWhatSeveralInterfacesSee() throws {
        let client: PacketEndpoint = "198.18.0.1:40000"
        let server: PacketEndpoint = "198.18.0.2:80"
        var analyzer = PacketAnalyzer(AnalysisSettings())
        var number = 0
        for (packet, isOut) in [
            (PacketBytes.tcp(client, server, .syn), true),
            (PacketBytes.tcp(server, client, [.syn, .ack], sequence: 9, acknowledgement: 1), false),
            (PacketBytes.tcp(client, server, .ack, sequence: 1, acknowledgement: 10), true),
            (PacketBytes.tcp(server, client, .rst, sequence: 10), false),
        ] {
            for interface in 1...5 as ClosedRange<UInt32> {
                var bytes = PacketBytes.linuxCooked2(packet, packetType: isOut ? 4 : 0)
                bytes[7] = UInt8(interface)
                number += 1
                analyzer.add(
                    CapturedFrame(
                        number: number, time: Int64(number) * 1000, length: bytes.count, linkType: .linuxCooked2),
                    bytes.span)
            }
        }
        let flow = try #require(analyzer.finish().flows.first)
        let tcp = try #require(flow.tcp)
        #expect(tcp.fromA.syns == 1 && tcp.fromB.synAcks == 1 && tcp.resets.count { !$0.isSecondSight } == 1)
        #expect(flow.fromA.packets == 10 && flow.fromA.distinctPackets == 2)
    }

    /// Without an identification a copy cannot be told from what was sent again.
    @Test func claimsNoDuplicatesWithoutIdentification() {
        var made = Conversation()
        made.handshake()
        for wait in [100_000, 10_000, 400_000_000] as [Int64] {
            made.segment(fromClient: true, .psh, 1, ack: 1, length: 100, identification: 0, after: wait)
        }
        let flow = made.exchange.summary().flows[0]
        #expect(flow.fromA.duplicates == 0)
        #expect(flow.fromA.secondSights == 0)
    }

    /// Through a queue of a host that forwards; and once more, too late to be that.
    @Test func knowsForwardedPacketsWithoutIdentification() {
        var made = Conversation()
        made.handshake()
        for (hopLimit, wait) in [(64, 100_000), (63, 50_000_000), (62, 250_000_000)] as [(UInt8, Int64)] {
            made.segment(
                fromClient: true, .psh, 1, ack: 1, length: 100, hopLimit: hopLimit, identification: 0, after: wait)
        }
        #expect(made.exchange.summary().flows[0].fromA.secondSights == 1)
    }

    @Test func keepsTheFirstPacketsAsEvents() {
        var made = Conversation()
        made.handshake()
        made.segment(fromClient: true, .psh, 1, ack: 1, length: 100)
        var settings = AnalysisSettings()
        settings.eventsPerFlow = 3
        let events = made.exchange.summary(settings).flows[0].events
        #expect(events.map(\.flags) == [.syn, [.syn, .ack], .ack])
        #expect(events.map(\.sequence) == [0, 0, 1])
        #expect(events.map(\.isFromA) == [true, false, true])
    }
}
