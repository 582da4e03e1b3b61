import NetValues
import Observations
import Wire

/// Where a running capture stands, on a few lines of a terminal: rates, losses, the largest flows, and what is worth a look so
/// far. What it means is for the rules to say, at the end.
package struct LiveCaptureText {
    package let interface: String
    package let summary: PacketSummary
    package let elapsed: Duration
    /// Since the lines were made last.
    package let packetsSince: Int
    package let bytesSince: Int
    package let since: Duration
    package let isInterfaceUp: Bool

    package init(
        interface: String, summary: PacketSummary, elapsed: Duration, packetsSince: Int, bytesSince: Int,
        since: Duration, isInterfaceUp: Bool = true
    ) {
        self.interface = interface
        self.summary = summary
        self.elapsed = elapsed
        self.packetsSince = packetsSince
        self.bytesSince = bytesSince
        self.since = since
        self.isInterfaceUp = isInterfaceUp
    }

    private static let mostFlows = 5

    /// Never as wide as the terminal, which would wrap at its last column.
    package func lines(width: Int) -> [String] {
        ([heading] + flows + troubles).map { String($0.prefix(columns: max(1, width - 1))) }
    }

    private var heading: String {
        let seconds = max(0.001, since.milliseconds / 1000)
        let lost = summary.drops.kernel + summary.drops.interface
        let parts = [
            interface.escaped(limit: 40), elapsed.spoken, counted(summary.packets, "packet"),
            "\(grouped(Int(Double(packetsSince) / seconds))) packets/s",
            spoken(bytes: bytesSince, over: .milliseconds(seconds * 1000)) ?? "", "\(grouped(lost)) lost",
        ]
        return (parts + (isInterfaceUp ? [] : ["the interface is down"])).joined(separator: " · ")
    }

    private var flows: [String] {
        summary.flows.prefix(Self.mostFlows).map { flow in
            let name = flow.name.map { " (\($0.escaped(limit: 60)))" } ?? ""
            let size = "\(counted(flow.packets, "packet")), \(spoken(bytes: flow.bytes))"
            return "  \(Self.word(flow.protocolNumber)) \(Self.ends(flow))\(name)  \(size)"
        }
    }

    /// Only these two have ports.
    private static func ends(_ flow: FlowRecord) -> String {
        switch flow.protocolNumber {
        case IPProtocol.tcp, IPProtocol.udp: "\(flow.a) > \(flow.b)"
        default: "\(flow.a.address) > \(flow.b.address)"
        }
    }

    private static func word(_ number: UInt8) -> String {
        switch number {
        case IPProtocol.tcp: "tcp"
        case IPProtocol.udp: "udp"
        case IPProtocol.icmp, IPProtocol.icmpv6: "icmp"
        default: "protocol \(number)"
        }
    }

    private var troubles: [String] {
        let counts = [
            (summary.tcp.synWithoutAnswer, "SYNs without answer"), (summary.tcp.resets, "resets"),
            (Int(summary.tcp.counters.retransmission), "retransmissions"),
            (Int(summary.tcp.counters.zeroWindow), "zero windows"),
            (summary.dns.unanswered, "DNS questions without answer"),
            (summary.icmp.errors.values.reduce(0, +), "ICMP errors"),
        ].filter { $0.0 > 0 }
        return counts.isEmpty ? [] : ["  " + counts.map { "\(grouped($0.0)) \($0.1)" }.joined(separator: ", ")]
    }
}
