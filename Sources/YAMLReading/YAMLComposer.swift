import NetValues
import YAML

/// Builds the trees of the documents of a text out of events, within limits, so that a hostile file costs no more than its size.
package struct YAMLComposer: ~Copyable {
    package struct Limits: Sendable {
        package var depth = 32
        /// Nodes after aliases have been followed.
        package var nodes = 4_000_000
        package var scalarBytes = 1 << 20
        /// Text of all values and keys after aliases have been followed.
        package var textBytes = 256 << 20
        /// What aliases may add to what is written.
        package var repeated = Repeated(nodes: 4_000_000, textBytes: 256 << 20)

        package init() {}
    }

    /// What aliases stand for, counted each time they are used.
    package struct Repeated: Sendable {
        package var nodes: Int
        package var textBytes: Int

        package init(nodes: Int, textBytes: Int) {
            self.nodes = nodes
            self.textBytes = textBytes
        }
    }

    /// What is read on behind; what it means is for who reads the document to say.
    package enum Remark: Hashable, Sendable {
        /// The key stands in the same mapping before; its value is left out.
        case repeatedKey(String, first: Mark)
        /// `tag:yaml.org,2002:` is written `!!`.
        case tag(String)
        /// A merge key that was not followed.
        case mergeKey
        /// A key that is no plain text, or has an anchor or a tag; it is left out.
        case strangeKey
        /// An alias of nothing; it is read as the text it looks like.
        case unknownAnchor(String)
    }

    /// How a text is read where YAML's users differ.
    package struct Manner: Sendable {
        /// `<<` takes over the entries of the mappings it names.
        package var mergesKeys = false
        /// Of the outermost mapping repeated keys are kept, without a remark: two documents may have been written without a line between.
        package var keepsRepeatedRootKeys = false
        /// Lines of the file before the text.
        package var linesBefore = 0

        package init() {}
    }

    private struct Anchored {
        let node: YAMLNode
        let nodes: Int
        let textBytes: Int
        let height: Int
    }

    private var events: YAMLEvents
    private let limits: Limits
    private let manner: Manner
    private let report: (Remark, Mark) -> Void
    private var anchors: [String: Anchored] = [:]
    private var nodes = 0
    private var textBytes = 0
    /// What aliases have added so far.
    package private(set) var repeated = Repeated(nodes: 0, textBytes: 0)
    /// Levels of the deepest node since the collection now open began.
    private var deepest = 0
    private var isBegun = false

    /// - Parameter report: takes what reading goes on behind.
    package init(
        _ bytes: [UInt8], limits: Limits = Limits(), manner: Manner = Manner(),
        report: @escaping (Remark, Mark) -> Void
    ) throws(YAMLSyntaxMistake) {
        events = try YAMLEvents(bytes, linesBefore: manner.linesBefore)
        self.limits = limits
        self.manner = manner
        self.report = report
    }

    /// The next document, or nil behind the last one. Anchors hold for one document.
    package mutating func document() throws(YAMLSyntaxMistake) -> (root: YAMLNode, mark: Mark)? {
        if !isBegun { _ = try events.next() }
        isBegun = true
        let first = try events.next()
        guard case .documentStart = first.kind else { return nil }
        anchors = [:]
        let root = try node(from: try events.next(), depth: 1)
        _ = try events.next()
        return (root, first.mark)
    }

    private mutating func node(from event: YAMLEvent, depth: Int) throws(YAMLSyntaxMistake) -> YAMLNode {
        try count(1, depth: depth, at: event.mark)
        if let tag = event.tag {
            let prefix = "tag:yaml.org,2002:"
            report(.tag(tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag), event.mark)
        }
        if case .alias(let anchor) = event.kind { return try followed(anchor, depth: depth, at: event.mark) }
        let nodesBefore = nodes
        let textBefore = textBytes
        let deepestBefore = deepest
        deepest = depth
        let node = YAMLNode(mark: event.mark, content: try content(of: event, depth: depth))
        if let anchor = event.anchor {
            anchors[anchor] = Anchored(
                node: node, nodes: nodes - nodesBefore, textBytes: textBytes - textBefore, height: deepest - depth)
        }
        deepest = max(deepest, deepestBefore)
        return node
    }

    private mutating func content(of event: YAMLEvent, depth: Int) throws(YAMLSyntaxMistake) -> YAMLNode.Content {
        switch event.kind {
        case .scalar(let scalar):
            guard scalar.text.utf8.count <= limits.scalarBytes else {
                throw YAMLSyntaxMistake(
                    mark: event.mark, message: "this value is longer than \(limits.scalarBytes >> 20) MiB")
            }
            try count(text: scalar.text.utf8.count, at: event.mark)
            return .scalar(scalar)
        case .listStart: return .list(try list(depth: depth))
        case .mapStart: return .map(try map(depth: depth))
        default: throw YAMLSyntaxMistake(mark: event.mark, message: "this is not YAML: expected a value")
        }
    }

    private mutating func list(depth: Int) throws(YAMLSyntaxMistake) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while true {
            let event = try events.next()
            if case .listEnd = event.kind { return items }
            items.append(try node(from: event, depth: depth + 1))
        }
    }

    private mutating func map(depth: Int) throws(YAMLSyntaxMistake) -> [YAMLEntry] {
        var map = MapUnderway(keepsRepeated: manner.keepsRepeatedRootKeys && depth == 1)
        while true {
            let event = try events.next()
            if case .mapEnd = event.kind { return map.whole }
            let key = try key(from: event, depth: depth)
            let value = try node(from: try events.next(), depth: depth + 1)
            switch key {
            case nil: continue
            case .merge where manner.mergesKeys: map.merged.append(value)
            case .merge: report(.mergeKey, event.mark)
            case .named(let key):
                if let first = map.add(YAMLEntry(key: key, keyMark: event.mark, value: value)), !map.keepsRepeated {
                    report(.repeatedKey(key, first: first), event.mark)
                }
            }
        }
    }

    private enum Key { case named(String), merge }

    /// Nil after a remark.
    private mutating func key(from event: YAMLEvent, depth: Int) throws(YAMLSyntaxMistake) -> Key? {
        if case .scalar(let scalar) = event.kind, event.anchor == nil, event.tag == nil {
            // Keys need no count of their own, since each has a value, but they must not be without bound either.
            _ = try content(of: event, depth: depth)
            return scalar.isPlain && scalar.text == "<<" ? .merge : .named(scalar.text)
        }
        _ = try node(from: event, depth: depth + 1)
        report(.strangeKey, event.mark)
        return nil
    }

    private mutating func followed(_ anchor: String, depth: Int, at mark: Mark) throws(YAMLSyntaxMistake) -> YAMLNode {
        guard let anchored = anchors[anchor] else {
            report(.unknownAnchor(anchor), mark)
            return YAMLNode(mark: mark, content: .scalar(YAMLScalar(text: "*\(anchor)", isPlain: false)))
        }
        repeated.nodes += anchored.nodes
        repeated.textBytes += anchored.textBytes
        // The alias itself was counted by `node`.
        try count(anchored.nodes, depth: depth + anchored.height, at: mark)
        try count(text: anchored.textBytes, at: mark)
        guard repeated.nodes <= limits.repeated.nodes, repeated.textBytes <= limits.repeated.textBytes else {
            throw YAMLSyntaxMistake(mark: mark, message: "aliases stand for more values than are read")
        }
        return YAMLNode(mark: mark, content: anchored.node.content)
    }

    private mutating func count(_ more: Int, depth: Int, at mark: Mark) throws(YAMLSyntaxMistake) {
        deepest = max(deepest, depth)
        guard depth <= limits.depth else {
            throw YAMLSyntaxMistake(mark: mark, message: "nested deeper than \(limits.depth) levels")
        }
        nodes += more
        guard nodes <= limits.nodes else {
            throw YAMLSyntaxMistake(
                mark: mark, message: "more than \(limits.nodes) values, aliases counted each time they are used")
        }
    }

    private mutating func count(text more: Int, at mark: Mark) throws(YAMLSyntaxMistake) {
        textBytes += more
        guard textBytes <= limits.textBytes else {
            throw YAMLSyntaxMistake(
                mark: mark,
                message: "more than \(limits.textBytes >> 20) MiB of text, aliases counted each time they are used")
        }
    }
}

/// A mapping of which more is to come.
private struct MapUnderway {
    let keepsRepeated: Bool
    /// Values of `<<`: mappings, or lists of them.
    var merged: [YAMLNode] = []
    private var entries: [YAMLEntry] = []
    private var seen: [String: Mark] = [:]
    private static let fewEntries = 8

    init(keepsRepeated: Bool) { self.keepsRepeated = keepsRepeated }

    /// - Returns: where the key stands before.
    mutating func add(_ entry: YAMLEntry) -> Mark? {
        let first = mark(of: entry.key)
        if first == nil || keepsRepeated { entries.append(entry) }
        if first == nil, entries.count > Self.fewEntries { note(entry) }
        return first
    }

    /// What `<<` brings stands behind what is written out, which goes before it.
    var whole: [YAMLEntry] {
        var all = entries
        var keys = Set(entries.map(\.key))
        for source in merged.flatMap(\.mappings) {
            for entry in source.entries where keys.insert(entry.key).inserted { all.append(entry) }
        }
        return all
    }

    /// Most mappings are small, and looking through them is cheaper than a table.
    private func mark(of key: String) -> Mark? {
        entries.count <= Self.fewEntries ? entries.first { $0.key == key }?.keyMark : seen[key]
    }

    private mutating func note(_ entry: YAMLEntry) {
        guard seen.isEmpty else {
            seen[entry.key] = entry.keyMark
            return
        }
        for entry in entries where seen[entry.key] == nil { seen[entry.key] = entry.keyMark }
    }
}

extension YAMLNode {
    /// This mapping, or those of this list.
    fileprivate var mappings: [YAMLNode] { isMap ? [self] : items.filter(\.isMap) }
}
