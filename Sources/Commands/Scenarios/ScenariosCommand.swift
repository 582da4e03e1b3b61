import ArgumentParser
import JSON
import Reporting
import Scenarios

/// `leadsman scenarios [NAME]`
struct ScenariosCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenarios",
        abstract:
            "The built-in plans: what they need, what they check, and which statement of its document each check covers.",
        discussion: "leadsman run --scenario NAME --set VARIABLE=VALUE... runs one of them.")

    @Argument(help: ArgumentHelp("The name of a scenario.", valueName: "name"))
    var name: String?

    @Flag(help: "Print the plan itself, with the variables filled in, for a file or for leadsman run -.")
    var plan = false

    @OptionGroup var values: ScenarioValues

    @Option(name: [.long, .customShort("o")], help: "How it is written.")
    var format: CatalogueFormat?

    func validate() throws {
        if plan, name == nil { throw ValidationError("--plan needs the name of a scenario") }
        if !plan, !values.settings.isEmpty { throw ValidationError("--set needs --plan") }
        if plan, format != nil { throw ValidationError("--plan is always YAML: leave out --format") }
    }

    func run() throws {
        let chosen = try name.map { [try Scenario.named($0)] } ?? ScenarioBook.all
        if plan, let scenario = chosen.first {
            let filled = try values.plan(of: scenario)
            // What the reader of plans finds wrong is wrong here too.
            _ = try PlanInput.read([], scenario: filled)
            filled.tellWhatIsNotRun(duration: .seconds(300))
            return try printResult(filled.text)
        }
        switch format ?? .text {
        case .json: try printResult(JSONWriter.text(ScenarioDocument.json(chosen), layout: .indented) + "\n")
        case .text:
            try printResult(
                name == nil
                    ? ScenarioText.list(chosen, style: catalogueStyle)
                    : chosen.map { ScenarioText.explanation($0, style: catalogueStyle) }.joined())
        }
    }
}
