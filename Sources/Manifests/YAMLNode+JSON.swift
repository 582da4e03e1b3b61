import JSON
import YAML

extension YAMLNode {
    /// What the API answers, which has no places of its own.
    package init(_ json: JSONValue, mark: Mark = .start) {
        let content: YAMLNode.Content =
            switch json {
            case .null: .scalar(YAMLScalar(text: "", isPlain: true))
            case .bool(let flag): .scalar(YAMLScalar(text: flag ? "true" : "false", isPlain: true))
            case .int(let number): .scalar(YAMLScalar(text: String(number), isPlain: true))
            case .double(let number): .scalar(YAMLScalar(text: String(number), isPlain: true))
            case .string(let text): .scalar(YAMLScalar(text: text, isPlain: false))
            case .array(let elements): .list(elements.map { YAMLNode($0, mark: mark) })
            case .object(let object):
                .map(
                    object.members.map { YAMLEntry(key: $0.key, keyMark: mark, value: YAMLNode($0.value, mark: mark)) })
            }
        self.init(mark: mark, content: content)
    }
}
