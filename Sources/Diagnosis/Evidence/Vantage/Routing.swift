import NetValues
import Observations

/// Which way this host gives a packet of its own, worked out from its rules and routes as the kernel does (fib_rules_lookup,
/// fib_table_lookup): the first rule that matches and whose table has a route, the longest prefix in it, the lowest metric.
struct Routing {
    private let state: VantageState
    private let rules: [IPAddress.Family: [RoutingRuleState]]
    private let tables: [Int: Table]

    /// Nil where no routes were read.
    init?(_ state: VantageState) {
        guard !state.familiesRouted.isEmpty else { return nil }
        self.state = state
        rules = Dictionary(grouping: state.rules, by: \.family)
        tables = Dictionary(grouping: state.routes, by: \.table).mapValues(Table.init)
    }

    struct Packet {
        let destination: IPAddress
        /// Nil where the kernel is to choose.
        var source: IPAddress?
        /// IP protocol number, and the destination's port.
        var carrier: Int?
        var port: UInt16?
    }

    struct Decision: Hashable {
        enum Way: Hashable {
            case route(RouteState)
            /// A rule that bars the packet without asking a table.
            case barred
            case none
        }

        let way: Way
        /// That led there; nil where no rule did.
        let rule: RoutingRuleState?
    }

    /// Nil where it cannot be told: not all was read, or a rule goes by what is not known here.
    func decide(_ packet: Packet) -> Decision? {
        let family = packet.destination.family
        guard state.familiesRouted.contains(family), !packet.destination.isLinkLocal else { return nil }
        guard let first = look(packet) else { return nil }
        // A connection is looked up once more with the source address that the first look-up gave (ip_route_connect).
        guard packet.source == nil, case .route(let route) = first.way, let source = source(for: route, packet) else {
            return first
        }
        var bound = packet
        bound.source = source
        return look(bound)
    }

    private func look(_ packet: Packet) -> Decision? {
        let rules = rules[packet.destination.family] ?? RoutingRuleState.standard(packet.destination.family)
        var least = Int.min
        for rule in rules where rule.preference >= least {
            guard let matches = matches(rule, packet) else { return nil }
            guard matches else { continue }
            switch rule.action {
            case .nothing: continue
            case .goTo(let preference): least = max(least, preference)
            case .blackhole, .unreachable, .prohibit: return Decision(way: .barred, rule: rule)
            case .table(let number):
                guard let route = tables[number]?.route(to: packet, bound: packet.source),
                    route.kind != .throw, route.destination.length > rule.suppressedLength ?? -1
                else { continue }
                return Decision(way: .route(route), rule: rule)
            }
        }
        return Decision(way: .none, rule: nil)
    }

    /// Nil where it goes by what is not known: the process's user, the port that the kernel will choose.
    private func matches(_ rule: RoutingRuleState, _ packet: Packet) -> Bool? {
        guard let plain = matchesPlainly(rule, packet) else { return nil }
        return plain != rule.isInverted
    }

    private func matchesPlainly(_ rule: RoutingRuleState, _ packet: Packet) -> Bool? {
        if let range = rule.source, range.length > 0, !(packet.source.map(range.contains) ?? false) { return false }
        if let range = rule.destination, !range.contains(packet.destination) { return false }
        // `iif lo` stands for packets of this host; none of ours is bound to an interface, has a mark or a type of service.
        if let name = rule.incoming, name != "lo" { return false }
        if rule.outgoing != nil || rule.asksVRF || rule.typeOfService != 0 { return false }
        if let mark = rule.mark, mark & rule.mask != 0 { return false }
        if let carrier = rule.carrier {
            guard let own = packet.carrier else { return nil }
            if own != carrier { return false }
        }
        if let ports = rule.destinationPorts {
            guard let port = packet.port else { return packet.carrier == 1 || packet.carrier == 58 ? false : nil }
            if !ports.contains(port) { return false }
        }
        if let users = rule.users {
            guard let user = state.rights.user else { return nil }
            if !users.contains(UInt32(clamping: user)) { return false }
        }
        return rule.sourcePorts == nil ? true : nil
    }

    // MARK: Sources

    /// The address that the kernel sends from: the route's own, or the first of the interface in the next hop's network, or the first.
    private func source(for route: RouteState, _ packet: Packet) -> IPAddress? {
        if let source = route.preferredSource { return source }
        guard let hop = route.hops.first, let name = hop.interface,
            let interface = state.interfaces.first(where: { $0.name == name })
        else { return nil }
        let usable = interface.assignments.filter {
            $0.address.family == packet.destination.family && !$0.isLinkScope && $0.state != .duplicate
                && $0.state != .tentative
        }
        let next = hop.gateway ?? packet.destination
        return (usable.first { $0.network.contains(next) } ?? usable.first)?.address
    }
}

/// The routes of one table, found by their prefix: a node may have thousands.
private struct Table {
    private let routes: [AddressRange: [RouteState]]
    /// Of the prefixes, the longest first.
    private let lengths: [Int]

    init(_ routes: [RouteState]) {
        self.routes = Dictionary(grouping: routes, by: \.destination)
        lengths = Set(routes.map(\.destination.length)).sorted(by: >)
    }

    /// A route whose ways are all dead is passed over, and one that holds for other sources.
    func route(to packet: Routing.Packet, bound source: IPAddress?) -> RouteState? {
        for length in lengths {
            let range = AddressRange(around: packet.destination, length: length)
            guard range.length == length, let candidates = routes[range] else { continue }
            let usable = candidates.filter { route in
                let isOurs =
                    route.source.map { range in range.length == 0 || source.map(range.contains) ?? false } ?? true
                return isOurs && !route.isLastResort && (route.kind != .unicast || route.hops.contains { !$0.isDead })
            }
            if let best = usable.min(by: { $0.metric < $1.metric }) { return best }
        }
        return nil
    }
}

extension RouteState {
    /// `unreachable default metric 4294967295`, with which old kernels end the IPv6 tables: there is no route.
    fileprivate var isLastResort: Bool {
        family == .v6 && isDefault && kind == .unreachable && metric == Int(UInt32.max)
    }
}

extension RoutingRuleState {
    /// What a kernel without policy routing does, which lists no rules.
    static func standard(_ family: IPAddress.Family) -> [RoutingRuleState] {
        [(0, RoutingTable.local), (32766, RoutingTable.main), (32767, RoutingTable.default)].map { preference, table in
            RoutingRuleState(family: family, preference: preference, action: .table(table))
        }
    }
}

extension IPAddress {
    /// Of IPv6 (RFC 4291 section 2.5.6): which link, an interface says and no route.
    var isLinkLocal: Bool {
        if case .v6(let address) = self { address.high >> 54 == 0x3fa } else { false }
    }
}
