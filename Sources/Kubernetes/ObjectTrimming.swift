import JSON
import Manifests
import YAML

/// What is kept of an object. Of a Secret that is its name and labels, and the certificate of a TLS Secret: keys and all else are dropped here,
/// before anything rests on the object.
struct ObjectTrimming {
    let kind: String
    let apiVersion: String

    private static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"
    private static let certificateKey = "tls.crt"

    /// Nil for what is no object of the kind.
    func object(_ item: JSONValue) -> ManifestObject? {
        guard case .object(let members) = item, let metadata = item["metadata"], metadata.object != nil,
            metadata["name"]?.string?.isEmpty == false
        else { return nil }
        let head: [(String, JSONValue)] = [("apiVersion", .string(apiVersion)), ("kind", .string(kind))]
        let tree: JSONObject
        if kind == "Secret" {
            tree = JSONObject(head + [("metadata", secretMetadata(metadata))] + certificate(item))
        } else {
            let rest = members.members.compactMap { member -> (String, JSONValue)? in
                switch member.key {
                case "apiVersion", "kind", "binaryData": nil
                case "metadata": (member.key, Self.metadata(metadata))
                default: (member.key, member.value)
                }
            }
            tree = JSONObject(head + rest)
        }
        return ManifestObject(root: YAMLNode(.object(tree)), file: nil)
    }

    /// Without what the server keeps for itself, and without the second copy of the whole object that `kubectl apply` leaves.
    private static func metadata(_ metadata: JSONValue) -> JSONValue {
        guard var kept = metadata.object else { return metadata }
        kept["managedFields"] = nil
        if var annotations = kept["annotations"]?.object {
            annotations[lastApplied] = nil
            kept["annotations"] = .object(annotations)
        }
        return .object(kept)
    }

    /// Annotations of Secrets are left out, but for cert-manager's: any other may hold what the Secret holds.
    private func secretMetadata(_ metadata: JSONValue) -> JSONValue {
        var kept = JSONObject()
        for key in ["name", "namespace", "labels", "creationTimestamp", "ownerReferences"] {
            if let value = metadata[key] { kept[key] = value }
        }
        let annotations = (metadata["annotations"]?.object?.members ?? []).filter {
            $0.key.hasPrefix("cert-manager.io/")
        }
        if !annotations.isEmpty { kept["annotations"] = .object(JSONObject(distinct: annotations)) }
        return .object(kept)
    }

    private func certificate(_ secret: JSONValue) -> [(String, JSONValue)] {
        guard let type = secret["type"]?.string else { return [] }
        var kept: [(String, JSONValue)] = [("type", .string(type))]
        if type == "kubernetes.io/tls", let text = secret["data"]?[Self.certificateKey]?.string {
            kept.append(("data", .object(JSONObject([(Self.certificateKey, .string(text))]))))
        }
        return kept
    }
}
