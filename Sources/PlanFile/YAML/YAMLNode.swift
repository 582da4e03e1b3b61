import NetValues

/// A place in a file; line and column count from 1, a column is one code point wide.
struct Mark: Hashable, Sendable {
    static let start = Mark(line: 1, column: 1)

    let line: Int32
    let column: Int32

    init(line: Int, column: Int) {
        self.line = Int32(clamping: line)
        self.column = Int32(clamping: column)
    }
}

/// What was written, with where: the only form in which the rest of the reader sees YAML.
struct YAMLNode: Sendable {
    enum Content: Sendable {
        case scalar(YAMLScalar)
        case list([YAMLNode])
        case map([YAMLEntry])
    }

    let mark: Mark
    let content: Content

    /// For "expected …, found …". References stand in the text as they were written, so it holds no secret.
    var found: String {
        switch content {
        case .scalar(let scalar): scalar.isNothing ? "nothing" : "`\(scalar.text.escaped(limit: 80))`"
        case .list: "a list"
        case .map: "a mapping"
        }
    }
}

struct YAMLScalar: Sendable {
    let text: String
    /// Written without quotes and not as a block.
    let isPlain: Bool

    /// The null of the YAML 1.2 core schema.
    var isNothing: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }
}

struct YAMLEntry: Sendable {
    let key: String
    let keyMark: Mark
    let value: YAMLNode
}
