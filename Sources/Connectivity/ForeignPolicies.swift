import Manifests

/// Policies of other makers and other levels, which are not evaluated here and may allow less or more.
package enum ForeignPolicies {
    private static let groups: Set<String> = [
        "cilium.io", "crd.projectcalico.org", "projectcalico.org", "policy.networking.k8s.io", "crd.antrea.io",
    ]

    /// "CiliumNetworkPolicy (cilium.io): 3"
    package static func counted(in state: DeclaredState) -> [String] {
        var counts: [String: Int] = [:]
        for object in state.set.objects where object.kind.hasSuffix("NetworkPolicy") && groups.contains(object.group) {
            counts["\(object.kind) (\(object.group))", default: 0] += 1
        }
        return counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    }
}
