import ArgumentParser
import NetValues
import PlanFile
import Planning
import ProbeKit

/// Plans as the commands read them: from files or standard input, with secrets from the environment and files.
enum PlanInput {
    /// - Throws: the exit status for a wrong plan, after every mistake was told on standard error.
    static func read(_ paths: [String], mostTargets: Int? = nil) throws -> Plan {
        do throws(PlanProblems) {
            let plan = try reader(mostTargets).read(paths: paths)
            let problems = unknownCompanions(in: plan)
            if !problems.isEmpty { throw PlanProblems(problems) }
            return plan
        } catch {
            for problem in error.problems { try? writeAll("\(problem)\n", to: StandardStream.error) }
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
