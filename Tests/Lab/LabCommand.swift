import Foundation

/// `Scripts/lab`: the scenarios by hand, from the same data as the tests.
package enum LabCommand {
    private static let usage = """
        usage: Scripts/lab NAME [--user] [--keep]   runs one scenario: any part of its name that no other has
               Scripts/lab --list                   the names
               Scripts/lab --matrix [WORDS] [--user] runs all, or those with these words in the name, and shows what each found
               Scripts/lab --transfers              real transfers, as leadsman and tshark count them
               Scripts/lab --clean                  takes down what --keep left up
        --user: as an ordinary user, in a user namespace.
        Exit status: 0 as expected, 1 otherwise, 2 for a wrong call, 3 when labs cannot be made here.
        """

    package static func run(_ arguments: [String]) async -> Int32 {
        let options = Set(arguments.filter { $0.hasPrefix("--") })
        let names = arguments.filter { !$0.hasPrefix("--") }
        let builder = options.contains("--user") ? LabBuilder.user : .root
        do {
            switch (options.subtracting(["--user"]), names.count) {
            case (["--list"], 0): list()
            case (["--clean"], 0): tell("taken down: \(Scratch.removeKept())")
            case (["--matrix"], _):
                try prepare(builder)
                return try await LabMatrix.run(try some(names.joined(separator: " ")), builder) ? 0 : 1
            case (["--transfers"], 0):
                try prepare(builder)
                return try await transfers() ? 0 : 1
            case ([], 1...), (["--keep"], 1...):
                let scenario = try only(names.joined(separator: " "))
                try prepare(builder)
                return try await show(scenario, builder, isKept: options.contains("--keep")) ? 0 : 1
            default:
                say(usage)
                return options == ["--help"] ? 0 : 2
            }
            return 0
        } catch let mistake as Mistake {
            say(mistake.text)
            return mistake.status
        } catch {
            say("\(error)")
            return 3
        }
    }

    private struct Mistake: Error {
        let text: String
        let status: Int32
    }

    /// At once, also into a pipe.
    fileprivate static func tell(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }

    private static func say(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }

    private static func list() {
        for scenario in Scenario.all {
            tell(scenario.name + (scenario.obstacle(.root).map { " (not here: \($0))" } ?? ""))
        }
    }

    private static func transfers() async throws -> Bool {
        if let obstacle = TransferCondition.obstacle { throw Mistake(text: "not run: \(obstacle)", status: 3) }
        tell("tshark's != leadsman's, where they differ\n")
        var areEqual = true
        for condition in TransferCondition.all {
            let comparisons = try await condition.compare(LeadsmanBinary.path ?? "")
            tell(TransferTable.text(comparisons))
            areEqual = areEqual && comparisons.allSatisfy(\.differences.isEmpty)
        }
        return areEqual
    }

    private static func only(_ words: String) throws -> Scenario {
        let wanted = words.lowercased()
        let named = Scenario.all.filter { $0.name.lowercased() == wanted }
        let found = named.isEmpty ? Scenario.all.filter { $0.name.lowercased().contains(wanted) } : named
        if found.count == 1 { return found[0] }
        let names = found.map { "\n  \($0.name)" }.joined()
        let text = found.isEmpty ? "no scenario has “\(words)” in its name" : "more than one scenario:\(names)"
        throw Mistake(text: text, status: 2)
    }

    private static func some(_ words: String) throws -> [Scenario] {
        let found = Scenario.all.filter { words.isEmpty || $0.name.lowercased().contains(words.lowercased()) }
        if found.isEmpty { throw Mistake(text: "no scenario has “\(words)” in its name", status: 2) }
        return found
    }

    private static func prepare(_ builder: LabBuilder) throws {
        Scratch.removeOrphans()
        if let obstacle = LeadsmanBinary.obstacle ?? LabRights.obstacle(builder) {
            throw Mistake(text: "not run: \(obstacle)", status: 3)
        }
    }

    // MARK: One

    private static func show(_ scenario: Scenario, _ builder: LabBuilder, isKept: Bool) async throws -> Bool {
        if let obstacle = scenario.obstacle(builder) { throw Mistake(text: "not run: \(obstacle)", status: 3) }
        let binary = LeadsmanBinary.path ?? ""
        tell("scenario  \(scenario.name)\n\nnetwork\n\(indented(scenario.network.wired(for: scenario.changes).text))")
        tell("changes\n\(indented(scenario.changes.map(\.text)))")
        if scenario.command.isEmpty {
            tell("plan\n\(indented(scenario.plan.split(separator: "\n").map(String.init)))")
        }
        let outcome = try await scenario.run(binary, builder: builder) { lab, run in
            tell("command\n\(indented([run.line]))")
            let report = lab.world.scratch.write("report.json", run.output)
            // What `pcap` and `capture` say is read from themselves.
            let isCapture = run.output.contains("leadsman/packets/v1")
            let text = isCapture ? run : try await lab.run(in: scenario.node, [binary, "report", report])
            tell(
                indented(
                    (text.output + text.errors + run.errors).split(separator: "\n", omittingEmptySubsequences: false)
                        .map(String.init)))
            if isKept { keep(lab, scenario) }
        }
        tell("expected\n\(indented(scenario.expected(by: builder).text))")
        tell(outcome.differences.isEmpty ? "as expected" : "not as expected\n\(indented(outcome.differences))")
        return outcome.differences.isEmpty
    }

    private static func keep(_ lab: Lab, _ scenario: Scenario) {
        lab.world.keep()
        let user = lab.world.builder == .user ? "--user --preserve-credentials " : ""
        let way = "nsenter --target $(pgrep -P \(lab.world.keeper)) \(user)--mount --net --pid sh -c"
        tell("left up until `Scripts/lab --clean`; a shell in \(scenario.node):")
        tell("  \(way) 'cd \(lab.world.scratch.path) && exec ./enter \(scenario.node) bash'\n")
    }

    static func indented(_ lines: [String]) -> String { lines.map { "  \($0)\n" }.joined() }
}

/// All scenarios, and what each found.
enum LabMatrix {
    private static func tell(_ text: String) { LabCommand.tell(text) }

    /// Prints a line for each scenario. False when any is not as expected.
    static func run(_ scenarios: [Scenario], _ builder: LabBuilder) async throws -> Bool {
        let binary = LeadsmanBinary.path ?? ""
        tell(
            "✔ found as it must   ✔ (…) found as it may   ✘ missing, surplus or otherwise wrong   – silent, as it must be\n"
        )
        var rows: [String: Row] = [:]
        try await withThrowingTaskGroup(of: Row.self) { group in
            for scenario in scenarios {
                group.addTask { try await row(scenario, binary, builder) }
            }
            for try await row in group {
                rows[row.name] = row
                tell(row.line)
            }
        }
        tell(byFinding(Array(rows.values)))
        let wrong = rows.values.filter(\.isWrong).count
        let skipped = rows.values.filter { $0.skipped != nil }.count
        tell("\(rows.count - skipped) scenarios run, \(wrong) not as expected, \(skipped) not run")
        return wrong == 0
    }

    private struct Row: Sendable {
        let name: String
        var skipped: String?
        var must: [String] = []
        var found: [String] = []
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
        if let obstacle = scenario.obstacle(builder) { return Row(name: scenario.name, skipped: obstacle) }
        let outcome = try await scenario.runInTurn(binary, builder: builder)
        return Row(
            name: scenario.name, must: scenario.expected(by: builder).must, found: outcome.report?.findings ?? [],
            differences: outcome.differences)
    }

    /// For each finding, in how many scenarios it was found, and in how many it was rightly silent.
    private static func byFinding(_ rows: [Row]) -> String {
        let run = rows.filter { $0.skipped == nil }
        let ids = Set(run.flatMap { $0.must + $0.found }).sorted()
        let lines = ids.map { id in
            let found = run.filter { $0.found.contains(id) }
            let missed = run.filter { $0.must.contains(id) && !$0.found.contains(id) }.count
            let width = (ids.map(\.count).max() ?? 0) - id.count
            return
                "\(id)\(String(repeating: " ", count: width))  found in \(found.count), silent in \(run.count - found.count)"
                + (missed > 0 ? ", missed in \(missed)" : "")
        }
        return "\n" + lines.joined(separator: "\n") + "\n"
    }
}
