import Manifests
import NetValues
import YAML

/// The types that the API takes at each place of an object, as far as they are checked (Kubernetes API reference).
indirect enum ObjectShape: Sendable {
    case anything
    case text
    case number
    case truth
    /// A number from 1 to 65535, or the name of a port.
    case port
    /// A mapping of texts: labels, annotations, data.
    case texts
    case list(ObjectShape)
    /// Known fields. One that is not known is told where the list of them is whole, and else where it looks like a misspelt one.
    case fields([String: ObjectShape], isWhole: Bool)

    static func known(_ fields: [String: ObjectShape], _ others: String = "") -> ObjectShape {
        .fields(
            fields.merging(others.split(separator: " ").map { (String($0), .anything) }) { first, _ in first },
            isWhole: false)
    }

    static func only(_ fields: [String: ObjectShape]) -> ObjectShape { .fields(fields, isWhole: true) }

    /// - Parameter path: "spec.ports[0]"; empty for the root.
    func check(_ node: YAMLNode, at path: String, _ mistakes: inout ObjectMistakes) {
        guard !node.isNothing else { return }
        switch self {
        case .anything: return
        case .text:
            guard !node.isTextForAPI else { return }
            let hint = node.isMap || node.isList ? "" : ": put it in quotes"
            mistakes.report("\(path) must be a text, found \(Self.words(node))\(hint)", node)
        case .number:
            guard node.int == nil else { return }
            mistakes.report("\(path) must be a whole number, found \(Self.words(node))", node)
        case .truth:
            guard node.bool == nil else { return }
            mistakes.report("\(path) must be true or false, found \(Self.words(node))", node)
        case .port: Self.checkPort(node, at: path, &mistakes)
        case .texts: Self.checkTexts(node, at: path, &mistakes)
        case .list(let element):
            guard node.isList else {
                return mistakes.report(
                    "\(path) must be a list (lines that begin with `- `), found \(Self.words(node))", node)
            }
            for (index, item) in node.items.enumerated() { element.check(item, at: "\(path)[\(index)]", &mistakes) }
        case .fields(let fields, let isWhole): Self.checkFields(node, fields, isWhole, at: path, &mistakes)
        }
    }

    /// The type alone: values may be secrets.
    static func words(_ node: YAMLNode) -> String {
        if node.isMap { return "a mapping" }
        if node.isList { return "a list" }
        if node.bool != nil { return "a truth value" }
        return node.isNumber ? "a number" : "a text"
    }

    private static func checkPort(_ node: YAMLNode, at path: String, _ mistakes: inout ObjectMistakes) {
        if let number = node.int {
            guard !(1...65535).contains(number) else { return }
            return mistakes.report("\(path) must be from 1 to 65535", node)
        }
        guard let name = node.text, !node.isNumber else {
            return mistakes.report("\(path) must be a port's number or name, found \(words(node))", node)
        }
        guard PortName.isValid(name) else {
            let isNumber = !name.isEmpty && name.utf8.allSatisfy { (0x30...0x39).contains($0) }
            return mistakes.report(
                isNumber
                    ? "\(path) is a number in quotes, which is taken for a name: leave the quotes away"
                    : "\(path) is no name of a port: at most 15 of a-z, 0-9 and `-`, a letter among them", node)
        }
    }

    private static func checkTexts(_ node: YAMLNode, at path: String, _ mistakes: inout ObjectMistakes) {
        guard node.isMap else { return mistakes.report("\(path) must be a mapping, found \(words(node))", node) }
        for entry in node.entries where !entry.value.isTextForAPI {
            let key = "\(path)[\(entry.key.escaped(limit: 63))]"
            let hint = entry.value.isMap || entry.value.isList ? "" : ": put it in quotes"
            mistakes.report("\(key) must be a text, found \(words(entry.value))\(hint)", mistakes.object.place(entry))
        }
    }

    private static func checkFields(
        _ node: YAMLNode, _ fields: [String: ObjectShape], _ isWhole: Bool, at path: String,
        _ mistakes: inout ObjectMistakes
    ) {
        let shown = path.isEmpty ? "the object" : path
        guard node.isMap else { return mistakes.report("\(shown) must be a mapping, found \(words(node))", node) }
        for entry in node.entries {
            let key = path.isEmpty ? entry.key : "\(path).\(entry.key)"
            if let shape = fields[entry.key] {
                shape.check(entry.value, at: key, &mistakes)
                continue
            }
            let nearest = nearestWord(to: entry.key, among: fields.keys)
            guard isWhole || nearest != nil else { continue }
            let hint = nearest.map { ": did you mean `\($0)`?" } ?? ""
            mistakes.report(
                "\(shown) has no field `\(entry.key.escaped(limit: 60))`\(hint)", mistakes.object.place(entry))
        }
    }
}
