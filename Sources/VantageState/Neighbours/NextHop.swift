import NetValues
import Observations
import Wire

/// To whom on which link packets towards a target are given.
struct NextHop {
    /// The target's own address, or the gateway's.
    let address: IPAddress
    let interface: String
    let index: Int
    let ownLink: LinkAddress
    let ownAddress: IPAddress
    /// What the kernel holds now.
    let cached: NeighbourState?

    /// Nil without a way over an Ethernet link. By the main table: where rules choose another one it may be another link, on which then
    /// nobody answers.
    init?(towards target: IPAddress, _ lists: NetworkLists) {
        let candidates = lists.routes.filter { route in
            route.kind == .unicast && route.table == 254 && !route.isDead && route.source == nil
                && route.destination.contains(target)
        }
        // The longest prefix wins, then the smallest metric.
        let best = candidates.max { ($0.destination.length, -$0.metric) < ($1.destination.length, -$1.metric) }
        guard let best, best.nextHops.isEmpty, let name = best.interface,
            best.gateway.map({ $0.family == target.family }) ?? true,
            let link = lists.interfaces.first(where: { $0.name == name }), link.isUp, !link.isLoopback,
            let hardware = link.hardwareAddress, !hardware.isZero
        else { return nil }
        let next = best.gateway ?? target
        let own = link.addresses.filter { $0.address.family == target.family }
        let near = own.first { AddressRange(around: $0.address, length: $0.length).contains(next) }
        guard let source = near ?? own.first else { return nil }
        address = next
        interface = name
        index = link.index
        ownLink = hardware
        ownAddress = best.preferredSource ?? source.address
        cached = lists.neighbours.first { $0.address == next && $0.interface == name }
    }
}

extension LinkAddress {
    var bytes: [UInt8] { (0..<6).map { UInt8(truncatingIfNeeded: bits >> UInt64(40 - 8 * $0)) } }
    /// Of one interface, as who answers must be.
    var isOfOne: Bool { !isZero && !isGroup }
}
