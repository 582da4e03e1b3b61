import NetValues
import Observations
import Wire

/// Which address is to be asked for on which link, so that packets to a target may be given to somebody.
struct ARPQuestion {
    let address: IPAddress
    let interface: String
    let index: Int
    /// What the kernel holds now.
    let cached: NeighbourState?
    private let ownLink: LinkAddress
    private let ownAddress: IPAddress

    /// Nil without a way over an Ethernet link, and for IPv6. By the main table: where rules choose another one, it may be another link,
    /// on which then nobody answers.
    init?(towards target: IPAddress, _ lists: NetworkLists) {
        let candidates = lists.routes.filter { route in
            route.kind == .unicast && route.table == 254 && !route.isDead && route.source == nil
                && route.destination.contains(target)
        }
        // The longest prefix wins, then the smallest metric.
        let best = candidates.max {
            ($0.destination.length, -$0.metric) < ($1.destination.length, -$1.metric)
        }
        guard target.family == .v4, let best, best.nextHops.isEmpty, let name = best.interface,
            best.gateway.map({ $0.family == .v4 }) ?? true,
            let link = lists.interfaces.first(where: { $0.name == name }), link.isUp, !link.isLoopback,
            let hardware = link.hardwareAddress, !hardware.isZero
        else { return nil }
        let next = best.gateway ?? target
        let own = link.addresses.filter { $0.address.family == .v4 }
        guard
            let source = own.first(where: { AddressRange(around: $0.address, length: $0.length).contains(next) })
                ?? own.first
        else { return nil }
        address = next
        interface = name
        index = link.index
        ownLink = hardware
        ownAddress = best.preferredSource ?? source.address
        cached = lists.neighbours.first { $0.address == next && $0.interface == name }
    }

    /// A request (RFC 826): Ethernet, IPv4, who has `address`?
    var packet: [UInt8] {
        [0, 1, 8, 0, 6, 4, 0, 1] + (0..<6).map { UInt8(truncatingIfNeeded: ownLink.bits >> UInt64(40 - 8 * $0)) }
            + ownAddress.bytes + [UInt8](repeating: 0, count: 6) + address.bytes
    }

    /// Who says that it has the address; nil for everything else.
    func claimant(_ bytes: [UInt8]) -> LinkAddress? {
        guard let packet = ARPPacket(bytes.span, at: 0), packet.operation == .reply,
            packet.sender == PacketAddress(address), !packet.senderLink.isZero, !packet.senderLink.isGroup
        else { return nil }
        return packet.senderLink
    }
}
