import YAML

/// A Sidecar of Istio (networking.istio.io): which hosts the proxies of a namespace, or of some of its pods, know at all.
package struct MeshSidecar: Sendable {
    package let object: ManifestObject
    /// Nil means all pods of the namespace, or of the mesh in the root namespace.
    package let selector: LabelSelector?
    /// `NAMESPACE/HOST` of all egress listeners; nil where none is written, which leaves it to the wider Sidecar.
    package let egressHosts: [YAMLNode]?
    package let outbound: MeshOutbound?

    /// Nil for another kind.
    package init?(_ object: ManifestObject) {
        guard object.isKind("Sidecar", "networking.istio.io") else { return nil }
        self.object = object
        let labels = object["spec", "workloadSelector", "labels"]?.textMap ?? [:]
        selector = labels.isEmpty ? nil : LabelSelector(matchLabels: labels)
        let listeners = object["spec", "egress"]?.items ?? []
        egressHosts = listeners.isEmpty ? nil : listeners.flatMap { $0["hosts"]?.items ?? [] }
        outbound = MeshOutbound(object["spec", "outboundTrafficPolicy"], of: object)
    }

    /// Whether its proxies know a host: `./*`, `shop/web.shop.svc.cluster.local`, `*/*.example.com`; `~` is no namespace.
    /// - Parameters:
    ///   - host: in full.
    ///   - namespace: in which the host is declared; nil where that is not known.
    package func knows(_ host: String, of namespace: String?) -> Bool {
        guard let egressHosts else { return true }
        return egressHosts.contains { node in
            guard let text = node.text else { return true }
            let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
            guard parts.count == 2, MeshHost.matches(host, MeshHost.full(parts[1], in: object.namespace)) else {
                return parts.count != 2
            }
            switch parts[0] {
            case "*": return true
            case "~": return false
            case ".": return namespace.map { $0 == object.namespace } ?? true
            default: return namespace.map { $0 == parts[0] } ?? true
            }
        }
    }
}

/// What a proxy does with packets to hosts that it does not know.
package struct MeshOutbound: Sendable {
    /// REGISTRY_ONLY: it refuses them; else (ALLOW_ANY) it passes them on.
    package let isRegistryOnly: Bool
    package let object: ManifestObject
    package let node: YAMLNode

    /// From `{mode: REGISTRY_ONLY}`; nil where no mode is written.
    init?(_ policy: YAMLNode?, of object: ManifestObject) {
        guard let node = policy?["mode"], let mode = node.text else { return nil }
        isRegistryOnly = mode == "REGISTRY_ONLY"
        self.object = object
        self.node = node
    }
}

extension MeshState {
    /// The one that holds for a pod: by its labels, else of its namespace, else of the root namespace.
    package func sidecar(of workload: Workload) -> MeshSidecar? {
        let own = sidecars(in: workload.namespace)
        return own.first { $0.selector?.matches(workload.labels) ?? false } ?? own.first { $0.selector == nil }
            ?? sidecars(in: Self.rootNamespace).first { $0.selector == nil }
    }

    /// As its Sidecar says, else as the installation does; nil where neither says it, or installations differ.
    package func outbound(of workload: Workload) -> MeshOutbound? {
        if let own = sidecar(of: workload)?.outbound { return own }
        let all = installations.map(\.outbound)
        guard let first = all.first, let outbound = first,
            all.allSatisfy({ $0?.isRegistryOnly == outbound.isRegistryOnly })
        else { return nil }
        return outbound
    }

    /// What refuses plaintext at a port of a pod, if anything does: the port's own mode goes first, then the pod's, its namespace's, the mesh's.
    /// - Parameter port: of the container; nil for a port without a mode of its own.
    package func strictPolicy(for workload: Workload, at port: UInt16?) -> PeerAuthentication? {
        let concerning = peerAuthentications.filter { $0.concerns(workload) }
        let own = concerning.filter { $0.selector != nil && !$0.isMeshWide }
        let ofNamespace = concerning.filter { $0.selector == nil && $0.object.namespace == workload.namespace }
        let order = own + ofNamespace + concerning.filter(\.isMeshWide)
        for policy in order {
            let mode = port.flatMap { policy.portModes[$0] } ?? policy.mode
            if mode != .unset { return mode == .strict ? policy : nil }
        }
        return nil
    }
}
