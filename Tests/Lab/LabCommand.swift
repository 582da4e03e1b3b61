import Foundation

/// `Scripts/lab`: the scenarios by hand, from the same data as the tests.
package enum LabCommand {
    private static let usage = """
        usage: Scripts/lab NAME [--user] [--keep]   runs one scenario: any part of its name that no other has
               Scripts/lab --list                   the names
               Scripts/lab --matrix [WORDS] [--root|--user]
                                                    runs all, or those with these words in the name, as root and as an ordinary
                                                    user: what each found, and a table of fault caused against headline found
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
            switch (options.subtracting(["--user", "--root"]), names.count) {
            case (["--list"], 0): list()
            case (["--clean"], 0): tell("taken down: \(Scratch.removeKept())")
            case (["--matrix"], _):
                let builders = LabBuilder.allCases.filter { !options.contains("--\($0.other)") }
                for builder in builders { try prepare(builder) }
                return try await LabMatrix.run(try some(names.joined(separator: " ")), builders) ? 0 : 1
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
    static func tell(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }

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

extension LabBuilder {
    fileprivate var other: String { self == .root ? LabBuilder.user.rawValue : LabBuilder.root.rawValue }
}
