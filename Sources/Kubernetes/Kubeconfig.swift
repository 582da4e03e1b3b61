import NetValues
import YAML
import YAMLReading

/// Kubeconfig files, merged as kubectl does it: of entries with the same name the first file's counts.
package struct Kubeconfig: Sendable {
    struct Entry: Sendable {
        let node: YAMLNode
        let file: String

        /// The folder that relative paths of its file begin in.
        var folder: String { file.lastIndex(of: "/").map { String(file[...$0]) } ?? "" }

        func place(_ mark: Mark? = nil) -> String { Kubeconfig.place(file, mark ?? node.mark) }

        func mistake(_ cause: String, fix: String) -> ClusterProblem { mistake(nil, cause, fix: fix) }

        func mistake(_ node: YAMLNode?, _ cause: String, fix: String) -> ClusterProblem {
            ClusterProblem(.input, place: place(node?.mark), cause: cause, fix: fix)
        }

        func path(_ text: String) -> String { text.hasPrefix("/") ? text : folder + text }
    }

    private(set) var clusters: [String: Entry] = [:]
    private(set) var users: [String: Entry] = [:]
    private(set) var contexts: [String: Entry] = [:]
    private(set) var currentContext: (name: String, place: String)?

    package init() {}

    /// Without any entry, as kubectl leaves a file behind when the last cluster is removed.
    var isEmpty: Bool { clusters.isEmpty && users.isEmpty && contexts.isEmpty }

    private static var limits: YAMLComposer.Limits {
        var limits = YAMLComposer.Limits()
        limits.nodes = 500_000
        limits.textBytes = 32 << 20
        return limits
    }

    package mutating func merge(_ bytes: [UInt8], file: String) throws(ClusterProblem) {
        guard let root = try Self.root(bytes, file), !root.isNothing else { return }
        let whole = Entry(node: root, file: file)
        guard root.isMap else { throw whole.mistake("expected a kubeconfig, found no mapping", fix: Self.fix) }
        if let kind = root["kind"], kind.text != "Config" {
            throw whole.mistake(kind, "this is no kubeconfig: its kind is not Config", fix: Self.fix)
        }
        try Self.take(whole, "clusters", "cluster", into: &clusters)
        try Self.take(whole, "users", "user", into: &users)
        try Self.take(whole, "contexts", "context", into: &contexts)
        if currentContext == nil, let node = root["current-context"], let name = node.text, !name.isEmpty {
            currentContext = (name, whole.place(node.mark))
        }
    }

    private static let fix = "correct the file, or name another: --kubeconfig FILE"

    private static func place(_ file: String, _ mark: Mark) -> String {
        "\(file.escaped(limit: 4096)):\(mark.line):\(mark.column)"
    }

    private static func root(_ bytes: [UInt8], _ file: String) throws(ClusterProblem) -> YAMLNode? {
        var repeated: (key: String, first: Mark, mark: Mark)?
        let root = try composed(bytes, file) { remark, mark in
            if case .repeatedKey(let key, let first) = remark, repeated == nil { repeated = (key, first, mark) }
        }
        guard let repeated else { return root }
        throw ClusterProblem(
            .input, place: place(file, repeated.mark),
            cause:
                "`\(repeated.key.escaped(limit: 80))` stands here a second time (first in line \(repeated.first.line))",
            fix: "keep the one that is meant")
    }

    private static func composed(
        _ bytes: [UInt8], _ file: String, _ report: @escaping (YAMLComposer.Remark, Mark) -> Void
    ) throws(ClusterProblem) -> YAMLNode? {
        var manner = YAMLComposer.Manner()
        manner.mergesKeys = true
        do throws(YAMLSyntaxMistake) {
            var composer = try YAMLComposer(bytes, limits: limits, manner: manner, report: report)
            return try composer.document()?.root
        } catch {
            throw ClusterProblem(.input, place: place(file, error.mark), cause: error.message, fix: fix)
        }
    }

    private static func take(
        _ whole: Entry, _ list: String, _ key: String, into table: inout [String: Entry]
    ) throws(ClusterProblem) {
        guard let node = whole.node[list] else { return }
        guard node.isList else {
            throw whole.mistake(node, "`\(list)` must be a list of `name` and `\(key)`", fix: fix)
        }
        for item in node.items {
            guard let name = item["name"]?.text else {
                throw whole.mistake(item, "an item of `\(list)` has no `name`", fix: fix)
            }
            let content = item[key] ?? YAMLNode(mark: item.mark, content: .map([]))
            guard content.isMap else {
                throw whole.mistake(content, "`\(key)` of “\(name.escaped(limit: 80))” must be a mapping", fix: fix)
            }
            if table[name] == nil { table[name] = Entry(node: content, file: whole.file) }
        }
    }
}
