import Connectivity
import Manifests
import NetValues
import Observations
import Planning

/// A flow that the plan wants and the declared policies deny (catalogue section 4).
enum PolicyDeniesExpectedFlow: Rule {
    static let layer = Layer.reach
    static let explanation = FindingExplanation(
        id: "policy-denies-expected-flow", severity: .error, title: "A NetworkPolicy denies a flow that is needed",
        signals: [
            "manifests: a policy isolates the source for egress or the target for ingress, and no rule of any policy allows the flow",
            "manifests alone (likely): a workload names a Service with its port (environment, command, arguments), or an Ingress or route leads to it, and the policies deny the way to every pod behind it",
            "probes: the same flow gets no answer, or is rejected by ICMP",
        ],
        lookalikes: [
            "policy-not-enforced: the policies deny it, and it passes all the same",
            "tcp-refused: the target's own reset came, so the packets went there and back",
            "pods with the node's network: policies do not select them",
        ],
        traps: [
            "both sides must allow it: egress of the source and ingress of the target",
            "`ingress: []` with its policyType denies, a missing key does not",
            "which pod the vantage is must be known: --as NAMESPACE/POD",
        ],
        remedy: ["apply the policy below: policies add up, so it can stand beside the ones there are"])

    /// What such a flow is otherwise called by its picture on the wire.
    static let replaces: Set<String> = [
        "tcp-filtered-drop", "tcp-rejected", "udp-no-response", "expectation-unmet", "service-no-endpoints",
        "egress-blocked-internet", "icmp-filtered-tcp-ok",
    ]

    static func findings(in evidence: Evidence) -> [Finding] {
        guard let view = evidence.declared else { return [] }
        let denials = evidence.measured.filter { $0.check.expectation.word == .reachable && $0.isAllFailing }
            .compactMap { DeclaredDenial($0, view) }.filter(isStopped)
        return grouped(denials, by: \.check.subject).map { subject, members in judge(subject, members, view) }
    }

    /// Silence or an ICMP rejection; a reset of the target's own says that packets got there.
    private static func isStopped(_ denial: DeclaredDenial) -> Bool {
        let flows = denial.flows
        return !flows.isEmpty
            && flows.allSatisfy { flow in
                switch flow.outcome {
                case .silent, .rejected: true
                default: false
                }
            }
    }

    private static func judge(_ subject: String, _ members: [DeclaredDenial], _ view: DeclaredView) -> Finding {
        let denial = members[0]
        var finding = finding(
            subject, checks: members.map(\.check.name), confidence: view.contradiction == nil ? .certain : .possible,
            summary:
                "A NetworkPolicy denies \(denial.destination.transport.rawValue) \(denial.portWords) from \(denial.from) to \(denial.destination.title): \(denial.words) \(denial.directions.count == 1 ? "does" : "do") not allow it.",
            evidence: members.flatMap(\.lines).unique() + flowLines(members.flatMap(\.flows)),
            cause:
                "Pods that a policy selects may send or get only what a rule allows. The policies say no, and the packets do disappear: declared and seen are one."
        )
        finding.patch = denial.patch(view)
        finding.location = denial.location
        return finding
    }
}
