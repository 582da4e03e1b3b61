import NetValues

/// Builds the tree of one document out of events, within limits, so that a hostile file costs no more than its size.
struct YAMLComposer: ~Copyable {
    struct Limits: Sendable {
        var depth = 32
        /// Nodes after aliases have been followed.
        var nodes = 4_000_000
        var scalarBytes = 1 << 20
        /// Text of all values and keys after aliases have been followed.
        var textBytes = 256 << 20
    }

    private struct Anchored {
        let node: YAMLNode
        let nodes: Int
        let textBytes: Int
        let height: Int
    }

    private var events: YAMLEvents
    private let limits: Limits
    private let report: (String, Mark) -> Void
    private var anchors: [String: Anchored] = [:]
    private var nodes = 0
    private var textBytes = 0
    /// Levels of the deepest node since the collection now open began.
    private var deepest = 0

    /// - Parameter report: takes mistakes behind which reading goes on (a key written twice).
    init(_ bytes: [UInt8], limits: Limits = Limits(), report: @escaping (String, Mark) -> Void)
        throws(YAMLSyntaxMistake)
    {
        events = try YAMLEvents(bytes)
        self.limits = limits
        self.report = report
    }

    /// The only document, or nil when there is none.
    mutating func document() throws(YAMLSyntaxMistake) -> YAMLNode? {
        _ = try events.next()
        let first = try events.next()
        guard case .documentStart = first.kind else { return nil }
        let root = try node(from: try events.next(), depth: 1)
        _ = try events.next()
        let behind = try events.next()
        guard case .streamEnd = behind.kind else {
            throw YAMLSyntaxMistake(
                mark: behind.mark,
                message: "a plan is one YAML document, and here a second one begins: put each into a file of its own")
        }
        return root
    }

    private mutating func node(from event: YAMLEvent, depth: Int) throws(YAMLSyntaxMistake) -> YAMLNode {
        try count(1, depth: depth, at: event.mark)
        if let tag = event.tag {
            let prefix = "tag:yaml.org,2002:"
            let written = tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
            report("a tag such as `\(written.escaped(limit: 40))` has no meaning in a plan: leave it out", event.mark)
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
        var entries: [YAMLEntry] = []
        var seen: [String: Mark] = [:]
        while true {
            let event = try events.next()
            if case .mapEnd = event.kind { return entries }
            let key = try key(from: event, depth: depth)
            let value = try node(from: try events.next(), depth: depth + 1)
            guard let key else { continue }
            if let first = seen.updateValue(event.mark, forKey: key) {
                seen[key] = first
                report(
                    "the key `\(key.escaped(limit: 60))` is written twice: first in line \(first.line), column \(first.column)",
                    event.mark)
            } else {
                entries.append(YAMLEntry(key: key, keyMark: event.mark, value: value))
            }
        }
    }

    /// Nil after a mistake was reported.
    private mutating func key(from event: YAMLEvent, depth: Int) throws(YAMLSyntaxMistake) -> String? {
        if case .scalar(let scalar) = event.kind, event.anchor == nil, event.tag == nil {
            // Keys need no count of their own, since each has a value, but they must not be without bound either.
            _ = try content(of: event, depth: depth)
            guard scalar.isPlain, scalar.text == "<<" else { return scalar.text }
            report("merge keys (`<<`) are not read: write the keys out, or put them under `defaults`", event.mark)
        } else {
            _ = try node(from: event, depth: depth + 1)
            report("a key is a plain word here, without anchor, alias or tag", event.mark)
        }
        return nil
    }

    private mutating func followed(_ anchor: String, depth: Int, at mark: Mark) throws(YAMLSyntaxMistake) -> YAMLNode {
        guard let anchored = anchors[anchor] else {
            let hint =
                "no `&\(anchor.escaped(limit: 40))` stands before this (a text that begins with `*` needs quotes)"
            report(hint, mark)
            return YAMLNode(mark: mark, content: .scalar(YAMLScalar(text: "*\(anchor)", isPlain: false)))
        }
        // The alias itself was counted by `node`.
        try count(anchored.nodes, depth: depth + anchored.height, at: mark)
        try count(text: anchored.textBytes, at: mark)
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
