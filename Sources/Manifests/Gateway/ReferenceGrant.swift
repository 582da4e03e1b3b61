import YAML

/// A ReferenceGrant: who of other namespaces may refer to objects of its own namespace.
package struct ReferenceGrant: Sendable {
    package let object: ManifestObject
    private let froms: [(group: String, kind: String, namespace: String)]
    private let tos: [(group: String, kind: String, name: String?)]

    /// Nil for another kind.
    package init?(_ object: ManifestObject) {
        guard object.isKind("ReferenceGrant", GatewayAPI.group) else { return nil }
        self.object = object
        froms = (object.spec?["from"]?.items ?? []).map {
            ($0["group"]?.text ?? "", $0["kind"]?.text ?? "", $0["namespace"]?.text ?? "")
        }
        tos = (object.spec?["to"]?.items ?? []).map {
            ($0["group"]?.text ?? "", $0["kind"]?.text ?? "", $0["name"]?.text)
        }
    }

    package func allows(_ referrer: ManifestObject, _ reference: GatewayReference) -> Bool {
        object.namespace == reference.namespace
            && froms.contains {
                $0.group == referrer.group && $0.kind == referrer.kind && $0.namespace == referrer.namespace
            }
            && tos.contains {
                $0.group == reference.group && $0.kind == reference.kind
                    && ($0.name ?? reference.name) == reference.name
            }
    }
}
