import NetValues
import YAML

/// What the cluster itself says stands behind a Service: one EndpointSlice (discovery.k8s.io), or Endpoints.
package struct ServiceEndpoints: Sendable {
    package struct Address: Hashable, Sendable {
        /// Nil for names (addressType FQDN).
        package let address: IPAddress?
        /// Unknown counts as ready (EndpointConditions).
        package let isReady: Bool
        package let node: String?
        /// "Pod/web-0" of the same namespace.
        package let pod: String?
    }

    package struct Port: Hashable, Sendable {
        package let name: String?
        package let number: UInt16
        package let transport: PortTransport
    }

    package let object: ManifestObject
    /// The Service, in the object's own namespace.
    package let service: String
    package let addresses: [Address]
    package let ports: [Port]

    package var namespace: String { object.namespace }
    package var ready: [Address] { addresses.filter(\.isReady) }

    /// Nil for another kind, and for a slice of no Service.
    package init?(_ object: ManifestObject) {
        switch object.kind {
        case "EndpointSlice" where object.isKind("EndpointSlice", "discovery.k8s.io"):
            guard let service = object.labels["kubernetes.io/service-name"] else { return nil }
            self.service = service
            addresses = (object["endpoints"]?.items ?? []).flatMap(Self.addresses)
            ports = (object["ports"]?.items ?? []).compactMap(Port.init)
        case "Endpoints" where object.isKind("Endpoints", ""):
            service = object.name
            let subsets = object["subsets"]?.items ?? []
            addresses = subsets.flatMap { subset in
                (subset["addresses"]?.items ?? []).map { Address(old: $0, isReady: true) }
                    + (subset["notReadyAddresses"]?.items ?? []).map { Address(old: $0, isReady: false) }
            }
            ports = subsets.flatMap { $0["ports"]?.items ?? [] }.compactMap(Port.init).unique()
        default: return nil
        }
        self.object = object
    }

    private static func addresses(_ endpoint: YAMLNode) -> [Address] {
        let target = endpoint["targetRef"]
        let pod = target?["kind"]?.text == "Pod" ? target?["name"]?.text.map { "Pod/\($0)" } : nil
        return (endpoint["addresses"]?.texts ?? []).map {
            Address(
                address: IPAddress($0), isReady: endpoint[["conditions", "ready"]]?.bool ?? true,
                node: endpoint["nodeName"]?.text, pod: pod)
        }
    }
}

extension ServiceEndpoints.Address {
    fileprivate init(old node: YAMLNode, isReady: Bool) {
        let target = node["targetRef"]
        address = node["ip"]?.text.flatMap { IPAddress($0) }
        self.isReady = isReady
        self.node = node["nodeName"]?.text
        pod = target?["kind"]?.text == "Pod" ? target?["name"]?.text.map { "Pod/\($0)" } : nil
    }
}

extension ServiceEndpoints.Port {
    fileprivate init?(_ node: YAMLNode) {
        guard let value = node["port"]?.int, let number = UInt16(exactly: value), number > 0,
            let transport = PortTransport(node["protocol"])
        else { return nil }
        self.init(name: node["name"]?.text, number: number, transport: transport)
    }
}
