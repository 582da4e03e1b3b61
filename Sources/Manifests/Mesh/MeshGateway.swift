import YAML

/// A Gateway of Istio (networking.istio.io): which hosts a proxy at the edge listens for.
package struct MeshGateway: Sendable {
    package struct Server: Sendable {
        package let port: Int?
        /// HTTP, HTTPS, GRPC, HTTP2, MONGO, TCP, TLS
        package let transport: String
        /// As written: `shop.example.com`, `*.example.com`, `NAMESPACE/HOST`.
        package let hosts: [String]
        /// SIMPLE, MUTUAL, PASSTHROUGH, …; nil without TLS.
        package let tlsMode: String?
        package let credentialName: String?
        package let redirectsToHTTPS: Bool
        package let node: YAMLNode
    }

    package let object: ManifestObject
    package let selector: [String: String]
    package let servers: [Server]

    /// Nil for another kind.
    package init?(_ object: ManifestObject) {
        guard object.isKind("Gateway", "networking.istio.io"), let spec = object.spec else { return nil }
        self.object = object
        selector = spec["selector"]?.textMap ?? [:]
        servers = (spec["servers"]?.items ?? []).map { node in
            Server(
                port: node["port", "number"]?.int, transport: node["port", "protocol"]?.text?.uppercased() ?? "",
                hosts: node["hosts"]?.texts ?? [], tlsMode: node["tls", "mode"]?.text,
                credentialName: node["tls", "credentialName"]?.text,
                redirectsToHTTPS: node["tls", "httpsRedirect"]?.bool ?? false, node: node)
        }
    }

    /// Whether a VirtualService of a namespace may be bound for a host.
    package func serves(_ host: String, from namespace: String) -> Bool {
        servers.flatMap(\.hosts).contains { written in
            let parts = written.split(separator: "/", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return MeshHost.overlap(host, written) }
            let isAllowed = parts[0] == "*" || parts[0] == namespace || parts[0] == "." && namespace == object.namespace
            return isAllowed && MeshHost.overlap(host, parts[1])
        }
    }
}

/// A ServiceEntry of Istio (networking.istio.io): hosts that the mesh knows besides Services.
package struct ServiceEntry: Sendable {
    package let object: ManifestObject
    package let hosts: [String]

    /// Nil for another kind.
    package init?(_ object: ManifestObject) {
        guard object.isKind("ServiceEntry", "networking.istio.io") else { return nil }
        self.object = object
        hosts = object["spec", "hosts"]?.texts ?? []
    }
}
