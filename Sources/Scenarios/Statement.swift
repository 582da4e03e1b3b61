/// The two documents whose statements the built-in plans check.
package enum SeedDocument: String, Sendable, CaseIterable {
    case aks = "A"
    case scenarios = "B"

    package var title: String {
        switch self {
        case .aks: "Networking of AKS: challenges and strategies"
        case .scenarios: "Chapter 6: Kubernetes Networking - Real-world Scenarios"
        }
    }
}

/// One statement of a document: what it demands, warns of, alerts on or tests.
package struct Statement: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case requirement, pitfall, alert
        case healthCheck = "health check"
        case bestPractice = "best practice"
        /// What the document's own commands and manifests set.
        case configuration
    }

    package let line: Int
    package let kind: Kind
    /// In the document's words.
    package let words: String

    init(_ line: Int, _ kind: Kind, _ words: String) {
        self.line = line
        self.kind = kind
        self.words = words
    }
}

extension [Statement] {
    /// A list of the document: one statement a line, from the first line on.
    static func list(_ kind: Statement.Kind, from first: Int, _ words: String...) -> [Statement] {
        words.enumerated().map { Statement(first + $0.offset, kind, $0.element) }
    }
}
