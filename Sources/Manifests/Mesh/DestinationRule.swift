import YAML

/// A DestinationRule of Istio (networking.istio.io): how a host is spoken to, and in which subsets.
package struct DestinationRule: Sendable {
    package struct Subset: Sendable {
        package let name: String
        package let labels: [String: String]
        package let node: YAMLNode
    }

    package let object: ManifestObject
    package let host: String
    package let subsets: [Subset]

    /// Nil for another kind, or without a host.
    package init?(_ object: ManifestObject) {
        guard object.isKind("DestinationRule", "networking.istio.io"), let host = object["spec", "host"]?.text else {
            return nil
        }
        self.object = object
        self.host = host
        subsets = (object["spec", "subsets"]?.items ?? []).compactMap { node in
            node["name"]?.text.map { Subset(name: $0, labels: node["labels"]?.textMap ?? [:], node: node) }
        }
    }
}
