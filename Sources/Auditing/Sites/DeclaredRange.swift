import Manifests
import NetValues
import YAML

/// A range of addresses that an object gives to something.
struct DeclaredRange: Hashable {
    enum Role: String { case pods, services, network, subnet, route }

    enum Provider: String {
        case azure, aws, gcp

        static let all: [Self] = [.azure, .aws, .gcp]
    }

    let range: AddressRange
    let role: Role
    /// Nil where the object says none.
    let provider: Provider?
    let place: ManifestPlace
    let title: String

    /// "10.42.0.0/16 (pods, sites.yaml:12)"
    var words: String { "\(range) (\(role.rawValue)\(place.words.map { ", \($0)" } ?? ""))" }

    /// Of cluster charts, clusters, virtual networks and transit routes.
    static func all(_ state: DeclaredState) -> [DeclaredRange] {
        let kinds = [
            "HelmChart", "VirtualNetwork", "TransitGatewayConfig", "ClusterConfiguration", "Cluster", "ServiceCIDR",
            "IPPool",
        ]
        return kinds.flatMap { state.objects($0) }.flatMap(ranges)
    }

    private static func ranges(_ object: ManifestObject) -> [DeclaredRange] {
        switch object.kind {
        case "HelmChart": chart(object)
        case "VirtualNetwork": network(object)
        case "TransitGatewayConfig":
            (object["spec", "routes"]?.items ?? []).flatMap { nodes($0["destinationCidrBlock"]) }
                .compactMap { range($0, .route, object, .aws) }
        case "ServiceCIDR": nodes(object["spec", "cidrs"]).compactMap { range($0, .services, object) }
        case "IPPool" where object.group.contains("projectcalico"):
            nodes(object["spec", "cidr"]).compactMap { range($0, .pods, object) }
        case "ClusterConfiguration", "Cluster": cluster(object)
        default: []
        }
    }

    private static func range(
        _ node: YAMLNode, _ role: Role, _ object: ManifestObject, _ provider: Provider? = nil
    ) -> DeclaredRange? {
        guard let text = node.text, let range = AddressRange(text) else { return nil }
        return DeclaredRange(
            range: range, role: role, provider: provider, place: object.place(node), title: object.title)
    }

    private static func nodes(_ node: YAMLNode?) -> [YAMLNode] {
        guard let node else { return [] }
        return node.isList ? node.items : [node]
    }

    /// k3s and the like, as k3s's Helm controller takes them (`spec.set`).
    private static func chart(_ object: ManifestObject) -> [DeclaredRange] {
        (object["spec", "set"]?.entries ?? []).flatMap { entry -> [DeclaredRange] in
            let key = entry.key.split(separator: ".").last.map { $0.lowercased() } ?? ""
            let role: Role? =
                ["clustercidr", "podcidr"].contains(key) ? .pods : key == "servicecidr" ? .services : nil
            return role.map { role in nodes(entry.value).compactMap { range($0, role, object) } } ?? []
        }
    }

    private static func network(_ object: ManifestObject) -> [DeclaredRange] {
        let provider = Provider.all.first { object.group.contains($0.rawValue) }
        let prefixes = nodes(object["spec", "addressSpace", "addressPrefixes"] ?? object["spec", "cidrBlocks"])
        let subnets = (object["spec", "subnets"]?.items ?? []).flatMap {
            nodes($0[["properties", "addressPrefix"]] ?? $0["addressPrefix"])
        }
        return prefixes.compactMap { range($0, .network, object, provider) }
            + subnets.compactMap { range($0, .subnet, object, provider) }
    }

    /// kubeadm's ClusterConfiguration, kind's and Cluster API's Cluster.
    private static func cluster(_ object: ManifestObject) -> [DeclaredRange] {
        let own = object["networking"]
        let api = object["spec", "clusterNetwork"]
        return split(own?["podSubnet"], object, .pods)
            + nodes(api?[["pods", "cidrBlocks"]]).compactMap { range($0, .pods, object) }
            + split(own?["serviceSubnet"], object, .services)
            + nodes(api?[["services", "cidrBlocks"]]).compactMap { range($0, .services, object) }
    }

    /// "10.244.0.0/16,fd00:10:244::/56"
    private static func split(_ node: YAMLNode?, _ object: ManifestObject, _ role: Role) -> [DeclaredRange] {
        guard let node, let text = node.text else { return [] }
        return text.split(separator: ",").compactMap { AddressRange($0) }.map {
            DeclaredRange(range: $0, role: role, provider: nil, place: object.place(node), title: object.title)
        }
    }
}
