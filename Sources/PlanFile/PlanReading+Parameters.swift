import NetValues
import Planning
import YAML

/// A value of a probe's own key: the probe's catalogue entry says of which type it is.
extension PlanReading {
    func parameter(_ node: YAMLNode, of description: ParameterDescription) -> ParameterValue? {
        guard let value = typed(node, description.type) else { return nil }
        guard let complaint = description.check(value) else { return value }
        reportForeign("`\(description.key)`: \(complaint)", at: place(node.mark))
        return nil
    }

    private func typed(_ node: YAMLNode, _ type: ParameterDescription.ValueType) -> ParameterValue? {
        switch type {
        case .text: text(node).map { .text($0.value) }
        case .number(let range): number(node, in: range).map { .number($0) }
        case .flag: flag(node).map { .flag($0) }
        case .span: span(node).map { .span($0) }
        case .share: share(node).map { .share($0) }
        case .words(let words): word(node, among: words).map { .text($0) }
        case .list: list(node, expected: "a text or a list of texts") { text($0)?.value }.map { .list($0) }
        case .listOfWords(let words):
            list(node, expected: "\(Self.oneOf(words)), or a list of these") { word($0, among: words) }.map {
                .list($0)
            }
        case .map: textMap(node).map { .map($0) }
        case .record(let keys): record(node, keys: keys).map { .map($0) }
        case .pattern: pattern(node).map { .text($0) }
        case .mapOfPatterns: patternMap(node).map { .map($0) }
        }
    }

    /// Nil when any of the items is wrong.
    func list(_ node: YAMLNode, expected: String, item: (YAMLNode) -> String?) -> [String]? {
        guard let items = items(node, expected: expected) else { return nil }
        let values = items.compactMap(item)
        return values.count == items.count ? values : nil
    }

    private func record(_ node: YAMLNode, keys: [String]) -> [String: String]? {
        guard let entries = entries(node, expected: "a mapping with \(Self.oneOf(keys))") else { return nil }
        var record: [String: String] = [:]
        for entry in entries {
            guard keys.contains(entry.key) else {
                unknownKey(entry, known: keys)
                continue
            }
            record[entry.key] = text(entry.value)?.value
        }
        return record.count == entries.count ? record : nil
    }

    private func pattern(_ node: YAMLNode) -> String? {
        guard let text = text(node, expected: "a regular expression") else { return nil }
        guard let verdict = verdict(onPattern: text.value) else { return text.value }
        // The compiler's words may quote the pattern.
        let reason = text.holdsSecret ? "" : ": \(verdict.escaped())"
        report("\(text.echo) is not a regular expression\(reason)", at: node.mark)
        return nil
    }

    private func patternMap(_ node: YAMLNode) -> [String: String]? {
        guard let entries = entries(node, expected: "a mapping of names to regular expressions") else { return nil }
        var map: [String: String] = [:]
        for entry in entries { map[entry.key] = pattern(entry.value) }
        return map.count == entries.count ? map : nil
    }
}
