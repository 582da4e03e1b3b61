import Observations
import Wire

/// Packets and bytes by what they are.
struct ProtocolCounts {
    private struct Count {
        var packets = 0
        var bytes = 0

        mutating func add(_ bytes: Int) {
            packets += 1
            self.bytes &+= bytes
        }
    }

    private var ipv4 = Count()
    private var ipv6 = Count()
    private var arp = Count()
    private var fragments = Count()
    private var tunnels = [Count](repeating: Count(), count: Tunnel.Kind.allCases.count)
    private var transports = [Count](repeating: Count(), count: 256)
    private var etherTypes: [UInt16: Count] = [:]
    private var others = Count()

    /// Ethertypes told apart.
    private static let mostEtherTypes = 64

    mutating func count(_ packet: NetworkPacket, bytes: Int) {
        if packet.source.isIPv6 { ipv6.add(bytes) } else { ipv4.add(bytes) }
        transports[Int(packet.protocolNumber)].add(bytes)
        if packet.fragment != nil { fragments.add(bytes) }
        if let tunnel = packet.tunnel { tunnels[Self.index(tunnel.kind)].add(bytes) }
    }

    mutating func countARP(bytes: Int) {
        arp.add(bytes)
    }

    mutating func count(_ other: UndecodedFrame, bytes: Int) {
        if case .etherType(let type) = other, etherTypes[type] != nil || etherTypes.count < Self.mostEtherTypes {
            etherTypes[type, default: Count()].add(bytes)
        } else {
            others.add(bytes)
        }
    }

    private static func index(_ kind: Tunnel.Kind) -> Int {
        switch kind {
        case .gre: 0
        case .ipInIP: 1
        case .mpls: 2
        case .vxlan: 3
        case .geneve: 4
        case .pppoe: 5
        }
    }

    private static let tunnelNames = ["in GRE", "in IP-in-IP", "in MPLS", "in VXLAN", "in Geneve", "in PPPoE"]

    /// In order of layers.
    func entries(applications: [ProtocolTally.Entry]) -> [ProtocolTally.Entry] {
        var entries: [ProtocolTally.Entry] = []
        func add(_ name: String, _ count: Count) {
            guard count.packets > 0 else { return }
            entries.append(ProtocolTally.Entry(name: name, packets: count.packets, bytes: count.bytes))
        }
        add("ARP", arp)
        for (type, count) in etherTypes.sorted(by: { $0.key < $1.key }) {
            add("ethertype 0x" + String(type, radix: 16), count)
        }
        add("undecoded", others)
        add("IPv4", ipv4)
        add("IPv6", ipv6)
        add("IP fragments", fragments)
        for (name, count) in zip(Self.tunnelNames, tunnels) { add(name, count) }
        for (number, count) in transports.enumerated() { add(Self.name(UInt8(number)), count) }
        return entries + applications
    }

    private static func name(_ protocolNumber: UInt8) -> String {
        switch protocolNumber {
        case IPProtocol.icmp: "ICMP"
        case IPProtocol.ipv4: "IPv4 in IP"
        case IPProtocol.tcp: "TCP"
        case IPProtocol.udp: "UDP"
        case IPProtocol.ipv6: "IPv6 in IP"
        case IPProtocol.gre: "GRE"
        case IPProtocol.esp: "ESP"
        case IPProtocol.icmpv6: "ICMPv6"
        case IPProtocol.sctp: "SCTP"
        default: "IP protocol \(protocolNumber)"
        }
    }
}
