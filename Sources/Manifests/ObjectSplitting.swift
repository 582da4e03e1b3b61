import NetValues
import YAML

/// Objects out of one document: a list is its items, and two objects without a line between them are two.
package struct ObjectSplitting {
    /// More than are told of one reading, however many there are.
    private static let mostProblems = 2000

    private let file: String?
    private(set) package var set = ManifestSet()
    private var depth = 0

    package init(file: String?) {
        self.file = file
    }

    package mutating func take(_ root: YAMLNode) {
        switch root.content {
        case .list(let items): for item in items { takeItem(item) }
        case .map(let entries): for part in parts(entries, root) { take(part: part) }
        case .scalar(let scalar):
            // Helm leaves documents that hold nothing.
            guard !scalar.isNothing else { return }
            report(.strange, root.mark, "this document is a text and no object")
        }
    }

    /// Lists within lists are no kind of kubectl's.
    private mutating func takeItem(_ item: YAMLNode) {
        guard depth < 3 else { return }
        depth += 1
        take(item)
        depth -= 1
    }

    private mutating func take(part root: YAMLNode) {
        guard let kind = root["kind"]?.text else {
            set.fragments.append(ManifestSet.Fragment(root: root, file: file))
            return
        }
        if kind.hasSuffix("List"), let items = root["items"], items.isList {
            for item in items.items { takeItem(item.named(like: root, kind: String(kind.dropLast(4)))) }
        } else if let object = ManifestObject(root: root, file: file) {
            set.objects.append(object)
        }
    }

    /// Where `apiVersion` or `kind` stands again another object begins, which strict readers refuse and others let take the place of
    /// the first (catalogue id manifest-document-separator).
    private mutating func parts(_ entries: [YAMLEntry], _ root: YAMLNode) -> [YAMLNode] {
        var parts: [YAMLNode] = []
        var part: [YAMLEntry] = []
        var marks: [String: Mark] = [:]
        func close() {
            if let first = part.first { parts.append(YAMLNode(mark: first.keyMark, content: .map(part))) }
            part = []
            marks = [:]
        }
        for entry in entries {
            guard let first = marks[entry.key] else {
                part.append(entry)
                marks[entry.key] = entry.keyMark
                continue
            }
            if ["apiVersion", "kind"].contains(entry.key) {
                close()
                part.append(entry)
                marks[entry.key] = entry.keyMark
                report(
                    .missingSeparator, entry.keyMark,
                    "`\(entry.key)` stands here for the second time: a new object begins without `---`")
            } else {
                report(
                    .repeatedKey, entry.keyMark,
                    "the key `\(entry.key.escaped(limit: 60))` is written twice: first in line \(first.line)")
            }
        }
        close()
        return parts.isEmpty ? [root] : parts
    }

    private mutating func report(_ kind: ManifestSet.Problem.Kind, _ mark: Mark, _ message: String) {
        guard set.problems.count < Self.mostProblems else { return }
        let place = ManifestPlace(file: file, line: Int(mark.line))
        set.problems.append(ManifestSet.Problem(kind: kind, place: place, message: message))
    }
}

extension YAMLNode {
    /// Items of the API's own lists have neither kind nor version: the list says both.
    fileprivate func named(like list: YAMLNode, kind: String) -> YAMLNode {
        guard case .map(let entries) = content, self["kind"] == nil, !kind.isEmpty else { return self }
        func scalar(_ text: String) -> YAMLNode {
            YAMLNode(mark: mark, content: .scalar(YAMLScalar(text: text, isPlain: false)))
        }
        let head = [
            YAMLEntry(key: "apiVersion", keyMark: mark, value: scalar(list["apiVersion"]?.text ?? "v1")),
            YAMLEntry(key: "kind", keyMark: mark, value: scalar(kind)),
        ]
        return YAMLNode(mark: mark, content: .map(head + entries))
    }
}
