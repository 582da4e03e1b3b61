import NetValues

/// What was written, with where: the only form in which the rest of the program sees YAML (1.1 as libyaml reads it, 1.2 core schema).
package struct YAMLNode: Sendable {
    package enum Content: Sendable {
        case scalar(YAMLScalar)
        case list([YAMLNode])
        case map([YAMLEntry])
    }

    package let mark: Mark
    package let content: Content

    package init(mark: Mark, content: Content) {
        self.mark = mark
        self.content = content
    }

    /// For "expected …, found …". References stand in the text as they were written, so it holds no secret.
    package var found: String {
        switch content {
        case .scalar(let scalar): scalar.isNothing ? "nothing" : "`\(scalar.text.escaped(limit: 80))`"
        case .list: "a list"
        case .map: "a mapping"
        }
    }
}

package struct YAMLScalar: Sendable {
    package let text: String
    /// Written without quotes and not as a block.
    package let isPlain: Bool
    /// Written as a block (`|`, `>`): its first line stands below the node's own place.
    package let isBlock: Bool

    package init(text: String, isPlain: Bool, isBlock: Bool = false) {
        self.text = text
        self.isPlain = isPlain
        self.isBlock = isBlock
    }

    /// The null of the YAML 1.2 core schema.
    package var isNothing: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }
}

package struct YAMLEntry: Sendable {
    package let key: String
    package let keyMark: Mark
    package let value: YAMLNode

    package init(key: String, keyMark: Mark, value: YAMLNode) {
        self.key = key
        self.keyMark = keyMark
        self.value = value
    }
}
