import Manifests
import YAML

/// YAML that can be applied as it stands, for patches. Comments of the file are not in it.
enum ManifestText {
    static func text(_ root: YAMLNode) -> String { lines(root, indent: 0).joined(separator: "\n") }

    /// Several objects.
    static func text(_ roots: [YAMLNode]) -> String { roots.map(text).joined(separator: "\n---\n") }

    private static func lines(_ node: YAMLNode, indent: Int) -> [String] {
        let blanks = String(repeating: " ", count: indent)
        switch node.content {
        case .scalar(let scalar): return [blanks + word(scalar)]
        case .list(let items): return items.flatMap { item(lines($0, indent: indent + 2), indent) }
        case .map(let entries): return entries.flatMap { self.entry($0, blanks, indent) }
        }
    }

    /// The dash takes the place of the first line's two blanks.
    private static func item(_ lines: [String], _ indent: Int) -> [String] {
        guard let first = lines.first else { return [] }
        return [String(repeating: " ", count: indent) + "- " + first.dropFirst(indent + 2)] + lines.dropFirst()
    }

    private static func entry(_ entry: YAMLEntry, _ blanks: String, _ indent: Int) -> [String] {
        let key = blanks + yamlScalar(entry.key) + ":"
        switch entry.value.content {
        case .scalar(let scalar) where scalar.text.contains("\n") && !scalar.text.contains("\r"):
            return [key + (scalar.text.hasSuffix("\n") ? " |" : " |-")] + block(scalar.text, blanks)
        case .scalar(let scalar): return ["\(key) \(word(scalar))"]
        case .list(let items) where items.isEmpty: return ["\(key) []"]
        case .map(let entries) where entries.isEmpty: return ["\(key) {}"]
        case .list: return [key] + lines(entry.value, indent: indent)
        case .map: return [key] + lines(entry.value, indent: indent + 2)
        }
    }

    private static func block(_ text: String, _ blanks: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return (text.hasSuffix("\n") ? lines.dropLast() : lines[...]).map { $0.isEmpty ? "" : "\(blanks)  \($0)" }
    }

    /// As it was where it was plain; otherwise without quotes where nobody takes it for something else.
    private static func word(_ scalar: YAMLScalar) -> String {
        scalar.isPlain ? (scalar.isNothing ? "null" : scalar.text) : yamlScalar(scalar.text)
    }
}

/// Trees made here, which have no place in any file.
extension YAMLNode {
    static func map(_ entries: [(String, YAMLNode)]) -> YAMLNode {
        YAMLNode(
            mark: .start, content: .map(entries.map { YAMLEntry(key: $0.0, keyMark: .start, value: $0.1) }))
    }

    static func list(_ items: [YAMLNode]) -> YAMLNode { YAMLNode(mark: .start, content: .list(items)) }

    static func text(_ text: String) -> YAMLNode {
        YAMLNode(mark: .start, content: .scalar(YAMLScalar(text: text, isPlain: false)))
    }

    static func number(_ number: some BinaryInteger) -> YAMLNode {
        YAMLNode(mark: .start, content: .scalar(YAMLScalar(text: String(number), isPlain: true)))
    }

    static func labels(_ labels: [String: String]) -> YAMLNode {
        map(labels.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })
    }

    /// The tree with another value in place of the scalar that stands at a place.
    func replacing(scalarAt mark: Mark, with value: YAMLNode) -> YAMLNode {
        switch content {
        case .scalar: self.mark == mark ? value : self
        case .list(let items):
            YAMLNode(mark: self.mark, content: .list(items.map { $0.replacing(scalarAt: mark, with: value) }))
        case .map(let entries):
            YAMLNode(
                mark: self.mark,
                content: .map(
                    entries.map {
                        YAMLEntry(
                            key: $0.key, keyMark: $0.keyMark, value: $0.value.replacing(scalarAt: mark, with: value))
                    }))
        }
    }

    /// The tree with a value at the end of a path of keys, each of which is added where it is missing.
    func setting(_ path: [String], to value: YAMLNode) -> YAMLNode {
        guard let key = path.first else { return value }
        let rest = Array(path.dropFirst())
        let changed = YAMLEntry(
            key: key, keyMark: mark, value: (self[key] ?? .map([])).setting(rest, to: value))
        let hasKey = entries.contains { $0.key == key }
        let all = hasKey ? entries.map { $0.key == key ? changed : $0 } : entries + [changed]
        return YAMLNode(mark: mark, content: .map(all))
    }
}
