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
            "for part of the run only: an address that answered before or after has no route meanwhile",
        ],
        lookalikes: [
            "route-unreachable-remote: a router says so, after a round trip and with its own address",
            "local-egress-denied: EPERM, EACCES or EINVAL from a filter or a prohibiting route",
        ],
        traps: ["an IPv6 address on a host that has only IPv4: that address alone is out of reach, not the target"],
        remedy: [
            "look at the routes: ip route; ip -6 route; ip route get ADDRESS",
            "repair the default route or the CNI plugin's configuration of this pod",
            "where it came and went: ip monitor, and the log of what manages this host's interfaces (journalctl -k)",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let never = evidence.cutOff(by: isNoRoute)
        let attempts = never + evidence.checks.compactMap(passing)
        return grouped(attempts, by: { $0.flows[0].destination.family }).map { family, members in
            let flows = members.flatMap(\.flows)
            let destinations = flows.map(\.destination.description).unique()
            let reached = members.filter { !$0.check.isCutOff }.flatMap(\.flows).map(\.destination.description).unique()
            let hadOne = !reached.isEmpty
            let route = "no \(family.rawValue) route to \(listed(destinations))"
            let gap = RouteGap(flows, evidence)
            return finding(
                "\(family.rawValue) routes of this host", checks: members.map(\.check.name), confidence: .certain,
                summary: hadOne
                    ? "For part of the run this host had \(route): its own interface, address or route came or went."
                    : "This host has \(route)\(gap.summary.map { ": \($0)" } ?? "").",
                evidence: flowLines(flows) + gap.lines + ["the answer came from the own kernel: nothing was sent"],
                cause: hadOne
                    ? "This network namespace changed while the checks ran: \(listed(reached)) answered at other times."
                    : gap.cause
                        ?? "The routing table of this network namespace has neither a default route nor one that covers the address."
            )
        }
    }

    private static func isNoRoute(_ outcome: Flow.Outcome) -> Bool {
        if case .noRoute = outcome { true } else { false }
    }

    /// Where the family works otherwise, no address means no port (local-port-exhaustion).
    private static func isForWantOfPorts(_ outcome: Flow.Outcome) -> Bool {
        if case .noRoute(let failure) = outcome { failure.name == "EADDRNOTAVAIL" } else { false }
    }

    /// A check whose target could be reached at other times. A second address that has no route at any time is no such change.
    private static func passing(_ check: CheckEvidence) -> (check: CheckEvidence, flows: [Flow])? {
        let reached = Set(check.decisiveFlows.filter(\.showsLife).map(\.destination))
        let flows = check.decisiveFlows.filter {
            isNoRoute($0.outcome) && reached.contains($0.destination) && !isForWantOfPorts($0.outcome)
        }
        return flows.isEmpty ? nil : (check, flows)
    }
}
