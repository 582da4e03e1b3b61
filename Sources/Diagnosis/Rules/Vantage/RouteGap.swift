import NetValues
import Observations

/// Why the own host has no route, as far as its routes and interfaces show: a route of type unreachable, no default route, an
/// interface that is down or has no address of the family.
struct RouteGap {
    private(set) var summary: String?
    private(set) var cause: String?
    private(set) var lines: [String] = []

    /// - Parameter flows: of one family, at least one.
    init(_ flows: [Flow], _ evidence: Evidence) {
        let state = evidence.vantage.latest
        guard let routing = Routing(state), let flow = flows.first else { return }
        defer { lines += state.duplicates(flow.destination.family) }
        let decisions = flows.prefix(8).compactMap { routing.decide($0.packet) }
        if let bar = decisions.first(where: { $0.answers(with: "EHOSTUNREACH") }), let name = bar.words {
            summary = "\(name) says so"
            cause =
                "A route or rule of type unreachable was set for it on purpose, or by what manages the routes of this host."
            lines = ["\(name) stands in its way"]
        } else if decisions.count == min(flows.count, 8), decisions.allSatisfy({ $0.way == .none }) {
            explain(flow.destination.family, flows.map(\.destination), state)
        }
    }

    private mutating func explain(_ family: IPAddress.Family, _ destinations: [IPAddress], _ state: VantageState) {
        let main = state.routes.filter { $0.family == family && $0.table != RoutingTable.local }
        let defaults = main.filter { $0.isDefault && $0.kind == .unicast }
        let networks = main.filter { !$0.isDefault && $0.kind == .unicast }.map(\.destination.description).unique()
        let down = state.interfaces.filter { !$0.isLoopback && !$0.isUp && $0.master == nil }.map(\.name)
        if defaults.isEmpty {
            summary = "there is no default route"
            lines.append(
                networks.isEmpty
                    ? "there is no \(family.rawValue) route at all"
                    : "no \(family.rawValue) default route; there are routes to \(listed(networks, limit: 4)) only")
        } else {
            let places = defaults.map { "`\($0)`" }
            lines.append("the default route \(listed(places)) is not asked for it, or its interface is down")
        }
        let addressed = state.interfaces.contains { interface in
            !interface.isLoopback
                && interface.assignments.contains { $0.address.family == family && !$0.address.isLinkLocal }
        }
        if !addressed {
            lines.append("no interface of this host has an \(family.rawValue) address of its own")
            if family == .v6, state.settings.disablesIPv6 == true {
                lines.append("IPv6 is switched off here (net.ipv6.conf.all.disable_ipv6)")
            }
        }
        if !down.isEmpty {
            lines.append("\(listed(down)) \(down.count == 1 ? "is" : "are") down; routes go with their interface")
            cause =
                "An interface of this host is down, and its routes are gone with it; or they were never set."
        }
    }
}

extension VantageState {
    /// Own addresses that duplicate detection (RFC 4862 section 5.4) has not let into use, as lines of evidence.
    func duplicates(_ family: IPAddress.Family, on name: String? = nil) -> [String] {
        interfaces.filter { $0.isUp && (name == nil || $0.name == name) }.flatMap { interface in
            interface.assignments.filter { $0.address.family == family && $0.state == .duplicate }.map {
                "\($0.address) of \(interface.name) is not used, since another machine on the link has it (duplicate address detection failed)"
            }
        }
    }
}
