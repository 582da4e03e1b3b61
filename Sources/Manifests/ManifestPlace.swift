import NetValues

/// Where something was declared: a line of a file, or nothing but the object where it came from the API.
package struct ManifestPlace: Hashable, Sendable, Comparable {
    /// As the user named it; `-` is standard input. Nil for what the API server gave.
    package let file: String?
    /// From 1; of a Markdown file the line in that file.
    package let line: Int

    package init(file: String?, line: Int) {
        self.file = file
        self.line = line
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.file ?? "", left.line) < (right.file ?? "", right.line)
    }

    /// Of files that are manifests and nothing else, other than a guide.
    package static let endings = [".yaml", ".yml", ".json"]

    /// What standard input is called where people read.
    package static let standardInput = "standard input"

    /// "policies.yaml:12", "standard input:3"; nothing where there is no file. Safe to be shown.
    package var words: String? { file.map { "\($0 == "-" ? Self.standardInput : $0.escaped(limit: 4096)):\(line)" } }
}
