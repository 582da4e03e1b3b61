import NetValues
import Observations
import Planning

/// Two networks of this host have addresses in common (catalogue section 5, the live half).
enum CIDROverlap: Rule {
    static let layer = Layer.route
    static let explanation = FindingExplanation(
        id: "cidr-overlap", severity: .error, title: "Two networks have addresses in common",
        signals: [
            "the networks of two interfaces of this host overlap, and they are not the same link (warning)",
            "a target fails that lies in the network of a bridge of this host, as docker0, while a wider route would carry it elsewhere",
        ],
        lookalikes: [
            "two cards on one network, or a card and its macvlan: the same range on the same link is meant so",
            "a route for a wide range that holds narrower ones (10.0.0.0/8 behind a VPN): that is how routes work",
            "next-hop-unresolved: the target is meant to be on that bridge, and is not there",
        ],
        traps: [
            "ranges of pods may be the same in several clusters when their packets are translated",
            "addresses with a full prefix (/32, /128), loopback and link-local ranges are no networks",
        ],
        remedy: [
            "give one of the two another range; for containers: bip and default-address-pools in /etc/docker/daemon.json, or the subnet of that network",
            "where that cannot be: a route of its own for the few targets, or translation of one of the ranges",
            "in AKS keep pod, service and Docker bridge ranges apart from the VNet and from what is peered with it",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let hidden = grouped(HiddenTarget.all(in: evidence), by: { [$0.hop.route, $0.wider] }).map { judge($0.members) }
        let told = Set(hidden.map(\.subject))
        return hidden + Overlap.all(in: evidence).map { judge($0, evidence) }.filter { !told.contains($0.subject) }
    }

    private static func judge(_ members: [HiddenTarget]) -> Finding {
        let first = members[0]
        let targets = members.map(\.destination.description).unique()
        let range = first.hop.route.destination
        return finding(
            "\(range) and \(first.wider.isDefault ? "the network of \(listed(targets))" : "\(first.wider.destination)")",
            checks: members.map(\.check.name), confidence: first.wider.isDefault ? .possible : .likely,
            summary:
                "\(listed(targets)) lies in \(range), which \(first.interface.name) of this host keeps to itself: packets do not go to the network of that name elsewhere.",
            evidence: flowLines(members.flatMap { $0.check.decisiveFlows }, limit: 3) + [
                "the way there is \(first.hop.way)", "without it `\(first.wider)` would carry them",
                "\(first.interface.name) is a \(first.interface.kind ?? "network") of this host"
                    + (first.isDeserted ? ", and nothing is attached to it" : ""),
            ],
            cause:
                "Two networks were given the same addresses: one for this host's own containers or machines, one elsewhere. The narrower route wins, and it ends here."
        )
    }

    private static func judge(_ overlap: Overlap, _ evidence: Evidence) -> Finding {
        let failing = evidence.cutOff { $0 == .neighbourUnresolved || $0 == .silent }.filter { _, flows in
            flows.contains { overlap.common.contains($0.destination) }
        }
        let (wide, narrow) = (overlap.wide, overlap.narrow)
        return finding(
            "\(narrow.network) and \(wide.network)", checks: failing.map(\.check.name),
            severity: failing.isEmpty ? .warning : .error, confidence: .likely,
            summary:
                "The networks of \(narrow.interface.name) (\(narrow.network)) and \(wide.interface.name) (\(wide.network)) have addresses in common.",
            evidence: [
                "\(narrow.interface.words) has \(narrow.network)", "\(wide.interface.words) has \(wide.network)",
                "packets to \(overlap.common) go by \(overlap.winner?.interface ?? narrow.interface.name)",
            ] + flowLines(failing.flatMap(\.flows), limit: 3),
            cause:
                "Hosts of the one network whose addresses the other has too are not reached: packets to them stay on the wrong link."
        )
    }

    /// Two connected ranges of different links.
    private struct Overlap {
        struct Part {
            let interface: NetworkInterfaceState
            let network: AddressRange
        }

        let narrow: Part
        let wide: Part
        let winner: RouteState?

        var common: AddressRange { narrow.network }

        static func all(in evidence: Evidence) -> [Overlap] {
            let state = evidence.vantage.start
            let parts = state.interfaces.filter { $0.isUp && !$0.isLoopback }.prefix(mostInterfaces).flatMap {
                interface in
                interface.addresses.filter { !$0.isSingle && !$0.address.isLinkLocal && $0.length > 0 }.unique().map {
                    Part(interface: interface, network: $0)
                }
            }
            // Sorted, ranges that overlap stand behind one that holds them: a node may have thousands.
            let sorted = parts.sorted { Overlap.precedes($0.network, $1.network) }
            var open: [Part] = []
            var overlaps: [Overlap] = []
            for part in sorted where overlaps.count < mostOverlaps {
                open.removeAll { !$0.network.contains(part.network) }
                overlaps += open.filter { !isSameLink($0, part) && !isOverlay($0, part) }.map { wide in
                    Overlap(narrow: part, wide: wide, winner: winner(part.network, state))
                }
                open.append(part)
            }
            return overlaps
        }

        private static let mostInterfaces = 1024
        private static let mostOverlaps = 4

        private static func precedes(_ left: AddressRange, _ right: AddressRange) -> Bool {
            if left.address.family != right.address.family { return left.address.family == .v4 }
            if left.address == right.address { return left.length < right.length }
            return left.address.bytes.lexicographicallyPrecedes(right.address.bytes)
        }

        /// Cards with the same range are on the same link as a rule; so are the parts of one bridge, and an interface of its own on another
        /// one (macvlan, ipvlan). A bridge, a tunnel or a VPN is a network of its own.
        private static func isSameLink(_ one: Part, _ other: Part) -> Bool {
            if one.interface.name == other.interface.name || one.interface.master == other.interface.name
                || other.interface.master == one.interface.name
            {
                return true
            }
            if let master = one.interface.master, master == other.interface.master { return true }
            guard one.network == other.network else { return false }
            return !one.interface.isNetworkOfItsOwn && !other.interface.isNetworkOfItsOwn
        }

        /// The range of a whole overlay on its tunnel, and this host's part of it on a bridge: so flannel builds it.
        private static func isOverlay(_ wide: Part, _ narrow: Part) -> Bool {
            narrow.network.length > wide.network.length && narrow.interface.kind == "bridge"
                && wide.interface.kind != "bridge" && wide.interface.isNetworkOfItsOwn
        }

        private static func winner(_ range: AddressRange, _ state: VantageState) -> RouteState? {
            state.routes.filter { $0.table == RoutingTable.main && $0.destination == range && $0.kind == .unicast }
                .min { $0.metric < $1.metric }
        }
    }
}

extension NetworkInterfaceState {
    fileprivate var isNetworkOfItsOwn: Bool {
        ["bridge", "dummy", "wireguard", "tun", "vxlan", "geneve", "ipip", "sit", "gre", "gretap", "ip6tnl", "vti"]
            .contains(kind)
    }

    fileprivate var words: String { kind.map { "\(name) (\($0))" } ?? name }
}
