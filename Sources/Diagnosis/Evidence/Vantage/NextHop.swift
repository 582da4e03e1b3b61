import NetValues
import Observations

/// Whom a packet is handed to on the own link.
struct NextHop: Hashable {
    let address: IPAddress
    let interface: String
    /// Nil where the destination is on the link itself.
    let gateway: IPAddress?
    let route: RouteState
    let rule: RoutingRuleState?
}

extension Routing.Decision {
    /// All of a route with several.
    func nextHops(to destination: IPAddress) -> [NextHop] {
        guard case .route(let route) = way, route.kind == .unicast else { return [] }
        return route.hops.filter { !$0.isDead }.compactMap { hop in
            hop.interface.map {
                NextHop(
                    address: hop.gateway ?? destination, interface: $0, gateway: hop.gateway, route: route, rule: rule)
            }
        }
    }
}

/// Which next hops did not answer, by the neighbour table as it was when the run ended.
struct NextHops {
    private let state: VantageState
    private let routing: Routing
    private let neighbours: [Place: NeighbourState]
    /// Through which something got during the run: where one of them is silent at its end, it came or went.
    private let travelled: Set<Place>

    private struct Place: Hashable {
        let address: IPAddress
        let interface: String

        init(_ address: IPAddress, _ interface: String) {
            self.address = address
            self.interface = interface
        }

        init(_ hop: NextHop) { self.init(hop.address, hop.interface) }
    }

    /// Nil where the table or the routes were not read.
    init?(_ evidence: Evidence) {
        let state = evidence.vantage.latest
        guard let routing = Routing(state) else { return nil }
        self.state = state
        self.routing = routing
        neighbours = Dictionary(
            state.neighbours.map { (Place($0.address, $0.interface), $0) }, uniquingKeysWith: { first, _ in first })
        guard state.neighbours.contains(where: \.isSilent) else {
            travelled = []
            return
        }
        travelled = Set(
            evidence.signsOfLife.values.compactMap(\.first).filter { !$0.destination.isLoopback }.flatMap { flow in
                (routing.decide(flow.packet)?.nextHops(to: flow.destination) ?? []).map { Place($0) }
            })
    }

    /// Of an attempt, if it has but one.
    func hop(of flow: Flow) -> NextHop? {
        let hops = routing.decide(flow.packet)?.nextHops(to: flow.destination) ?? []
        return hops.count == 1 ? hops[0] : nil
    }

    func neighbour(_ hop: NextHop) -> NeighbourState? { neighbours[Place(hop)] }

    func interface(_ hop: NextHop) -> NetworkInterfaceState? { state.interfaces.first { $0.name == hop.interface } }

    /// Nobody can be on it: no carrier, or a bridge without ports.
    func isDeserted(_ interface: NetworkInterfaceState) -> Bool {
        !interface.hasCarrier
            || interface.kind == "bridge" && !state.interfaces.contains { $0.master == interface.name }
    }

    /// Own addresses on that link that are another machine's as well.
    func duplicates(on hop: NextHop) -> [String] { state.duplicates(hop.address.family, on: hop.interface) }

    /// Others on the same link, that answer.
    func others(on hop: NextHop) -> [NeighbourState] {
        state.neighbours.filter {
            $0.interface == hop.interface && $0.address != hop.address && $0.reachability == .reachable
                && $0.address.family == hop.address.family
        }
    }

    /// The next hop of attempts that all met silence, where the link says that nobody is there. An entry that is still being asked for
    /// shows it after a second only, the kernel's own time between two questions: before that, an answer may be on its way.
    func silent(of flows: [Flow]) -> NextHop? {
        let hops = flows.compactMap { silent(of: $0) }
        guard let first = hops.first, hops.count == flows.count else { return nil }
        let isOver = hops.allSatisfy { neighbour($0)?.reachability == .failed }
        return isOver || flows.contains { $0.elapsed >= .milliseconds(900) } ? first : nil
    }

    private func silent(of flow: Flow) -> NextHop? {
        guard flow.outcome == .silent, let hop = hop(of: flow), neighbour(hop)?.isSilent == true else { return nil }
        return travelled.contains(Place(hop)) ? nil : hop
    }
}

extension NeighbourState {
    /// Asked for, and nobody answered (NUD_INCOMPLETE, NUD_FAILED).
    var isSilent: Bool { reachability == .failed || reachability == .incomplete }
}

extension Flow {
    var packet: Routing.Packet {
        let number =
            switch carrier {
            case .tcp: 6
            case .udp: 17
            case .icmp: destination.family == .v4 ? 1 : 58
            }
        return Routing.Packet(destination: destination, carrier: number, port: port)
    }
}

extension Routing.Decision {
    /// “`prohibit 198.18.2.2/32 table 100`, by the rule `100: from all lookup 100`”
    var words: String? {
        switch way {
        case .none: nil
        case .barred: rule.map { "the rule `\($0)`" }
        case .route(let route):
            "the route `\(route)`" + (rule.map { $0.isStandard ? "" : ", by the rule `\($0)`" } ?? "")
        }
    }
}
