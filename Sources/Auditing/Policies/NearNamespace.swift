import Manifests
import NetValues

/// The namespace that a namespaceSelector was probably to mean, where it matches none that is declared.
struct NearNamespace {
    let name: String
    /// The label that is asked for: "name=ingress-nginx".
    let wanted: String
    /// The namespace is named as asked, and has no such label.
    let lacksLabel: Bool

    private static let nameKey = "kubernetes.io/metadata.name"
    private static let nameKeys: Set<String> = [nameKey, "name", "namespace"]

    static func find(_ selector: LabelSelector, in state: DeclaredState) -> NearNamespace? {
        guard selector.requirements.count == 1, let wanted = selector.requirements.first, wanted.relation == .isIn,
            nameKeys.contains(wanted.key), let value = wanted.values.first, wanted.values.count == 1
        else { return nil }
        let names = state.namespaces.keys.sorted()
        guard !names.contains(where: { selector.matches(state.labels(ofNamespace: $0)) }) else { return nil }
        let words = "\(wanted.key)=\(value)"
        if wanted.key != nameKey {
            // Whoever gives namespaces this label elsewhere may give it to this one too.
            let isUsed = state.namespaces.values.contains { $0[wanted.key] != nil }
            guard state.namespaces[value] != nil, !isUsed, !hasCommands(value, state) else { return nil }
            return NearNamespace(name: value, wanted: words, lacksLabel: true)
        }
        guard state.namespaces[value] == nil, state.workloads(in: value).isEmpty else { return nil }
        return names.first { NearLabel.isNear(value, $0) }.map {
            NearNamespace(name: $0, wanted: words, lacksLabel: false)
        }
    }

    /// A guide that labels namespaces by commands shows only some of what is done.
    private static func hasCommands(_ namespace: String, _ state: DeclaredState) -> Bool {
        state.set.commands.contains { command in
            if case .label(namespace, _)? = NamespaceCommand(command.words) { true } else { false }
        }
    }
}
