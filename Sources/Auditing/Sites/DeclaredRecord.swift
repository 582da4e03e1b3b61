import Manifests
import NetValues
import YAML

/// An address record that ExternalDNS is to write: one endpoint of a DNSEndpoint.
struct DeclaredRecord {
    let object: ManifestObject
    let name: String
    let targets: [(address: IPAddress, node: YAMLNode)]
    /// Seconds.
    let ttl: (seconds: Int, node: YAMLNode)?
    /// Something takes a dead address out, or each address has a record of its own that a policy weighs.
    let isHealthChecked: Bool

    /// A and AAAA records.
    static func all(_ state: DeclaredState) -> [DeclaredRecord] {
        state.objects("DNSEndpoint").flatMap { object in
            (object["spec", "endpoints"]?.items ?? []).compactMap { DeclaredRecord($0, object) }
        }
    }

    private init?(_ node: YAMLNode, _ object: ManifestObject) {
        guard let name = node["dnsName"]?.text, ["A", "AAAA"].contains(node["recordType"]?.text ?? "A") else {
            return nil
        }
        self.object = object
        self.name = name
        targets = (node["targets"]?.items ?? []).compactMap { item in
            item.text.flatMap { IPAddress($0) }.map { ($0, item) }
        }
        let written = node["recordTTL"]
        ttl = written?.int.flatMap { seconds in written.map { (seconds, $0) } }
        let properties = (node["providerSpecific"]?.items ?? []).compactMap { $0["name"]?.text }
        isHealthChecked =
            node["setIdentifier"] != nil || properties.contains { $0.contains("health") || $0.contains("failover") }
    }
}
