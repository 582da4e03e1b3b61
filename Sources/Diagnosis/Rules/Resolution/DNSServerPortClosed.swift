import NetValues
import Observations
import Planning

/// Nobody listens where a name server should be (catalogue section 3).
enum DNSServerPortClosed: Rule {
    static let layer = Layer.resolution
    static let explanation = FindingExplanation(
        id: "dns-server-port-closed", severity: .critical, title: "The DNS server's port is closed",
        signals: ["each question is refused within about a round trip (ICMP port unreachable, or a reset for TCP)"],
        lookalikes: [
            "dns-server-unreachable: silence",
            "dns-refused-by-policy: a DNS answer that says REFUSED, from a server that runs",
        ],
        traps: [
            "hosts limit the rate of the ICMP errors: of many questions some stay without any answer",
            "who refuses matters: the server itself (daemon down), or the node (the DNS Service has no ready endpoint)",
        ],
        remedy: [
            "start or scale the DNS server; in Kubernetes look at the DNS pods' readiness and the Service's selector",
            "check that resolv.conf names the right address",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let closed = evidence.servers.filter(\.isClosed)
        return unproven(evidence) + captured(evidence)
            + ServerState.bySeverity(closed).map { isCritical, states in
                finding(
                    states.names, checks: states.checkNames(onlyFailing: isCritical),
                    severity: isCritical ? .critical : .warning,
                    confidence: .certain,
                    summary: "Nothing listens on \(states.names), where a DNS server should be."
                        + (isCritical ? "" : " Another server answers, so names still resolve."),
                    evidence: flowLines(states.flatMap(\.queries).filter(\.isRefused).map(\.flow)),
                    cause:
                        "The address can be reached, but the port is closed: the DNS server is not running there, or its Service has no ready endpoint."
                )
            }
    }

    /// Where the plan says `blocked`, as for tcp-refused.
    private static func unproven(_ evidence: Evidence) -> [Finding] {
        let refused = evidence.measured.filter { check in
            check.wantsNoAnswer && check.check.expectation.word == .blocked && check.dns.contains(where: \.isRefused)
                && !check.dns.contains { $0.flow.outcome == .answered }
        }
        return refused.map { check in
            let flows = check.dns.filter(\.isRefused).map(\.flow)
            let servers = listed(flows.map(\.endpointText).unique())
            return finding(
                servers, checks: [check.name], severity: .warning, confidence: .certain,
                summary: "\(servers) should be blocked; it is refused, which does not show that a policy stops it.",
                evidence: flowLines(flows),
                cause: "No DNS server listens there now. As soon as one does, this flow may work.",
                remedy: [
                    "make sure that a policy denies this flow",
                    "or say expect: refused when a closed port is what you want",
                ])
        }
    }
}
