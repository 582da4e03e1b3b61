import Manifests
import YAML

/// YAML to show as a patch.
enum YAMLLines {
    /// "    app: web" of each, in the order of the keys.
    static func map(_ values: [String: String], indent: Int) -> [String] {
        values.sorted { $0.key < $1.key }.map {
            String(repeating: " ", count: indent) + "\(yamlScalar($0.key)): \(yamlScalar($0.value))"
        }
    }

    /// The namespace to write into an object that names none.
    static func namespace(_ namespace: String) -> String {
        "metadata:\n  namespace: \(yamlScalar(namespace))"
    }
}

extension ManifestObject {
    /// The lines of a text that stands as a block (`key: |`), each with its place; of any other text the place of its key.
    func lines(of entry: YAMLEntry) -> [(text: Substring, place: ManifestPlace)] {
        guard let text = entry.value.text else { return [] }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let first = Int(entry.value.mark.line)
        return lines.enumerated().map { index, line in
            (line, ManifestPlace(file: file, line: lines.count > 1 ? first + 1 + index : first))
        }
    }
}
