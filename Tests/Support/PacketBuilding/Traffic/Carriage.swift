import Wire

/// What the packets of a generated flow are wrapped in.
enum Carriage: CaseIterable {
    case plain, vlan, vxlan, geneve, gre, ipInIP

    /// An Ethernet frame with the packet.
    func frame(_ packet: [UInt8], from source: LinkAddress, to destination: LinkAddress) -> [UInt8] {
        let isBack = source == Population.router
        let near = isBack ? Self.nodes.1 : Self.nodes.0
        let far = isBack ? Self.nodes.0 : Self.nodes.1
        func outer(_ number: UInt8, _ payload: [UInt8]) -> [UInt8] {
            PacketBytes.frame(PacketBytes.internet(near, far, number, payload), from: source, to: destination)
        }
        func overlay(_ port: UInt16, _ payload: [UInt8]) -> [UInt8] {
            outer(
                IPProtocol.udp,
                PacketBytes.udpDatagram(PacketEndpoint(near, 51_515), PacketEndpoint(far, port), payload))
        }
        switch self {
        case .plain: return PacketBytes.frame(packet, from: source, to: destination)
        case .vlan: return PacketBytes.frame(packet, from: source, to: destination, vlans: [120])
        case .vxlan: return overlay(4789, PacketBytes.vxlan(PacketBytes.frame(packet), network: 5001))
        case .geneve: return overlay(6081, PacketBytes.geneve(PacketBytes.frame(packet), network: 6001))
        case .gre: return outer(IPProtocol.gre, PacketBytes.gre(packet, key: 7001))
        case .ipInIP: return outer(packet[0] >> 4 == 6 ? IPProtocol.ipv6 : IPProtocol.ipv4, packet)
        }
    }

    /// The ends of all tunnels.
    private static let nodes: (PacketAddress, PacketAddress) = ("172.16.0.11", "172.16.0.12")
}
