import Diagnosis
import Manifests
import NetValues

/// What was read and nothing is said of: policies of other makers, and kinds that are not known.
package enum NotEvaluated {
    private struct Group {
        var count = 0
        let first: ManifestPlace
        let isPolicy: Bool
    }

    /// "3 CiliumNetworkPolicy (cilium.io), first at shop.yaml:12: …"
    package static func lines(_ state: DeclaredState) -> [String] {
        let defined = CustomKinds(state)
        var groups: [APIGroups.Kind: Group] = [:]
        for object in state.set.objects {
            let kind = APIGroups.Kind(object.group, object.kind)
            let isPolicy = APIGroups.otherPolicies.contains(kind)
            guard isPolicy || !APIGroups.isKnown(object) || defined.contains(object) else { continue }
            groups[kind, default: Group(first: object.place, isPolicy: isPolicy)].count += 1
        }
        // Policies first: they change what is allowed.
        let ordered = groups.sorted { left, right in
            (left.value.isPolicy ? 0 : 1, left.key.group, left.key.kind) < (
                right.value.isPolicy ? 0 : 1, right.key.group, right.key.kind
            )
        }
        return patches(state)
            + ordered.map { kind, group in
                let place = group.first.words.map { ", first at \($0)" } ?? ""
                let shown = kind.group.isEmpty ? "core" : kind.group.escaped(limit: 253)
                let why =
                    group.isPolicy
                    ? "it allows or denies too, and connectivity is told without it" : "a kind that is not known here"
                return "\(group.count) \(kind.kind.escaped(limit: 63)) (\(shown))\(place): \(why)"
            }
    }

    private static func patches(_ state: DeclaredState) -> [String] {
        guard let first = state.set.patches.first else { return [] }
        let place = first.place.words.map { ", first at \($0)" } ?? ""
        return [
            "\(counted(state.set.patches.count, "patch", "patches")) of kustomize\(place): parts of objects; judge what is built of them: kustomize build FOLDER | leadsman audit -"
        ]
    }
}
