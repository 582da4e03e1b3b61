import NetValues
import YAML
import YAMLReading

extension FuzzTarget {
    static let yamlWords = [
        "&a ", "*a", "<<: *a", "<<: [*a, *b]", "- ", ": ", "? ", "{", "}", "[", "]", "|\n ", ">-\n ", "--- ", "...\n",
        "%YAML 1.1\n", "%TAG ! a\n", "!!binary ", "!a ", "\t", "\r\n", "\u{feff}", "\u{85}", "\\x00", "\\U0010ffff",
        "'",
        "\"",
    ]

    /// Whatever is read keeps within the limits and has its line, and each text is the same when it is written and read again.
    static let yaml = FuzzTarget(
        "yaml", words: yamlWords,
        seeds: {
            [
                "a: &a {b: c}\nd: *a\ne: {<<: *a, b: f}\ng: |\n  h\n   i\n--- \n- 'j''k'\n- \"l\\u00e9\\n\"\n- >-\n  m\n\n  n\n",
                "%YAML 1.1\n---\n? a\n: b\n? [c]\n: d\n...\n# e\n---\n!!str f\n",
                "a: &a [*a]\nb: &b [*a, *a]\nc: [*b, *b]\n",
            ].map { Array($0.utf8) }
        }
    ) { bytes in
        var limits = YAMLComposer.Limits()
        limits.nodes = 2000
        limits.textBytes = 1 << 16
        var manner = YAMLComposer.Manner()
        manner.mergesKeys = bytes.count % 2 == 0
        manner.linesBefore = 7
        let lines = 8...(bytes.count + 9)
        var complaint: String?
        let mistake: YAMLSyntaxMistake?
        do throws(YAMLSyntaxMistake) {
            var composer = try YAMLComposer(bytes, limits: limits, manner: manner) { _, _ in }
            while complaint == nil, let root = try composer.document()?.root {
                var walk = YAMLWalk(lines: lines)
                complaint = walk.complaint(root)
            }
            mistake = nil
        } catch { mistake = error }
        try hold(complaint == nil, complaint ?? "")
        guard let mistake else { return }
        try hold(lines.contains(Int(mistake.mark.line)), "a mistake in line \(mistake.mark.line): \(mistake.message)")
        let text = mistake.message
        try hold(!text.isEmpty && text.utf8.count < 1000, "\(text.utf8.count) bytes of words")
        try hold(text.utf8.allSatisfy { $0 >= 0x20 }, "control characters: \(text.debugDescription)")
    }
}

/// Through all of a tree.
private struct YAMLWalk {
    private static let deepest = 32
    private static let mostNodes = 2000

    let lines: ClosedRange<Int>
    private var nodes = 0

    init(lines: ClosedRange<Int>) {
        self.lines = lines
    }

    mutating func complaint(_ node: YAMLNode, depth: Int = 1) -> String? {
        nodes += 1
        guard depth <= Self.deepest, nodes <= Self.mostNodes else { return "\(nodes) values, depth \(depth)" }
        guard lines.contains(Int(node.mark.line)) else { return "a value in line \(node.mark.line)" }
        switch node.content {
        case .scalar(let scalar): return Self.rereads(scalar.text) ? nil : "another text: \(scalar.text)"
        case .list(let items):
            for item in items { if let found = complaint(item, depth: depth + 1) { return found } }
        case .map(let entries):
            for entry in entries {
                if !Self.rereads(entry.key) { return "another key: \(entry.key)" }
                if let found = complaint(entry.value, depth: depth + 1) { return found }
            }
        }
        return nil
    }

    /// What plans and patches are written with.
    private static func rereads(_ text: String) -> Bool {
        guard text.utf8.count <= 100 else { return true }
        let written = Array("{\(yamlScalar(text)): \(yamlScalar(text))}\n".utf8)
        guard var composer = try? YAMLComposer(written, report: { _, _ in }),
            case .map(let entries)? = try? composer.document()?.root.content, entries.count == 1
        else { return false }
        return entries[0].key == text && entries[0].value.text == text
    }
}
