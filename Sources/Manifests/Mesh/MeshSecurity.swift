import YAML

/// A PeerAuthentication of Istio (security.istio.io): which pods accept mutual TLS only.
package struct PeerAuthentication: Sendable {
    package enum Mode: String, Sendable {
        case strict = "STRICT", permissive = "PERMISSIVE", disable = "DISABLE", unset = "UNSET"
    }

    package let object: ManifestObject
    package let mode: Mode
    package let modeNode: YAMLNode?
    /// Nil means all pods of the namespace, or of the mesh in the root namespace.
    package let selector: LabelSelector?
    /// Of container ports, where they differ.
    package let portModes: [UInt16: Mode]

    /// Nil for another kind.
    package init?(_ object: ManifestObject) {
        guard object.isKind("PeerAuthentication", "security.istio.io") else { return nil }
        self.object = object
        modeNode = object["spec", "mtls", "mode"]
        mode = modeNode?.text.flatMap(Mode.init) ?? .unset
        let labels = object["spec", "selector", "matchLabels"]?.textMap ?? [:]
        selector = labels.isEmpty ? nil : LabelSelector(matchLabels: labels)
        portModes = Dictionary(
            (object["spec", "portLevelMtls"]?.entries ?? []).compactMap { entry in
                guard let port = UInt16(entry.key), let mode = entry.value["mode"]?.text.flatMap(Mode.init) else {
                    return nil
                }
                return (port, mode)
            }, uniquingKeysWith: { first, _ in first })
    }

    package var isMeshWide: Bool { selector == nil && object.namespace == MeshState.rootNamespace }

    package func concerns(_ workload: Workload) -> Bool {
        guard isMeshWide || object.namespace == workload.namespace else { return false }
        return selector?.matches(workload.labels) ?? true
    }
}

/// An AuthorizationPolicy of Istio (security.istio.io): who may ask what.
package struct AuthorizationPolicy: Sendable {
    package struct Source: Sendable {
        package let principals: [YAMLNode]
        package let node: YAMLNode
    }

    package struct Rule: Sendable {
        /// Empty means everybody.
        package let sources: [Source]
        package let node: YAMLNode
    }

    package let object: ManifestObject
    /// ALLOW unless written otherwise.
    package let action: String
    package let selector: LabelSelector?
    package let rules: [Rule]

    /// Nil for another kind.
    package init?(_ object: ManifestObject) {
        guard object.isKind("AuthorizationPolicy", "security.istio.io") else { return nil }
        self.object = object
        action = object["spec", "action"]?.text ?? "ALLOW"
        let labels = object["spec", "selector", "matchLabels"]?.textMap ?? [:]
        selector = labels.isEmpty ? nil : LabelSelector(matchLabels: labels)
        rules = (object["spec", "rules"]?.items ?? []).map { rule in
            let sources = (rule["from"]?.items ?? []).compactMap { $0["source"] }
            return Rule(
                sources: sources.map { Source(principals: $0["principals"]?.items ?? [], node: $0) }, node: rule)
        }
    }

    package func concerns(_ workload: Workload) -> Bool {
        guard object.namespace == workload.namespace || object.namespace == MeshState.rootNamespace else {
            return false
        }
        return selector?.matches(workload.labels) ?? true
    }
}
