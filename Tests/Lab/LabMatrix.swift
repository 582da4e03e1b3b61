/// All scenarios with the rights of root and of an ordinary user: what each found, and the confusion table of it (the fault that
/// was caused against the headline that was found).
enum LabMatrix {
    private static func tell(_ text: String) { LabCommand.tell(text) }

    /// Prints a line for each run as it ends, then the tables. False when any is not as expected.
    static func run(_ scenarios: [Scenario], _ builders: [LabBuilder]) async throws -> Bool {
        let binary = LeadsmanBinary.path ?? ""
        tell(
            "✔ found as it must   ✔ (…) found as it may   ✘ missing, surplus or otherwise wrong   – silent, as it must be\n"
        )
        var rows: [Row] = []
        for builder in builders {
            if builders.count > 1 { tell("as \(builder.words)\n") }
            try await withThrowingTaskGroup(of: Row.self) { group in
                for scenario in scenarios { group.addTask { try await row(scenario, binary, builder) } }
                for try await row in group {
                    rows.append(row)
                    tell(row.line)
                }
            }
        }
        tell(ConfusionTable(rows).text)
        tell(byFinding(rows))
        let wrong = rows.filter(\.isWrong).count
        let skipped = rows.filter { $0.skipped != nil }.count
        tell("\(rows.count - skipped) runs, \(wrong) not as expected, \(skipped) not run")
        return wrong == 0
    }

    /// One run of one scenario.
    struct Row: Sendable {
        let name: String
        let builder: LabBuilder
        var skipped: String?
        /// The finding that the fault must be told as first; nil for a healthy network.
        var fault: String?
        var must: [String] = []
        var found: [String] = []
        /// From the start of leadsman's run to its verdict.
        var milliseconds: Double?
        var differences: [String] = []

        var isWrong: Bool { !differences.isEmpty }

        var line: String {
            if let skipped { return "not run  \(name): \(skipped)" }
            var rest = must
            let cells = found.map { id in
                guard let index = rest.firstIndex(of: id) else { return "(\(id))" }
                rest.remove(at: index)
                return id
            }
            let mark = isWrong ? "✘" : "✔"
            let text = cells.isEmpty ? "–" : cells.joined(separator: " ")
            return "\(mark) \(name)\n    \(text)" + differences.map { "\n    ✘ \($0)" }.joined()
        }
    }

    private static func row(_ scenario: Scenario, _ binary: String, _ builder: LabBuilder) async throws -> Row {
        if let obstacle = scenario.obstacle(builder) {
            return Row(name: scenario.name, builder: builder, skipped: obstacle)
        }
        let outcome = try await scenario.runInTurn(binary, builder: builder)
        let expected = scenario.expected(by: builder)
        return Row(
            name: scenario.name, builder: builder, fault: expected.fault(seen: outcome.report?.findings.first),
            must: expected.must, found: outcome.report?.findings ?? [], milliseconds: outcome.report?.milliseconds,
            differences: outcome.differences)
    }

    /// For each finding, in how many runs it was found, and in how many it was rightly silent.
    private static func byFinding(_ rows: [Row]) -> String {
        let run = rows.filter { $0.skipped == nil }
        let ids = Set(run.flatMap { $0.must + $0.found }).sorted()
        let width = ids.map(\.count).max() ?? 0
        let lines = ids.map { id in
            let found = run.count { $0.found.contains(id) }
            let missed = run.count { $0.must.contains(id) && !$0.found.contains(id) }
            return
                "\(id.padded(to: width))  found in \(found), silent in \(run.count - found)"
                + (missed > 0 ? ", missed in \(missed)" : "")
        }
        return "\n" + lines.joined(separator: "\n") + "\n"
    }
}

extension Scenario.Expected {
    /// Where the order of several findings is left open, the one that came first stands for the fault if it is one of them.
    fileprivate func fault(seen: String?) -> String? {
        if let headline { return headline }
        if let seen, must.contains(seen) { return seen }
        return must.first
    }
}

extension LabBuilder {
    fileprivate var words: String { self == .root ? "root" : "an ordinary user, without any right" }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
}
