import NetValues
import Observations
import Planning

/// A target that cannot be reached, and that a network of this host's own keeps to itself although a wider route would carry it
/// elsewhere.
struct HiddenTarget {
    let check: CheckEvidence
    let destination: IPAddress
    /// The way it is given: on the link of a bridge or the like.
    let hop: NextHop
    let interface: NetworkInterfaceState
    /// Nobody is on that network.
    let isDeserted: Bool
    /// The way it would have without that network.
    let wider: RouteState

    static func all(in evidence: Evidence) -> [HiddenTarget] {
        let failing = evidence.cutOff { $0 == .neighbourUnresolved || $0 == .silent }
        guard !failing.isEmpty, let hops = NextHops(evidence) else { return [] }
        return failing.compactMap { check, flows in
            guard let flow = flows.first, !evidence.isAlive(flow.destination), let hop = hops.hop(of: flow),
                hop.gateway == nil, let interface = hops.interface(hop), interface.isOfThisHostAlone,
                flow.outcome == .neighbourUnresolved || interface.kind == "dummy"
                    || hops.neighbour(hop)?.isSilent == true,
                case let isDeserted = hops.isDeserted(interface),
                let wider = wider(than: hop, flow.destination, isDeserted, evidence.vantage.latest)
            else { return nil }
            return HiddenTarget(
                check: check, destination: flow.destination, hop: hop, interface: interface, isDeserted: isDeserted,
                wider: wider)
        }
    }

    static func destinations(in evidence: Evidence) -> Set<IPAddress> { Set(all(in: evidence).map(\.destination)) }

    /// A route of its own for a wider network, by another interface. The default route alone shows nothing: every target of a bridge has
    /// it behind it; only where nobody is on the bridge can nobody there have the address.
    private static func wider(
        than hop: NextHop, _ destination: IPAddress, _ isDeserted: Bool, _ state: VantageState
    ) -> RouteState? {
        let routes = state.routes.filter { route in
            route.table != RoutingTable.local && route.kind == .unicast && route.family == destination.family
                && route.destination.length < hop.route.destination.length && route.destination.contains(destination)
                && route.hops.contains { $0.interface != hop.interface && !$0.isDead }
        }
        let longest = routes.max { $0.destination.length < $1.destination.length }
        guard let longest else { return nil }
        return longest.isDefault && !isDeserted ? nil : longest
    }
}

extension NetworkInterfaceState {
    /// Made on this host for its own containers or machines, so that other hosts know nothing of its range.
    var isOfThisHostAlone: Bool { ["bridge", "dummy"].contains(kind) }
}
