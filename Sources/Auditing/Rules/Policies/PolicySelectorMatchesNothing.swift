import Diagnosis
import Manifests
import NetValues
import Planning

/// A policy that protects nobody (catalogue section 4).
enum PolicySelectorMatchesNothing: AuditRule {
    static let explanation = FindingExplanation(
        id: "policy-selector-matches-nothing", severity: .error, title: "A policy selects no pod",
        signals: [
            "podSelector (labels and expressions) matches no pod and no pod template of the policy's own namespace",
            "a label that is all but the same is told, of a pod there or of what a Service selects",
        ],
        lookalikes: [
            "the pods are in another namespace: policy-namespace-mismatch",
            "a workload scaled to nothing, or a Job: its template counts",
        ],
        traps: [
            "the same labels in another namespace do not count", "an empty selector means all pods",
            "the pods may be declared elsewhere: without a near label nothing is said unless pods of the namespace were read",
        ],
        remedy: ["correct the labels of the selector, or of the pods"])

    static func findings(in state: DeclaredState) -> [Finding] {
        let groups = PodGroups(state)
        let placement = Placement(state)
        let pods = Dictionary(grouping: groups.groups, by: \.namespace).mapValues(labels)
        var search = NearLabelSearch()
        return groups.policies.indices.compactMap { index in
            let policy = groups.policies[index]
            guard groups.selected[index].isEmpty, !policy.selector.selectsEverything,
                !state.set.lacks("Pod", in: policy.namespace)
            else { return nil }
            return judge(policy, pods[policy.namespace] ?? [], state, placement, &search)
        }
    }

    private static func judge(
        _ policy: NetworkPolicy, _ pods: [[String: String]], _ state: DeclaredState, _ placement: Placement,
        _ search: inout NearLabelSearch
    ) -> Finding? {
        let services = state.services.filter { service in
            service.namespace == policy.namespace || !placement.isPlaced(service.object)
        }
        // Somebody else means the same pods, which are declared elsewhere then.
        let isMeantElsewhere = services.contains { policy.selector.matches($0.selector ?? [:]) }
        let near = search.find(policy.selector, among: pods)
        if let near {
            return tell(policy, near, .likely, "a pod of \(policy.namespace) has \(near.words)", pods.count)
        }
        guard !isMeantElsewhere || state.set.isComplete else { return nil }
        for service in services {
            guard let near = search.find(policy.selector, among: [service.selector ?? [:]]) else { continue }
            return tell(policy, near, .possible, "\(service.object.title) selects \(near.words)", pods.count)
        }
        guard state.set.isComplete || !pods.isEmpty && placement.isPlaced(policy.object) else { return nil }
        let hasPodsElsewhere = state.workloads.contains { policy.selector.matches($0.labels) }
        return hasPodsElsewhere && !placement.isPlaced(policy.object)
            ? nil : tell(policy, nil, state.set.isComplete ? .certain : .possible, nil, pods.count)
    }

    /// Of groups of pods, in an order that does not change from run to run.
    private static func labels(_ groups: [PodGroup]) -> [[String: String]] {
        groups.map(\.labels).map { labels in
            (labels, labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ","))
        }.sorted { $0.1 < $1.1 }.map(\.0)
    }

    private static func tell(
        _ policy: NetworkPolicy, _ near: NearLabel?, _ confidence: Finding.Confidence, _ found: String?, _ kinds: Int
    ) -> Finding {
        let read =
            kinds == 0
            ? "no pod of \(policy.namespace) is declared in what was read"
            : "\(counted(kinds, "set", "sets")) of pod labels read in \(policy.namespace), none with \(policy.selector.words)"
        let hint = near.map { " Nearest: \($0.words)." } ?? ""
        let wanted = near?.wanted
        return finding(
            policy.object, at: policy.place(ofLabel: wanted?.key), confidence: confidence,
            summary: "\(policy.object.title) selects no pod in \(policy.namespace): \(policy.selector.words).\(hint)",
            evidence: [read] + [found].compactMap(\.self),
            cause:
                "A policy whose selector matches nothing isolates nothing and allows nothing: the pods it was written for are open.",
            remedy: near.map { ["write \($0.words) in podSelector, or give the pods \(policy.selector.words)"] },
            patch: near.flatMap { patch(policy, $0) })
    }

    /// The policy with the label that was meant.
    private static func patch(_ policy: NetworkPolicy, _ near: NearLabel) -> String? {
        guard policy.object.file != nil else { return nil }
        let requirements = policy.selector.requirements.map {
            $0 == near.wanted ? LabelSelector.Requirement(near.key, .isIn, [near.value]) : $0
        }
        return ManifestText.text(
            policy.object.root.setting(["spec", "podSelector"], to: PolicyTrees.node(LabelSelector(requirements))))
    }
}
