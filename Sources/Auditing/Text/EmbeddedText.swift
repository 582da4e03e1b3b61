import Manifests
import YAML

/// A file within a ConfigMap, line by line, each with its place.
struct EmbeddedText {
    let object: ManifestObject
    /// The key of `data`: the file's name.
    let name: String
    let lines: [Substring]
    private let node: YAMLNode

    /// The texts of a ConfigMap. Those of other kinds, such as Secrets, are never looked at.
    static func all(_ state: DeclaredState) -> [EmbeddedText] { state.objects("ConfigMap", "").flatMap(all(in:)) }

    static func all(in object: ManifestObject) -> [EmbeddedText] {
        guard object.isKind("ConfigMap", "") else { return [] }
        return (object["data"]?.entries ?? []).compactMap { entry in
            entry.value.text.map { text in
                EmbeddedText(
                    object: object, name: entry.key,
                    lines: text.split(separator: "\n", maxSplits: 20_000, omittingEmptySubsequences: false),
                    node: entry.value)
            }
        }
    }

    /// Of a text that is no block all lines stand where it begins.
    func place(_ index: Int) -> ManifestPlace {
        guard case .scalar(let scalar) = node.content, scalar.isBlock else { return object.place(node) }
        return ManifestPlace(file: object.file, line: Int(node.mark.line) + 1 + index)
    }
}

extension Substring {
    /// Without blanks at either end.
    var trimmed: Substring {
        var text = drop { $0 == " " || $0 == "\t" || $0 == "\r" }
        while let last = text.last, last == " " || last == "\t" || last == "\r" { text.removeLast() }
        return text
    }

    /// The value behind `key:`, without quotes, where the line (as an item of a list too) has that key.
    func value(of key: String) -> Substring? {
        var text = trimmed
        while text.hasPrefix("- ") { text = text.dropFirst(2).trimmed }
        guard text.hasPrefix("\(key):") else { return nil }
        return text.dropFirst(key.count + 1).trimmed.unquoted
    }

    var unquoted: Substring {
        guard let first, first == "\"" || first == "'", count > 1, last == first else { return self }
        return dropFirst().dropLast()
    }
}
