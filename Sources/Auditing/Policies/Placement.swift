import Manifests

/// Where objects without `metadata.namespace` belong: a file that names no namespace at all leaves that to whoever applies it; in one that
/// names some, an object without is an exception that nobody may have meant.
struct Placement {
    private let filesWithNamespaces: Set<String>

    init(_ state: DeclaredState) {
        filesWithNamespaces = Set(state.set.objects.compactMap { $0.writtenNamespace == nil ? nil : $0.file ?? "" })
    }

    func isPlaced(_ object: ManifestObject) -> Bool {
        object.writtenNamespace != nil || !filesWithNamespaces.contains(object.file ?? "")
    }
}

extension DeclaredState {
    /// Policies of other kinds, which this program does not evaluate: they may allow or deny beside NetworkPolicies.
    var hasForeignPolicies: Bool {
        [
            "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy",
            "GlobalNetworkPolicy", "ClusterNetworkPolicy",
        ].contains { !objects($0).isEmpty }
            || !objects("NetworkPolicy", "crd.projectcalico.org", "projectcalico.org").isEmpty
    }
}
