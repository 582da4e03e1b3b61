import Diagnosis
import Manifests
import NetValues
import Planning

/// A policy in a namespace where its pods are not (catalogue section 4).
enum PolicyNamespaceMismatch: AuditRule {
    static let explanation = FindingExplanation(
        id: "policy-namespace-mismatch", severity: .error, title: "A policy stands in another namespace than its pods",
        signals: [
            "no namespace is written, and the pods it selects are declared in one",
            "its namespace is never created, while others whose names begin with it are",
            "no namespace is written in a file that names some, and nothing it could mean is declared without one",
        ],
        lookalikes: ["policy-selector-matches-nothing: no pod has the labels in any namespace"],
        traps: ["kustomize, helm or `kubectl -n` may set the namespace later: told as written"],
        remedy: ["set metadata.namespace to the namespace of the pods"])

    static func findings(in state: DeclaredState) -> [Finding] {
        let groups = PodGroups(state)
        let placement = Placement(state)
        return groups.policies.indices.compactMap { index in
            let policy = groups.policies[index]
            guard groups.selected[index].isEmpty else { return nil }
            return policy.object.writtenNamespace == nil
                ? unwritten(policy, groups, placement) : uncreated(policy, state)
        }
    }

    private static func unwritten(_ policy: NetworkPolicy, _ groups: PodGroups, _ placement: Placement) -> Finding? {
        guard !policy.selector.selectsEverything else { return nil }
        let homes = groups.groups.filter { policy.selector.matches($0.labels) }.map(\.namespace).unique().sorted()
        let line = policy.object.place(policy.object["metadata"])
        let title = policy.object.title
        guard let home = homes.first else {
            guard !placement.isPlaced(policy.object) else { return nil }
            return finding(
                policy.object, at: line, confidence: .possible,
                summary:
                    "\(title) names no namespace, and no pod with \(policy.selector.words) is declared where it lands.",
                evidence: [
                    "as written it lands in whatever namespace it is applied to; other objects of this file name theirs",
                    "no pod with \(policy.selector.words) was read in any namespace",
                ],
                cause: "A policy acts on pods of its own namespace only; in another one it protects nothing.")
        }
        let owners = groups.groups.filter { policy.selector.matches($0.labels) }.flatMap(groups.workloads)
        return finding(
            policy.object, at: line, confidence: .likely,
            summary: "\(title) names no namespace; its pods (\(policy.selector.words)) are in \(listed(homes)).",
            evidence: [
                "\(listed(owners.map(\.title).unique())) \(owners.count == 1 ? "has" : "have") \(policy.selector.words)",
                "as written the policy lands in whatever namespace it is applied to",
            ],
            cause: "A policy acts on pods of its own namespace only; in another one it protects nothing.",
            remedy: ["set metadata.namespace: \(home)"],
            patch: policy.object.file == nil
                ? nil : ManifestText.text(policy.object.root.setting(["metadata", "namespace"], to: .text(home))))
    }

    /// A short name with a letter too many or too few, whose pods the policy selects. Numbers tell siblings apart.
    private static func isMistyped(
        _ own: String, _ name: String, _ policy: NetworkPolicy, _ state: DeclaredState
    ) -> Bool {
        guard !policy.selector.selectsEverything, own.first == name.first, own.count != name.count,
            !own.contains(where: \.isNumber), !name.contains(where: \.isNumber), min(own.count, name.count) > 3,
            nearestWord(to: own, among: [name]) != nil
        else { return false }
        return !state.workloads(in: name, with: policy.selector).isEmpty
    }

    private static func uncreated(_ policy: NetworkPolicy, _ state: DeclaredState) -> Finding? {
        let own = policy.namespace
        guard state.namespaces[own] == nil, !state.namespaces.isEmpty, own != "default", !own.hasPrefix("kube-"),
            state.workloads(in: own).isEmpty
        else { return nil }
        let near = state.namespaces.keys.filter { name in
            name.hasPrefix(own + "-") || NearLabel.isNear(name, own) || isMistyped(own, name, policy, state)
        }.sorted()
        guard !near.isEmpty else { return nil }
        return finding(
            policy.object, at: policy.object.place(policy.object["metadata", "namespace"]),
            confidence: state.set.hasAll("Namespace") ? .certain : .likely,
            summary:
                "\(policy.object.title) is for namespace \(own), which is never created; \(listed(near)) \(near.count == 1 ? "is" : "are").",
            evidence: ["namespaces that are declared: \(listed(state.namespaces.keys.sorted(), limit: 6))"],
            cause:
                "In a namespace that does not exist the policy cannot be applied, and in the ones that do nothing protects the pods.",
            remedy: ["write the policy for \(listed(near)), once for each"])
    }
}
