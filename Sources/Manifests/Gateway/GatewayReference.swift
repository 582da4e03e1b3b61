import YAML

/// The group of the Gateway API (gateway.networking.k8s.io).
package enum GatewayAPI {
    package static let group = "gateway.networking.k8s.io"
    package static let routeKinds: Set<String> = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"]
}

/// What an object of the Gateway API refers to: kind and group have defaults of the field, the namespace is the referrer's own.
package struct GatewayReference: Hashable, Sendable {
    package let group: String
    package let kind: String
    package let namespace: String
    package let name: String
    package let line: Int

    package init?(_ node: YAMLNode, kind: String, group: String, in namespace: String) {
        guard let entry = node.entry("name"), let name = entry.value.text else { return nil }
        self.group = node["group"]?.text ?? (node.entry("group") == nil ? group : "")
        self.kind = node["kind"]?.text ?? kind
        self.namespace = node["namespace"]?.text ?? namespace
        self.name = name
        line = Int(entry.keyMark.line)
    }
}
