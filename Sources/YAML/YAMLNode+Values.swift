/// Reading what a document should hold: nil, or nothing, for what is of another type.
extension YAMLNode {
    /// The value of a key, nil where there is none or it is null.
    package subscript(key: String) -> YAMLNode? { entry(key).flatMap { $0.value.isNothing ? nil : $0.value } }

    /// The value at the end of a path of keys.
    package subscript(path: [String]) -> YAMLNode? {
        path.reduce(Optional(self)) { node, key in node?[key] }
    }

    package subscript(path: String...) -> YAMLNode? { self[path] }

    /// The key as it was written, also where its value is null.
    package func entry(_ key: String) -> YAMLEntry? {
        guard case .map(let entries) = content else { return nil }
        return entries.first { $0.key == key }
    }

    package var entries: [YAMLEntry] { if case .map(let entries) = content { entries } else { [] } }
    package var items: [YAMLNode] { if case .list(let items) = content { items } else { [] } }
    package var isMap: Bool { if case .map = content { true } else { false } }
    package var isList: Bool { if case .list = content { true } else { false } }
    package var isNothing: Bool { if case .scalar(let scalar) = content { scalar.isNothing } else { false } }

    /// Any scalar but null, as it was written.
    package var text: String? {
        if case .scalar(let scalar) = content, !scalar.isNothing { scalar.text } else { nil }
    }

    /// What Kubernetes takes for a string: quoted, or plain and neither a number, a truth value nor null.
    package var string: String? {
        guard case .scalar(let scalar) = content else { return nil }
        return !scalar.isPlain || !(scalar.isNothing || bool != nil || Double(scalar.text) != nil) ? scalar.text : nil
    }

    /// A plain number as go-yaml reads it: `80`, `0x1f`, `1_000`, `1.5e3`, `.inf`.
    package var isNumber: Bool {
        guard case .scalar(let scalar) = content, scalar.isPlain else { return false }
        var text = scalar.text[...]
        if let sign = text.first, sign == "-" || sign == "+" { text = text.dropFirst() }
        guard let first = text.utf8.first, (0x30...0x39).contains(first) || first == UInt8(ascii: ".") else {
            return false
        }
        if text == ".inf" || text == ".Inf" || text == ".INF" || scalar.text == ".nan" || scalar.text == ".NaN" {
            return true
        }
        let digits = text.filter { $0 != "_" }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.hasPrefix(prefix) {
            return UInt64(digits.dropFirst(2), radix: radix) != nil
        }
        return digits.utf8.allSatisfy { (0x30...0x39).contains($0) || [0x2b, 0x2d, 0x2e, 0x45, 0x65].contains($0) }
            && Double(digits) != nil
    }

    /// What the Kubernetes API takes where it wants a string: null means none.
    package var isTextForAPI: Bool {
        guard case .scalar(let scalar) = content else { return false }
        return !scalar.isPlain || scalar.isNothing || bool == nil && !isNumber
    }

    package var int: Int? {
        guard case .scalar(let scalar) = content, scalar.isPlain else { return nil }
        return Int(scalar.text)
    }

    /// As go-yaml reads it: YAML 1.1 without its single letters.
    package var bool: Bool? {
        guard case .scalar(let scalar) = content, scalar.isPlain else { return nil }
        return switch scalar.text {
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": true
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": false
        default: nil
        }
    }

    /// The texts of a list; anything else in it is left out.
    package var texts: [String] { items.compactMap(\.text) }

    /// Keys and texts of a mapping such as labels; of a key that stands twice the first counts.
    package var textMap: [String: String] {
        Dictionary(
            entries.compactMap { entry in entry.value.text.map { (entry.key, $0) } },
            uniquingKeysWith: { first, _ in first })
    }
}
