import Connectivity
import Manifests
import NetValues
import Observations
import Planning

/// A flow that the declared policies deny, and that passes (catalogue section 4).
enum PolicyNotEnforced: Rule {
    static let layer = Layer.reach
    static let explanation = FindingExplanation(
        id: "policy-not-enforced", severity: .critical, title: "NetworkPolicies are not enforced",
        signals: [
            "manifests: no rule allows the flow, and a policy isolates one of its ends; probes: it connects, at least twice"
        ],
        lookalikes: [
            "the source is the target's own node, or has the node's network: that is always allowed",
            "the policy was applied seconds ago", "flow-not-blocked: no manifest was read, or it allows the flow",
        ],
        traps: [
            "some network plugins let traffic in by a load balancer's address past the policy",
            "the manifests that were read may not be those that are applied: read the cluster itself (--manifests cluster)",
        ],
        remedy: [
            "see that the network plugin enforces policies at all: kubectl -n kube-system get pods shows Calico, Cilium or another that does",
            "on AKS: create the cluster with a policy engine (--network-policy cilium), since without one policies have no effect",
            "compare the manifests with what is applied: kubectl diff -f PATH",
        ])

    static let replaces: Set<String> = ["flow-not-blocked", "unrestricted-egress", "env-isolation-breach"]

    static func findings(in evidence: Evidence) -> [Finding] {
        guard let view = evidence.declared, let vantage = view.vantage, !view.state.workloads[vantage].isHostNetwork
        else {
            return []
        }
        let passing = evidence.measured.filter { $0.samples.count { CheckEvidence.passage(of: $0) == .through } >= 2 }
        let denials = passing.compactMap { DeclaredDenial($0, view) }
        return grouped(denials, by: \.check.subject).map { subject, members in
            let denial = members[0]
            var finding = finding(
                subject, checks: members.map(\.check.name), confidence: .likely,
                summary:
                    "The policies deny \(denial.destination.transport.rawValue) \(denial.portWords) from \(denial.from) to \(denial.destination.title), and it connects.",
                evidence: members.flatMap(\.lines).unique()
                    + flowLines(members.flatMap(\.flows).filter { $0.outcome == .answered }, limit: 3),
                cause:
                    "A NetworkPolicy is only an order: without a network plugin that carries it out nothing is denied. Or what is applied is not what was read."
            )
            finding.location = denial.location
            return finding
        }
    }
}
