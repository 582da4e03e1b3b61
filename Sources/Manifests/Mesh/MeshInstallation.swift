import YAML

/// How Istio is installed: an IstioOperator (install.istio.io), or an Istio of the Sail operator (sailoperator.io).
package struct MeshInstallation: Sendable {
    package struct Gateway: Sendable {
        package let name: String
        /// `spec.label` of the gateway, or what Istio gives its own.
        package let labels: [String: String]
        package let isEnabled: Bool
    }

    package let object: ManifestObject
    package let outbound: MeshOutbound?
    /// `enableAutoMtls`, where it is written: true unless it is.
    package let autoMTLS: (isOn: Bool, node: YAMLNode)?
    package let trustDomain: (name: String, node: YAMLNode)?
    package let trustDomainAliases: [String]
    /// Meshes of several clusters have one id.
    package let meshID: String?
    package let clusterName: String?
    private let profile: String
    /// As they are written: the profile may have more.
    private let writtenGateways: [Gateway]

    /// Nil for another kind.
    package init?(_ object: ManifestObject) {
        let isOperator = object.isKind("IstioOperator", "install.istio.io")
        guard isOperator || object.isKind("Istio", "sailoperator.io") else { return nil }
        self.object = object
        let values = object["spec", "values"]
        let meshes = [object["spec", "meshConfig"], values?["meshConfig"]].compactMap(\.self)
        func setting(_ path: String...) -> YAMLNode? { meshes.lazy.compactMap { $0[path] }.first }
        outbound = MeshOutbound(setting("outboundTrafficPolicy"), of: object)
        autoMTLS = setting("enableAutoMtls").flatMap { node in node.bool.map { ($0, node) } }
        trustDomain =
            (setting("trustDomain") ?? values?["global", "trustDomain"]).flatMap { node in
                node.text.map { ($0, node) }
            }
        trustDomainAliases = setting("trustDomainAliases")?.texts ?? []
        meshID = values?["global", "meshID"]?.text
        clusterName = values?["global", "multiCluster", "clusterName"]?.text
        profile = object["spec", "profile"]?.text ?? "default"
        writtenGateways = Self.standard.flatMap { kind in
            (object["spec", "components", kind.list]?.items ?? []).map { node in
                let name = node["name"]?.text ?? kind.name
                let usual = name == kind.name ? kind.labels : [:]
                return Gateway(
                    name: name, labels: usual.merging(node["label"]?.textMap ?? [:]) { $1 },
                    isEnabled: node["enabled"]?.bool ?? true)
            }
        }
    }

    private static let standard = [
        (
            list: "ingressGateways", name: "istio-ingressgateway",
            labels: ["app": "istio-ingressgateway", "istio": "ingressgateway"]
        ),
        (
            list: "egressGateways", name: "istio-egressgateway",
            labels: ["app": "istio-egressgateway", "istio": "egressgateway"]
        ),
    ]

    /// Gateways that it runs, those of its profile among them; nil for an Istio of the Sail operator, which leaves them to others.
    package var gateways: [Gateway]? {
        guard object.kind == "IstioOperator" else { return nil }
        let ofProfile = ["default": 1, "demo": 2, "preview": 1][profile] ?? 0
        let implied = Self.standard.prefix(ofProfile).filter { kind in
            !writtenGateways.contains { $0.name == kind.name }
        }
        return writtenGateways.filter(\.isEnabled)
            + implied.map { Gateway(name: $0.name, labels: $0.labels, isEnabled: true) }
    }
}
