import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Namespaces of two environments that nothing keeps apart (catalogue section 13, the static half).
enum EnvIsolationBreach: AuditRule {
    static let explanation = FindingExplanation.shared("env-isolation-breach", severity: .critical)

    private static let productive: Set<String> = ["production", "prod", "live", "prd"]

    static func findings(in state: DeclaredState) -> [Finding] {
        guard !state.policies.isEmpty, !state.hasForeignPolicies else { return [] }
        return DeclaredState.environmentKeys.sorted().compactMap { key -> Finding? in
            let labelled = state.namespaces.compactMap { name, labels in labels[key].map { (name, $0) } }
            let values = Set(labelled.map(\.1))
            let homes = labelled.filter { productive.contains($0.1.lowercased()) }.map(\.0).sorted()
            guard values.count > 1, let home = homes.first, !isReferred(key, labelled.map(\.0), state) else {
                return nil
            }
            return tell(key, home, labelled.map(\.0).sorted(), state)
        }
    }

    /// A policy that selects by the label, or stands in a namespace that has it, may keep them apart.
    private static func isReferred(_ key: String, _ names: [String], _ state: DeclaredState) -> Bool {
        state.policies.contains { policy in
            if names.contains(policy.namespace) { return true }
            return (policy.ingress + policy.egress).flatMap { $0.peers ?? [] }.compactMap(\.pods?.namespaces).contains {
                $0.requirements.contains { requirement in
                    requirement.key == key
                        || requirement.key == "kubernetes.io/metadata.name"
                            && !requirement.values.isDisjoint(with: names)
                }
            }
        }
    }

    private static func tell(_ key: String, _ home: String, _ names: [String], _ state: DeclaredState) -> Finding {
        let title = "Namespace \(home)"
        let object = state.objects("Namespace", "").first { $0.name == home }
        let command = state.set.commands.last { command in
            if case .label(home, _)? = NamespaceCommand(command.words) { true } else { false }
        }
        let place = object.map { $0.place($0["metadata", "labels"]?.entry(key)) } ?? command?.place
        let policies = state.policies.map(\.object.title).unique()
        return DesignFinding.of(
            Self.self, subject: title, at: place ?? ManifestPlace(file: nil, line: 1), confidence: .possible,
            summary:
                "\(title) is labelled as production, and no policy keeps pods of the other environments out of it.",
            evidence: [
                "namespaces that the label `\(key)` tells apart: \(listed(names, limit: 5))",
                "no namespaceSelector of \(listed(policies)) refers to that label, and none of these namespaces has a policy of its own",
            ],
            cause:
                "A label alone isolates nothing. Without a policy in the namespace every pod of the cluster may connect to its pods.",
            patch: ManifestText.text(fence(home, key, state)))
    }

    /// Pods of the namespace may be entered from their own environment only.
    private static func fence(_ home: String, _ key: String, _ state: DeclaredState) -> YAMLNode {
        let value = state.labels(ofNamespace: home)[key] ?? "production"
        let peer = YAMLNode.map([
            ("namespaceSelector", .map([("matchLabels", .labels([key: value]))]))
        ])
        return .map([
            ("apiVersion", .text("networking.k8s.io/v1")), ("kind", .text("NetworkPolicy")),
            ("metadata", .map([("name", .text("same-\(key)-only")), ("namespace", .text(home))])),
            (
                "spec",
                .map([
                    ("podSelector", .map([])), ("policyTypes", .list([.text("Ingress")])),
                    ("ingress", .list([.map([("from", .list([peer]))])])),
                ])
            ),
        ])
    }
}
