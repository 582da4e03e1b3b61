import NetValues
import Observations

extension VantageState {
    var networkLines: [VantageLine] { interfaceLines + routeLines + neighbourLines }

    // MARK: Interfaces

    /// Those without an address, as the host's ends of pods' links, are counted only.
    private var interfaceLines: [VantageLine] {
        let named = interfaces.filter { !$0.isLoopback && ($0.isUp ? !$0.assignments.isEmpty : $0.master == nil) }
        let shown = named.prefix(16).map(\.line)
        let rest = interfaces.count { !$0.isLoopback } - shown.count + omitted.interfaces
        let others =
            rest > 0
            ? [
                VantageLine(
                    .interfaces, "others", "\(grouped(rest)) without an address or down",
                    why: "parts of a bridge, the host's ends of containers' links, cards not in use")
            ] : []
        return shown + others
    }

    // MARK: Routes

    private var routeLines: [VantageLine] {
        let main = routes.filter { ![RoutingTable.local].contains($0.table) }
        var lines: [VantageLine] = []
        for family in IPAddress.Family.allCases where hasAddresses(family) {
            let defaults = main.filter { $0.family == family && $0.isDefault && $0.kind == .unicast }
            lines.append(
                VantageLine(
                    .routes, "\(family.rawValue) default route",
                    defaults.isEmpty ? "none" : listed(defaults.map(words), limit: 4),
                    why: defaults.isEmpty
                        ? "only networks with a route of their own are reached"
                        : "all that no other route covers goes there",
                    isRemarkable: defaults.isEmpty && family == .v4
                        || defaults.contains { $0.isDead || $0.hasNoCarrier }))
        }
        let barred = main.filter { [.blackhole, .prohibit, .unreachable].contains($0.kind) && !isUsual($0) }
        if !barred.isEmpty {
            lines.append(
                VantageLine(
                    .routes, "barred", listed(barred.map(\.description), limit: 4),
                    why: "this host itself lets nothing out to these addresses", isRemarkable: true))
        }
        let special = rules.filter { !$0.isStandard }
        if !special.isEmpty {
            lines.append(
                VantageLine(
                    .routes, "rules", listed(special.map(\.description), limit: 4),
                    why: "packets that they match go by another table than ip route shows"))
        }
        return lines
    }

    /// Link-local addresses alone do not need a default route.
    private func hasAddresses(_ family: IPAddress.Family) -> Bool {
        interfaces.contains { interface in
            !interface.isLoopback && interface.isUp
                && interface.assignments.contains { $0.address.family == family && !$0.isLinkScope }
        }
    }

    /// The kernel keeps a default route of type unreachable at the end of the IPv6 tables.
    private func isUsual(_ route: RouteState) -> Bool {
        route.family == .v6 && route.isDefault && route.metric == Int(UInt32.max)
    }

    private func words(_ route: RouteState) -> String {
        let gateways = route.hops.compactMap(\.gateway).compactMap { gateway in
            neighbours.first { $0.address == gateway }.map { "\(gateway) is \($0.reachability.rawValue)" }
        }
        return route.description + (gateways.isEmpty ? "" : " (\(gateways.joined(separator: ", ")))")
            + (route.isDead ? ", its interface is down" : route.hasNoCarrier ? ", without carrier" : "")
    }

    // MARK: Neighbours

    private var neighbourLines: [VantageLine] {
        guard !neighbours.isEmpty else { return [] }
        let silent = neighbours.filter { $0.reachability == .failed || $0.reachability == .incomplete }
        let names = listed(silent.map { "\($0.address) (\($0.interface))" }, limit: 4)
        return [
            VantageLine(
                .neighbours, "neighbours",
                "\(grouped(neighbours.count + omitted.neighbours)) known"
                    + (silent.isEmpty ? "" : ", \(grouped(silent.count)) do not answer: \(names)"),
                why:
                    "what is on this link, and every gateway, is reached only if it answers ARP or neighbour discovery",
                isRemarkable: !silent.isEmpty)
        ]
    }
}

extension NetworkInterfaceState {
    fileprivate var line: VantageLine {
        let state = isUp ? (hasCarrier ? "up" : "up, no carrier") : "down"
        let words = [
            (kind.map { "\($0), " } ?? "") + state, "MTU \(mtu)", master.map { "part of \($0)" },
            assignments.isEmpty ? "no address" : listed(assignments.map(\.words), limit: 4),
            reversePathFilter == 1 ? "strict rp_filter" : nil,
        ]
        return VantageLine(
            .interfaces, name, words.compactMap(\.self).joined(separator: ", "),
            why: reversePathFilter == 1
                ? "what it sends is sent from these addresses and no larger than the MTU; an answer that comes in by another interface is dropped"
                : "what it sends is sent from these addresses, and no packet is larger than the MTU",
            isRemarkable: isUp && !hasCarrier || assignments.contains { $0.state == .duplicate })
    }
}

extension AddressAssignment {
    fileprivate var words: String {
        let text = "\(address)/\(prefixLength)"
        return switch state {
        case .usable: text
        case .tentative: "\(text) (not in use before it is known as unique)"
        case .duplicate: "\(text) (another machine has it)"
        case .deprecated: "\(text) (deprecated)"
        }
    }
}
