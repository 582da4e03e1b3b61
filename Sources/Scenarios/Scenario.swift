import NetValues

/// A scenario of a document as a plan: what it needs to know, what it checks, and what of the document no probe can see.
package struct Scenario: Sendable {
    /// `ecommerce`: what `--scenario` takes.
    package let name: String
    package let title: String
    package let document: SeedDocument
    package let variables: [ScenarioVariable]
    /// All that the document states for this scenario, in its order.
    package let statements: [Statement]
    package let checks: [ScenarioCheck]
    package let notProbed: [NotProbed]

    package func variable(_ name: String) -> ScenarioVariable? { variables.first { $0.name == name } }

    /// The statements at these lines.
    package func statements(at lines: [Int]) -> [Statement] { statements.filter { lines.contains($0.line) } }
}

/// One check: YAML of a plan in which `${var:NAME}` stands for what is given.
package struct ScenarioCheck: Sendable {
    /// Unique in the scenario.
    package let name: String
    /// The keys below the name; the first is the kind with its target. A variable stands in double quotes, a list of values
    /// stands alone.
    package let body: String
    /// Labels of the check's own, as templates too.
    package let labels: [String]
    /// Lines of the document.
    package let covers: [Int]

    init(_ name: String, covers: [Int], labels: [String] = [], _ body: String) {
        self.name = name
        self.body = body
        self.labels = labels
        self.covers = covers
    }

    package var lines: [Substring] { body.split(separator: "\n") }

    /// `http`
    package var kind: String { String(lines.first?.prefix { $0 != ":" } ?? "") }

    /// As it is written, with variables: `https://${var:SHOP}/`.
    package var target: String {
        let text = lines.first?.drop { $0 != ":" }.dropFirst().drop { $0 == " " } ?? ""
        return text.filter { $0 != "\"" }
    }

    /// The variables that stand in it, in order.
    package var variables: [String] { (lines + labels.map { $0[...] }).flatMap { Template($0).variables }.unique() }

    /// A limit of latency that must be exceeded for a time.
    package var hasWindow: Bool { lines.contains { $0.contains("for: ") && $0.contains("latency:") } }
}

/// Statements that a probe cannot check, and why; most of them are checked in manifests.
package struct NotProbed: Sendable {
    package let lines: [Int]
    package let why: String
    /// What finds it elsewhere: ids of findings, mostly of `leadsman audit`.
    package let findings: [String]

    init(_ lines: [Int], findings: [String] = [], _ why: String) {
        self.lines = lines
        self.why = why
        self.findings = findings
    }
}
