import NetValues
import Planning
import YAML

/// Single values. Each function answers nil after it has reported what is wrong.
extension PlanReading {
    func text(_ node: YAMLNode, expected: String = "a text") -> PlanText? {
        guard case .scalar(let scalar) = node.content, !scalar.isNothing else {
            report("expected \(expected), found \(node.found)", at: node.mark)
            return nil
        }
        return resolve(scalar.text, at: node.mark)
    }

    /// A text that is shown in reports and must therefore hold no secret.
    func plainText(_ node: YAMLNode, expected: String) -> String? {
        guard let text = text(node, expected: expected) else { return nil }
        guard !text.holdsSecret else {
            report("\(text.echo) holds a secret, and a name is shown: write the name itself", at: node.mark)
            return nil
        }
        guard !text.value.isEmpty else {
            report("expected \(expected), found an empty text", at: node.mark)
            return nil
        }
        guard text.value.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            report(
                "expected \(expected) without line breaks or other control characters, found \(text.echo)",
                at: node.mark)
            return nil
        }
        return text.value
    }

    func number(_ node: YAMLNode, in range: ClosedRange<Int>) -> Int? {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let text = text(node, expected: expected) else { return nil }
        guard let number = Int(decimal: text.value), range.contains(number) else {
            report("expected \(expected), found \(text.echo)", at: node.mark)
            return nil
        }
        return number
    }

    func flag(_ node: YAMLNode) -> Bool? {
        guard let text = text(node, expected: "true or false") else { return nil }
        switch text.value {
        case "true": return true
        case "false": return false
        default:
            let meant = Self.flagWords[text.shown.lowercasedASCII()]
            let hint = meant.map { ": did you mean `\($0)`?" } ?? ""
            report("expected true or false, found \(text.echo)\(hint)", at: node.mark)
            return nil
        }
    }

    /// What YAML 1.1 and other tools take for a flag.
    private static let flagWords = [
        "true": true, "yes": true, "y": true, "on": true, "1": true,
        "false": false, "no": false, "n": false, "off": false, "0": false,
    ]

    /// - Parameter least: the shortest that is allowed, as it would be written.
    func span(_ node: YAMLNode, atLeast least: String? = nil) -> Duration? {
        guard let text = text(node, expected: Self.spanSyntax) else { return nil }
        if let span = Duration(span: text.value) {
            guard let least, let shortest = Duration(span: least), span < shortest else { return span }
            report("expected a duration of \(least) or more, found \(text.echo)", at: node.mark)
            return nil
        }
        let isNumber = Double(text.shown).map { $0 >= 0 } ?? false
        let hint = isNumber ? ": add a unit (`\(text.shown.escaped(limit: 20))s`?)" : ""
        report("expected \(Self.spanSyntax), found \(text.echo)\(hint)", at: node.mark)
        return nil
    }

    private static let spanSyntax = "a duration with a unit (200ms, 3s, 5m, 14d)"

    /// A percentage as a fraction.
    func share(_ node: YAMLNode) -> Double? {
        let expected = "a percentage from 0% to 100%"
        guard let text = text(node, expected: expected) else { return nil }
        let digits = text.value.hasSuffix("%") ? text.value.dropLast() : text.value[...]
        guard let percent = Double(decimal: digits), percent <= 100 else {
            report("expected \(expected), found \(text.echo)", at: node.mark)
            return nil
        }
        return percent / 100
    }

    func word(_ node: YAMLNode, among words: [String]) -> String? {
        let expected = Self.oneOf(words)
        guard let text = text(node, expected: expected) else { return nil }
        guard words.contains(text.value) else {
            let hint = Self.suggestion(nearestWord(to: text.shown, among: words))
            report("expected \(expected), found \(text.echo)\(hint)", at: node.mark)
            return nil
        }
        return text.value
    }

    /// A list; a single value counts as a list of one.
    func items(_ node: YAMLNode, expected: String) -> [YAMLNode]? {
        switch node.content {
        case .list(let items): return items
        case .scalar(let scalar) where !scalar.isNothing: return [node]
        default:
            report("expected \(expected), found \(node.found)", at: node.mark)
            return nil
        }
    }

    func entries(_ node: YAMLNode, expected: String = "a mapping") -> [YAMLEntry]? {
        guard case .map(let entries) = node.content else {
            report("expected \(expected), found \(node.found)", at: node.mark)
            return nil
        }
        return entries
    }

    /// Keys of the user's own, with a text each.
    func textMap(_ node: YAMLNode) -> [String: String]? {
        guard let entries = entries(node, expected: "a mapping of names to texts") else { return nil }
        var map: [String: String] = [:]
        for entry in entries {
            guard let text = text(entry.value) else { continue }
            map[entry.key] = text.value
        }
        return map.count == entries.count ? map : nil
    }

    func unknownKey(_ entry: YAMLEntry, known: [String]) {
        let hint = Self.suggestion(nearestWord(to: entry.key, among: known))
        let list = hint.isEmpty ? ": expected \(Self.oneOf(known))" : hint
        report("unknown key `\(entry.key.escaped(limit: 60))`\(list)", at: entry.keyMark)
    }

    static func suggestion(_ word: String?) -> String { word.map { ": did you mean `\($0)`?" } ?? "" }

    /// `a`, `b or c`, `a, b or c`.
    static func oneOf(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "nothing" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }
}

extension PlanText {
    /// In a mistake: references instead of secrets, nothing that could disturb a terminal, cut.
    var echo: String { "`\(shown.escaped(limit: 80))`" }
}

extension Int {
    /// Decimal digits with an optional minus: no plus, no blanks, no other radix.
    init?(decimal text: some StringProtocol) {
        guard text.utf8.count <= 19, text.utf8.first != UInt8(ascii: "+") else { return nil }
        self.init(text, radix: 10)
    }
}

extension Double {
    /// Decimal digits with an optional fraction, never negative.
    init?(decimal text: some StringProtocol) {
        let digits = text.utf8.filter { $0 != UInt8(ascii: ".") }
        guard (1...18).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        self.init(String(text))
    }
}
