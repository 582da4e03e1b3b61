import YAML

/// Whether pods get a sidecar, as far as manifests say (Istio: "Installing the Sidecar", the rules of its webhook).
package enum MeshMembership: Hashable, Sendable {
    /// The pod has the proxy in its containers.
    case present
    /// Namespace or pod ask for one.
    case asked
    /// The pod, or its namespace, refuses it.
    case refused
    /// The namespace was declared, and nothing asks for one.
    case notAsked
    /// The pod's namespace was not declared.
    case unknown

    package var isInside: Bool { self == .present || self == .asked }
    package var isOutside: Bool { self == .refused || self == .notAsked }

    static func of(_ workload: Workload, _ state: DeclaredState) -> MeshMembership {
        if workload.template.hasProxy { return .present }
        if workload.isHostNetwork { return .refused }
        let word =
            workload.template.labels["sidecar.istio.io/inject"]
            ?? workload.template.annotations["sidecar.istio.io/inject"]
        let labels = state.namespaces[workload.namespace]
        if labels?["istio-injection"] == "disabled" || word == "false" { return .refused }
        if word == "true" || workload.labels["istio.io/rev"] != nil { return .asked }
        guard let labels else { return .unknown }
        // Ambient mode has no sidecar, and its pods are in the mesh all the same.
        let isAsked =
            labels["istio-injection"] == "enabled" || labels["istio.io/rev"] != nil
            || labels["istio.io/dataplane-mode"] == "ambient"
        return isAsked ? .asked : .notAsked
    }
}

extension DeclaredState {
    package func membership(of workload: Workload) -> MeshMembership { MeshMembership.of(workload, self) }

    /// Of a guide that shows all it speaks of: not YAML files, which are seldom all there is.
    package static func isDocument(_ file: String?) -> Bool {
        guard let name = file?.lowercased(), name != "-" else { return false }
        return ![".yaml", ".yml", ".json"].contains(where: name.hasSuffix)
    }
}

extension PodTemplate {
    /// Istio's sidecar, or a gateway, whose only container it is.
    package var hasProxy: Bool { containers.contains { $0["name"]?.text == "istio-proxy" } }
}
