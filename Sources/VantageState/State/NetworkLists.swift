import LinuxIO
import NetValues
import Observations
import Wire

/// What rtnetlink lists: interfaces, addresses, routes, rules, neighbours. Each list is bounded; what lies beyond is counted.
struct NetworkLists {
    private(set) var interfaces: [NetworkInterfaceState] = []
    private(set) var routes: [RouteState] = []
    private(set) var rules: [RoutingRuleState] = []
    private(set) var neighbours: [NeighbourState] = []
    private(set) var omitted = VantageState.Omissions()
    private(set) var familiesRouted: Set<IPAddress.Family> = []
    private(set) var unread: [String] = []
    private var names: [Int: String] = [:]
    private var places: [Int: Int] = [:]
    private var masters: [Int: Int] = [:]
    /// Neighbours are kept for these even when there are too many.
    private var gateways: Set<IPAddress> = []

    /// A node has a few thousand; a router with a full table has a million, and no rule needs those.
    static let mostInterfaces = 4096
    static let mostRoutes = 16_384
    static let mostRules = 4096
    static let mostNeighbours = 4096

    init() {
        do throws(NetlinkSocket.Refusal) {
            var socket = try NetlinkSocket()
            read("interfaces", .links, nil, &socket) { $0.addInterface($1, $2) }
            nameMasters()
            read("addresses", .addresses, nil, &socket) { $0.addAddress($1, $2) }
            for family in IPAddress.Family.allCases {
                let isWhole = read("\(family.rawValue) routes", .routes, family, &socket) {
                    $0.addRoute($1, $2, family)
                }
                let hasRules = read("\(family.rawValue) rules", .rules, family, &socket) {
                    $0.addRule($1, $2, family)
                }
                if isWhole, hasRules, omitted.routes == 0, omitted.rules == 0 { familiesRouted.insert(family) }
            }
            gateways = Set(routes.flatMap { $0.hops.compactMap(\.gateway) })
            read("neighbours", .neighbours, nil, &socket) { $0.addNeighbour($1, $2) }
        } catch {
            unread.append("interfaces, addresses, routes, rules, neighbours: \(error.reason)")
        }
        sortRules()
    }

    /// Answers whether all of it came.
    @discardableResult
    private mutating func read(
        _ what: String, _ subject: NetlinkDumpRequest.Subject, _ family: IPAddress.Family?,
        _ socket: inout NetlinkSocket, add: (inout NetworkLists, Span<UInt8>, Range<Int>) -> Void
    ) -> Bool {
        do throws(NetlinkSocket.Refusal) {
            guard try socket.list(subject, family: family, each: { add(&self, $0, $1) }) else { return true }
            unread.append("\(what): the list changed while it was read, and may lack entries")
        } catch {
            unread.append("\(what): \(error.reason)")
        }
        return false
    }

    // MARK: Entries

    private mutating func addInterface(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard let link = LinkMessage(bytes, range) else { return }
        guard interfaces.count < Self.mostInterfaces else {
            omitted.interfaces += 1
            return
        }
        names[link.index] = link.name
        places[link.index] = interfaces.count
        masters[interfaces.count] = link.master
        interfaces.append(
            NetworkInterfaceState(
                index: link.index, name: link.name, isUp: link.isUp, hasCarrier: link.hasCarrier,
                isLoopback: link.isLoopback, mtu: link.mtu, kind: link.kind,
                hardwareAddress: link.hardwareAddress.flatMap { $0.isZero ? nil : $0 }))
    }

    /// A master may be told after its parts.
    private mutating func nameMasters() {
        for (place, master) in masters { interfaces[place].master = names[master] }
    }

    /// More than this at one interface is a load balancer's, and says nothing more.
    private static let mostAddresses = 1024

    private mutating func addAddress(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard let told = AddressMessage(bytes, range), let place = places[told.interface],
            interfaces[place].assignments.count < Self.mostAddresses
        else { return }
        interfaces[place].assignments.append(
            AddressAssignment(
                told.address, prefixLength: told.prefixLength, peer: told.peer, state: told.state,
                isLinkScope: told.scope >= 253, isSecondary: told.isSecondary))
    }

    /// A kernel without a family answers with all that it has.
    private mutating func addRoute(_ bytes: Span<UInt8>, _ range: Range<Int>, _ family: IPAddress.Family) {
        guard let route = RouteMessage(bytes, range), !route.isCached, route.family == family else { return }
        guard routes.count < Self.mostRoutes else {
            omitted.routes += 1
            return
        }
        routes.append(
            RouteState(
                kind: route.kind, family: route.family, destination: route.destination, gateway: route.hop.gateway,
                interface: name(route.hop.interface), preferredSource: route.preferredSource, metric: route.metric,
                mtu: route.mtu, table: route.table, source: route.source, nextHops: route.hops.map(nextHop),
                isDead: route.hop.isDead, hasNoCarrier: route.hop.hasNoCarrier, origin: route.originName))
    }

    private func nextHop(_ hop: RouteMessage.Hop) -> RouteState.NextHop {
        RouteState.NextHop(
            gateway: hop.gateway, interface: name(hop.interface), weight: hop.weight, isDead: hop.isDead,
            hasNoCarrier: hop.hasNoCarrier)
    }

    private mutating func addRule(_ bytes: Span<UInt8>, _ range: Range<Int>, _ family: IPAddress.Family) {
        guard let rule = RoutingRuleMessage(bytes, range), rule.family == family else { return }
        guard rules.count < Self.mostRules else {
            omitted.rules += 1
            return
        }
        rules.append(RoutingRuleState(rule))
    }

    /// What needs no resolution (multicast, point-to-point links) is left out, as `ip neigh` does.
    private mutating func addNeighbour(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard let told = NeighbourMessage(bytes, range), told.state & 64 == 0, let interface = name(told.interface)
        else { return }
        guard neighbours.count < Self.mostNeighbours || gateways.contains(told.address) else {
            omitted.neighbours += 1
            return
        }
        neighbours.append(
            NeighbourState(
                address: told.address, interface: interface, hardwareAddress: told.hardwareAddress,
                reachability: told.reachability, isRouter: told.isRouter))
    }

    private func name(_ index: Int?) -> String? {
        index.flatMap { index in index > 0 ? names[index] ?? "if\(index)" : nil }
    }

    /// The kernel tells them in this order; rules are judged by it.
    private mutating func sortRules() {
        let placed = rules.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            if a.family != b.family { return a.family == .v4 }
            return a.preference == b.preference ? left.offset < right.offset : a.preference < b.preference
        }
        rules = placed.map(\.element)
    }
}
