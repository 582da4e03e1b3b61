import NetValues
import Observations
import Planning

/// The own host has no route: nothing left it (catalogue section 5).
enum NoRouteLocal: Rule {
    static let layer = Layer.vantage
    static let explanation = FindingExplanation(
        id: "no-route-local", severity: .critical, title: "This host has no route to the destination",
        signals: [
            "connect or send fails at once with ENETUNREACH (or EHOSTUNREACH from a route of type unreachable)",
            "no packet leaves and no ICMP error comes back",
        ],
        lookalikes: [
            "route-unreachable-remote: a router says so, after a round trip and with its own address",
            "local-egress-denied: EPERM, EACCES or EINVAL from a filter or a prohibiting route",
        ],
        traps: ["an IPv6 address on a host that has only IPv4: that address alone is out of reach, not the target"],
        remedy: [
            "look at the routes: ip route; ip -6 route; ip route get ADDRESS",
            "repair the default route or the CNI plugin's configuration of this pod",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let failing = evidence.cutOff { if case .noRoute = $0 { true } else { false } }
        return grouped(failing, by: { $0.flows[0].destination.family }).map { family, members in
            let destinations = members.flatMap(\.flows).map(\.destination.description).unique()
            return finding(
                "\(family.rawValue) routes of this host", checks: members.map(\.check.name), confidence: .certain,
                summary: "This host has no \(family.rawValue) route to \(listed(destinations)).",
                evidence: flowLines(members.flatMap(\.flows)) + [
                    "the answer came from the own kernel: nothing was sent"
                ],
                cause:
                    "The routing table of this network namespace has neither a default route nor one that covers the address."
            )
        }
    }
}
