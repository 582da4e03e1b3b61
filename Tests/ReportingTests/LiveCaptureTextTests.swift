import NetValues
import Observations
import Reporting
import Testing
import Wire

@Suite struct LiveCaptureTextTests {
    private func lines(_ change: (inout PacketSummary) -> Void = { _ in }, isUp: Bool = true, width: Int = 100)
        -> [String]
    {
        var summary = PacketSummary()
        summary.packets = 12_345
        summary.bytes = 9_000_000
        change(&summary)
        return LiveCaptureText(
            interface: "eth0", summary: summary, elapsed: .seconds(12), packetsSince: 2_000, bytesSince: 1_250_000,
            since: .seconds(2), isInterfaceUp: isUp
        ).lines(width: width)
    }

    @Test func heading() {
        #expect(lines() == ["eth0 · 12.0 s · 12,345 packets · 1,000 packets/s · 5.0 Mbit/s · 0 lost"])
        #expect(lines { $0.drops = CaptureDrops(kernel: 3, interface: 1) }[0].hasSuffix("4 lost"))
        #expect(lines(isUp: false)[0].hasSuffix("the interface is down"))
    }

    @Test func flowsAndTroubles() {
        let shown = lines { summary in
            for port in 1...8 {
                var flow = FlowRecord(
                    protocolNumber: IPProtocol.tcp, a: PacketEndpoint(PacketAddress(ipv4: 0xc612_0001), UInt16(port)),
                    b: PacketEndpoint(PacketAddress(ipv4: 0xc612_0002), 443), firstAt: WallTime(seconds: 0),
                    lastAt: WallTime(seconds: 1))
                flow.fromA.packets = 10
                summary.flows.append(flow)
            }
            summary.tcp.resets = 2
        }
        #expect(shown.count == 1 + 5 + 1)
        #expect(shown[1].hasPrefix("  tcp 198.18.0.1:1 > 198.18.0.2:443  10 packets"))
        #expect(shown.last == "  2 resets")
    }

    @Test func echoesHaveNoPorts() {
        let shown = lines { summary in
            var flow = FlowRecord(
                protocolNumber: IPProtocol.icmp, a: PacketEndpoint(PacketAddress(ipv4: 0xc612_0001), 0),
                b: PacketEndpoint(PacketAddress(ipv4: 0xc612_0002), 0), firstAt: WallTime(seconds: 0),
                lastAt: WallTime(seconds: 1))
            flow.fromA.packets = 1
            flow.fromA.bytes = 98
            summary.flows = [flow]
        }
        #expect(shown.last == "  icmp 198.18.0.1 > 198.18.0.2  1 packet, 98 B")
    }

    @Test("Never as wide as the terminal", arguments: [1, 10, 40])
    func width(_ width: Int) {
        #expect(lines(width: width).allSatisfy { $0.count < max(2, width) })
    }
}
