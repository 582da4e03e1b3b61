import NetValues
import Observations
import Planning

/// A port answers that the plan does not list (catalogue section 13).
enum UnexpectedOpenPort: Rule {
    static let layer = Layer.reach
    static let explanation = FindingExplanation(
        id: "unexpected-open-port", severity: .warning, title: "A port answers that is not declared open",
        signals: ["the plan lists the open ports of a range (expect: {open: […]}, --open), and another one answers"],
        lookalikes: [
            "flow-not-blocked: one flow is expected to be blocked",
            "proxy-in-path: a proxy accepts whatever it is asked, for addresses that have no host too",
        ],
        traps: [
            "an accepted connection shows a listener, not which service it is",
            "probing many ports sets off intrusion detection: have the permission, and keep the range small",
        ],
        remedy: [
            "see what listens there (ss -ltnp, ss -lunp on the host), and stop it or bind it to 127.0.0.1",
            "close it for this vantage: NetworkPolicy, security group or firewall",
            "or declare it, if it is meant to be open",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let open = evidence.measured.filter { check in
            check.check.expectation.isClosedByOmission && check.samples.contains(where: CheckEvidence.isThrough)
        }
        return grouped(open, by: \.subject).map { subject, members in
            let isProxied = members.contains { TransparentProxy.acceptsForNobody($0, in: evidence) }
            let words = members.flatMap(\.services).compactMap { service -> String? in
                if case .answered(let words) = service.outcome { "it says: \(words)" } else { nil }
            }
            return finding(
                subject, checks: members.map(\.name), confidence: isProxied ? .possible : .certain,
                summary: "\(subject) answers, and is not among the ports that are declared open.",
                evidence: flowLines(members.flatMap(\.targetFlows).filter { $0.outcome == .answered }, limit: 3)
                    + evidenceLines(words, limit: 2),
                cause: isProxied
                    ? "A proxy on the way may have accepted for it: it accepts for addresses that have no host as well."
                    : "Something listens on this port, and no policy on the way stops connections from here.")
        }
    }
}
