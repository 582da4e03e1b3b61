import YAML

/// What was declared of an Istio mesh, found by the host it is about.
package struct MeshState: Sendable {
    /// Where policies hold for all of the mesh (meshConfig.rootNamespace, as it is by default).
    package static let rootNamespace = "istio-system"

    package let virtualServices: [VirtualService]
    package let destinationRules: [DestinationRule]
    package let gateways: [MeshGateway]
    package let serviceEntries: [ServiceEntry]
    package let peerAuthentications: [PeerAuthentication]
    package let authorizationPolicies: [AuthorizationPolicy]
    package let sidecars: [MeshSidecar]
    package let installations: [MeshInstallation]
    private var rulesByHost: [String: [Int]] = [:]
    private var gatewaysByName: [DeclaredState.Name: Int] = [:]
    private let sidecarsByNamespace: [String: [MeshSidecar]]

    package init(_ objects: [ManifestObject]) {
        virtualServices = objects.compactMap(VirtualService.init)
        destinationRules = objects.compactMap(DestinationRule.init)
        gateways = objects.compactMap(MeshGateway.init)
        serviceEntries = objects.compactMap(ServiceEntry.init)
        peerAuthentications = objects.compactMap(PeerAuthentication.init)
        authorizationPolicies = objects.compactMap(AuthorizationPolicy.init)
        sidecars = objects.compactMap(MeshSidecar.init)
        installations = objects.compactMap(MeshInstallation.init)
        sidecarsByNamespace = Dictionary(grouping: sidecars, by: \.object.namespace)
        for (index, rule) in destinationRules.enumerated() {
            rulesByHost[MeshHost.full(rule.host, in: rule.object.namespace), default: []].append(index)
        }
        for (index, gateway) in gateways.enumerated() {
            gatewaysByName[DeclaredState.Name(gateway.object.namespace, gateway.object.name)] = index
        }
    }

    package var isEmpty: Bool {
        virtualServices.isEmpty && destinationRules.isEmpty && gateways.isEmpty && peerAuthentications.isEmpty
            && authorizationPolicies.isEmpty
    }

    /// - Parameter host: in full.
    package func destinationRules(for host: String) -> [DestinationRule] {
        let exact = (rulesByHost[host] ?? []).map { destinationRules[$0] }
        return exact.isEmpty
            ? destinationRules.filter { $0.host.hasPrefix("*") && MeshHost.matches(host, $0.host) } : exact
    }

    func sidecars(in namespace: String) -> [MeshSidecar] { sidecarsByNamespace[namespace] ?? [] }

    package func gateway(_ name: DeclaredState.Name) -> MeshGateway? { gatewaysByName[name].map { gateways[$0] } }
}

/// Names of hosts as Istio reads them.
package enum MeshHost {
    /// A name without dots is a Service of the namespace of the object that names it.
    package static func full(_ host: String, in namespace: String) -> String {
        host.contains(".") || host.hasPrefix("*") ? withZone(host) : "\(host).\(namespace).svc.cluster.local"
    }

    private static func withZone(_ host: String) -> String {
        host.hasSuffix(".svc") ? host + ".cluster.local" : host
    }

    /// The Service that a full name means; nil for a host outside the cluster.
    package static func service(_ full: String) -> DeclaredState.Name? {
        let parts = full.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[2] == "svc", !parts[0].isEmpty, parts[0] != "*" else { return nil }
        return DeclaredState.Name(String(parts[1]), String(parts[0]))
    }

    /// `*` and `*.example.com` hold for what ends so.
    package static func matches(_ host: String, _ pattern: String) -> Bool {
        pattern.hasPrefix("*") ? host.hasSuffix(pattern.dropFirst()) : host == pattern
    }

    /// Whether two patterns have a host in common.
    package static func overlap(_ left: String, _ right: String) -> Bool {
        if left.hasPrefix("*"), right.hasPrefix("*") {
            return left.dropFirst().hasSuffix(right.dropFirst()) || right.dropFirst().hasSuffix(left.dropFirst())
        }
        return matches(left, right) || matches(right, left)
    }
}
