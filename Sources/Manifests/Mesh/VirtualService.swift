import YAML

/// A VirtualService of Istio (networking.istio.io): which requests go where.
package struct VirtualService: Sendable {
    package struct GatewayName: Sendable {
        package let name: DeclaredState.Name
        /// The word `mesh`: all sidecars.
        package let isMesh: Bool
        package let node: YAMLNode
    }

    package struct Destination: Sendable {
        package let host: String
        package let subset: String?
        package let port: Int?
        package let weight: Int?
        package let node: YAMLNode
    }

    package struct Route: Sendable {
        package enum Layer: String, Sendable { case http, tls, tcp }
        package let layer: Layer
        /// Each of them alone suffices; empty means every request.
        package let matches: [YAMLNode]
        package let destinations: [Destination]
        /// A redirect, a direct response or a delegate, which go to no host here.
        package let isAnswered: Bool
        package let node: YAMLNode
    }

    package let object: ManifestObject
    package let hosts: [YAMLNode]
    package let gateways: [GatewayName]
    package let routes: [Route]

    /// Nil for another kind.
    package init?(_ object: ManifestObject) {
        guard object.isKind("VirtualService", "networking.istio.io"), let spec = object.spec else { return nil }
        self.object = object
        hosts = (spec["hosts"]?.items ?? []).filter { $0.text != nil }
        gateways = (spec["gateways"]?.items ?? []).compactMap { GatewayName($0, in: object.namespace) }
        routes = [Route.Layer.http, .tls, .tcp].flatMap { layer in
            (spec[layer.rawValue]?.items ?? []).map { Route($0, layer) }
        }
    }

    package var hostTexts: [String] { hosts.compactMap(\.text) }
}

extension VirtualService.GatewayName {
    /// `NAME`, `NAMESPACE/NAME` or `mesh`.
    fileprivate init?(_ node: YAMLNode, in namespace: String) {
        guard let text = node.text else { return nil }
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        name = parts.count == 2 ? DeclaredState.Name(parts[0], parts[1]) : DeclaredState.Name(namespace, text)
        isMesh = text == "mesh"
        self.node = node
    }
}

extension VirtualService.Route {
    fileprivate init(_ node: YAMLNode, _ layer: Layer) {
        self.layer = layer
        self.node = node
        matches = node["match"]?.items ?? []
        destinations = (node["route"]?.items ?? []).compactMap { item in
            guard let destination = item["destination"], let host = destination["host"]?.text else { return nil }
            return VirtualService.Destination(
                host: host, subset: destination["subset"]?.text, port: destination["port", "number"]?.int,
                weight: item["weight"]?.int, node: destination)
        }
        isAnswered = ["redirect", "directResponse", "delegate"].contains { node[$0] != nil }
    }
}
