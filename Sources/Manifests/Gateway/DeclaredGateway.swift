import YAML

/// A Gateway (gateway.networking.k8s.io): ports and hosts that are open, and the routes they take.
package struct DeclaredGateway: Sendable {
    package enum RouteNamespaces: Hashable, Sendable {
        case same
        case all
        case selected(LabelSelector)
    }

    package struct Listener: Hashable, Sendable {
        package let name: String
        /// Nil is every host.
        package let hostname: String?
        package let port: UInt16
        /// "HTTP", "HTTPS", "TLS", "TCP", "UDP"
        package let transport: String
        package let certificates: [GatewayReference]
        /// "Terminate" or "Passthrough"; nil without TLS.
        package let tlsMode: String?
        package let routes: RouteNamespaces
        package let line: Int
    }

    package let object: ManifestObject
    package let className: String?
    package let listeners: [Listener]

    package var namespace: String { object.namespace }
    package var name: String { object.name }

    /// Nil for another kind, such as Istio's Gateway.
    package init?(_ object: ManifestObject) {
        guard object.isKind("Gateway", GatewayAPI.group) else { return nil }
        self.object = object
        className = object.spec?["gatewayClassName"]?.text
        listeners = (object.spec?["listeners"]?.items ?? []).compactMap { Listener($0, in: object.namespace) }
    }
}

extension DeclaredGateway.Listener {
    fileprivate init?(_ node: YAMLNode, in namespace: String) {
        guard let value = node["port"]?.int, let port = UInt16(exactly: value), port > 0 else { return nil }
        name = node["name"]?.text ?? ""
        hostname = node["hostname"]?.text
        self.port = port
        transport = node["protocol"]?.text ?? "HTTP"
        let tls = node["tls"]
        certificates = (tls?["certificateRefs"]?.items ?? []).compactMap {
            GatewayReference($0, kind: "Secret", group: "", in: namespace)
        }
        tlsMode = tls.map { $0["mode"]?.text ?? "Terminate" }
        let allowed = node[["allowedRoutes", "namespaces"]]
        routes =
            switch allowed?["from"]?.text {
            case "All": .all
            case "Selector": .selected(allowed?["selector"].flatMap(LabelSelector.init) ?? LabelSelector())
            default: .same
            }
        line = Int(node.mark.line)
    }
}
