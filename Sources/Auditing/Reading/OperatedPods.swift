import Manifests

/// Pods that an operator makes from objects of its own kinds: no template shows them, and Services select them all the same.
struct OperatedPods {
    /// Lower-case names and kinds of such objects, by namespace.
    private var words: [String: Set<String>] = [:]

    /// Kinds of others that run no pods.
    private static let idle: Set<String> = [
        "ServiceMonitor", "PodMonitor", "PrometheusRule", "Probe", "VirtualService", "DestinationRule", "Gateway",
        "ServiceEntry", "Sidecar", "PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication", "EnvoyFilter",
        "Certificate", "Issuer", "ClusterIssuer", "ServiceExport", "ServiceImport", "DNSEndpoint", "ExternalSecret",
        "SealedSecret", "SecretStore", "IPAddressPool", "L2Advertisement", "BGPAdvertisement", "ScaledObject",
        "CiliumNetworkPolicy", "GlobalNetworkPolicy",
    ]

    init(_ state: DeclaredState) {
        for object in state.set.objects where Self.mayRunPods(object) {
            words[object.namespace, default: []].formUnion([object.name.lowercased(), object.kind.lowercased()])
        }
    }

    private static func mayRunPods(_ object: ManifestObject) -> Bool {
        object.group.contains(".") && !object.group.hasSuffix("k8s.io") && !idle.contains(object.kind)
    }

    /// Its selector names such an object, or has labels of an operator alone.
    func makesPods(of service: DeclaredService) -> Bool {
        let selector = service.selector ?? [:]
        if selector.keys.allSatisfy({ $0.contains("/") && !$0.hasPrefix("app.kubernetes.io/") }) { return true }
        guard let known = words[service.namespace] else { return false }
        return selector.values.contains { known.contains($0.lowercased()) }
    }
}
