import ArgumentParser
import NetValues
import Planning
import Scenarios

/// A built-in plan in place of, or beside, plan files.
struct ScenarioOptions: ParsableArguments {
    @Option(
        name: .customLong("scenario"),
        help: ArgumentHelp(
            "A built-in plan: \(ScenarioBook.all.map(\.name).joined(separator: ", ")); leadsman scenarios tells what each needs.",
            valueName: "name"))
    var name: String?

    @OptionGroup var values: ScenarioValues

    /// Under which the plan's reader tells mistakes of the built-in plan.
    static let file = "<scenario>"

    func validate() throws {
        if name == nil, !values.settings.isEmpty { throw ValidationError("--set needs --scenario") }
    }

    /// Nil where no scenario is asked for.
    /// - Throws: a usage mistake for each wrong value, and where nothing is left to run.
    func plan() throws -> ScenarioPlan? {
        guard let name else { return nil }
        return try values.plan(of: Scenario.named(name))
    }

    /// A mistake of the plan's reader in words of the variables that were given.
    static func told(_ problem: PlanProblem, of plan: ScenarioPlan?) -> String {
        guard let plan, let place = problem.place, place.file == file, let source = plan.place(ofLine: place.line)
        else { return problem.description }
        guard !source.variables.isEmpty else { return "scenario, check “\(source.check)”: \(problem.message)" }
        let variables = source.variables.map { "--set \($0)" }.joined(separator: ", ")
        return "\(variables): \(problem.message) (check “\(source.check)”)"
    }
}

/// What a scenario's variables stand for.
struct ScenarioValues: ParsableArguments {
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("What a variable of the scenario stands for; repeat it for more.", valueName: "name=value"))
    var settings: [String] = []

    /// The plan with what was given.
    func plan(of scenario: Scenario) throws -> ScenarioPlan {
        let given = try read(for: scenario)
        let plan = ScenarioPlan(scenario, given: given)
        guard !given.isEmpty, !plan.checks.isEmpty else {
            try? writeAll(Self.demand(of: scenario, isAnyGiven: !given.isEmpty), to: StandardStream.error)
            throw ExitCode(ExitStatus.badUsage)
        }
        return plan
    }

    /// All mistakes at once.
    private func read(for scenario: Scenario) throws -> [String: String] {
        var given: [String: String] = [:]
        var mistakes: [String] = []
        for setting in settings {
            let sides = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard sides.count == 2 else {
                mistakes.append("--set takes NAME=VALUE, found '\(setting.withoutUserInformation.escaped(limit: 60))'")
                continue
            }
            if let mistake = Self.mistake(sides[0], sides[1], scenario, isGiven: given[sides[0]] != nil) {
                mistakes.append("--set \(sides[0].escaped(limit: 60)): \(mistake)")
            } else {
                given[sides[0]] = sides[1]
            }
        }
        guard mistakes.isEmpty else { throw ValidationError(mistakes.joined(separator: "\n")) }
        return given
    }

    private static func mistake(_ name: String, _ value: String, _ scenario: Scenario, isGiven: Bool) -> String? {
        guard let variable = scenario.variable(name) else {
            let known = scenario.variables.map(\.name)
            let hint = nearestWord(to: name, among: known).map { "did you mean \($0)?" }
            return "the scenario \(scenario.name) has no such variable; "
                + (hint ?? "it has \(known.joined(separator: ", "))")
        }
        if isGiven { return "it is set twice" }
        guard let mistake = variable.form.mistake(in: value) else { return nil }
        return "\(mistake) (\(variable.summary), such as \(variable.example))"
    }

    /// What to say, where too little was said.
    private static func demand(of scenario: Scenario, isAnyGiven: Bool) -> String {
        let reason =
            isAnyGiven
            ? "no check of the scenario \(scenario.name) can run with what is set alone"
            : "the scenario \(scenario.name) must be told what to look at"
        let needed = scenario.variables.filter(\.isRequired)
        let width = needed.reduce(0) { max($0, $1.name.utf8.count + $1.example.utf8.count) } + 1
        let lines = needed.map { variable in
            let setting = "\(variable.name)=\(variable.example)"
            let room = String(repeating: " ", count: width - setting.utf8.count)
            return "  --set \(setting)\(room)  \(variable.summary)"
        }
        return """
            Error: \(reason). Set some of these, each check runs that has what it needs:
            \(lines.joined(separator: "\n"))
              See 'leadsman scenarios \(scenario.name)' for the checks and what they cover.

            """
    }
}

extension Scenario {
    /// - Throws: a usage mistake with the likeliest wish.
    static func named(_ name: String) throws -> Scenario {
        if let scenario = ScenarioBook.scenario(name) { return scenario }
        let known = ScenarioBook.all.map(\.name)
        let hint =
            nearestWord(to: name, among: known).map { ", did you mean '\($0)'?" }
            ?? "; known are \(known.joined(separator: ", "))"
        throw ValidationError("no scenario '\(name.escaped(limit: 60))'\(hint)")
    }
}

extension ScenarioPlan {
    /// What of the scenario this run leaves out, on standard error.
    func tellWhatIsNotRun(duration: Duration?) {
        var notes = leftOut.map { left in
            "not run: \(left.check): needs \(left.variables.map { "--set \($0)=…" }.joined(separator: " and "))"
        }
        if checks.contains(where: \.hasWindow), (duration ?? .zero) < .seconds(300) {
            notes.append(
                "note: limits of latency with `for: 5m` are judged only by what this run sees; --duration 6m shows whether they are exceeded for so long"
            )
        }
        for note in notes { try? writeAll(note + "\n", to: StandardStream.error) }
    }
}
