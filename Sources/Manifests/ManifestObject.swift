import NetValues
import YAML

/// One object as it was declared: what every kind has, and the tree of all that was written.
package struct ManifestObject: Sendable {
    package let apiVersion: String
    package let kind: String
    package let name: String
    /// As written; nil where none is, which means the namespace of whoever applies it.
    package let writtenNamespace: String?
    package let labels: [String: String]
    package let annotations: [String: String]
    package let root: YAMLNode
    package let file: String?

    /// Nil for a tree that has no kind.
    package init?(root: YAMLNode, file: String?) {
        guard let kind = root["kind"]?.text else { return nil }
        let metadata = root["metadata"]
        self.kind = kind
        self.root = root
        self.file = file
        apiVersion = root["apiVersion"]?.text ?? ""
        name = metadata?["name"]?.text ?? metadata?["generateName"]?.text.map { "\($0)…" } ?? ""
        writtenNamespace = metadata?["namespace"]?.text
        labels = metadata?["labels"]?.textMap ?? [:]
        annotations = metadata?["annotations"]?.textMap ?? [:]
    }

    /// "networking.k8s.io" of "networking.k8s.io/v1"; empty for the core group.
    package var group: String {
        apiVersion.split(separator: "/").count == 2 ? String(apiVersion.prefix { $0 != "/" }) : ""
    }

    /// The namespace it lands in when nobody says another.
    package var namespace: String { writtenNamespace ?? "default" }

    package var spec: YAMLNode? { root["spec"] }

    package subscript(path: String...) -> YAMLNode? { root[path] }

    /// "NetworkPolicy ecommerce/frontend-policy"; without a namespace where none is written.
    package var title: String {
        let shown = name.isEmpty ? "(no name)" : name.escaped(limit: 253)
        return "\(kind.escaped(limit: 63)) \(writtenNamespace.map { "\($0.escaped(limit: 63))/" } ?? "")\(shown)"
    }

    /// Where it begins.
    package var place: ManifestPlace { ManifestPlace(file: file, line: Int(root.mark.line)) }

    package func place(_ mark: Mark) -> ManifestPlace { ManifestPlace(file: file, line: Int(mark.line)) }
    package func place(_ node: YAMLNode?) -> ManifestPlace { node.map { place($0.mark) } ?? place }

    /// Of a key as it stands in the file, for a list or mapping whose own place is a line below.
    package func place(_ entry: YAMLEntry?) -> ManifestPlace { entry.map { place($0.keyMark) } ?? place }

    package func isKind(_ kind: String, _ groups: String...) -> Bool {
        self.kind == kind && (groups.isEmpty || groups.contains(group))
    }
}
