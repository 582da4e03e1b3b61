import Diagnosis
import Manifests
import NetValues
import Planning

/// A policy that protects nobody.
enum PolicySelectorMatchesNothing: AuditRule {
    static let explanation = FindingExplanation(
        id: "policy-selector-matches-nothing", severity: .error, title: "A policy selects no pod",
        signals: ["podSelector matches no pod and no pod template of the policy's own namespace"],
        lookalikes: ["the pods are in another namespace: policy-namespace-mismatch"],
        traps: [
            "the same labels in another namespace do not count", "an empty selector means all pods",
            "where no workload of the namespace was read nothing is said",
        ],
        remedy: ["correct the labels of the selector, or of the pods"])

    static func findings(in state: DeclaredState) -> [Finding] {
        state.policies.compactMap { policy in
            let pods = state.workloads(in: policy.namespace)
            guard !policy.selector.selectsEverything, !pods.isEmpty,
                !pods.contains(where: { policy.selector.matches($0.labels) })
            else { return nil }
            return finding(
                policy.object, at: policy.object.place(policy.object["spec", "podSelector"]),
                summary: "\(policy.object.title) selects no pod in \(policy.namespace): \(policy.selector.words).",
                evidence: [
                    "\(counted(pods.count, "workload")) declared in \(policy.namespace), none of them with \(policy.selector.words)"
                ],
                cause: "A policy whose selector matches nothing isolates nothing and allows nothing.")
        }
    }
}
