import ArgumentParser
import NetValues
import PlanFile
import Planning
import ProbeKit
import Scenarios

/// Plans as the commands read them: from files or standard input, with secrets from the environment and files.
enum PlanInput {
    /// - Throws: the exit status for a wrong plan, after every mistake was told on standard error.
    /// - Parameter scenario: a built-in plan, beside the files.
    static func read(_ paths: [String], mostTargets: Int? = nil, scenario: ScenarioPlan? = nil) throws -> Plan {
        do throws(PlanProblems) {
            let texts = scenario.map { [(file: ScenarioOptions.file, text: $0.text)] } ?? []
            let plan = try reader(mostTargets).read(paths: paths, texts: texts)
            let problems = unknownCompanions(in: plan)
            if !problems.isEmpty { throw PlanProblems(problems) }
            return plan
        } catch {
            let told = error.problems.map { ScenarioOptions.told($0, of: scenario) }.unique()
            for problem in told { try? writeAll("\(problem)\n", to: StandardStream.error) }
            throw ExitCode(ExitStatus.badUsage)
        }
    }

    private static func reader(_ mostTargets: Int?) -> PlanReader {
        PlanReader(
            probes: probeCatalogue.descriptions, environment: { Terminal.environment($0) },
            validate: { check in
                do throws(PlanProblem) {
                    try ensureFeasible(check)
                    return nil
                } catch {
                    return error
                }
            }, mostTargets: mostTargets)
    }
}
