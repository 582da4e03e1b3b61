import ArgumentParser
import NetValues
import Planning
import ProbeKit

/// A probe by hand: the checks of one kind that a command line describes, run and reported with all their facts.
struct SingleProbe {
    let kind: String
    let targets: [String]
    var samples = 1
    var interval = Check.Defaults.interval
    var parameters: [String: ParameterValue?] = [:]
    var expectations: [String: ParameterValue?] = [:]

    func run(_ probing: ProbeOptions, _ expect: ExpectOptions, _ output: OutputOptions) async throws {
        guard let description = probeCatalogue.description(of: kind) else {
            throw ValidationError("no probe '\(kind)'")
        }
        var checks: [Check] = []
        var problems: [PlanProblem] = []
        for text in targets.unique() {
            do throws(PlanProblem) {
                checks.append(try check(text, description, probing, expect))
            } catch {
                problems.append(error)
            }
        }
        guard problems.isEmpty else { throw ValidationError(problems.map(\.message).joined(separator: "\n")) }
        throw ExitCode(await Session(plan: Plan(checks: checks), output: output.session(isVerbose: true)).run())
    }

    private func check(
        _ text: String, _ description: ProbeDescription, _ probing: ProbeOptions, _ expect: ExpectOptions
    ) throws(PlanProblem) -> Check {
        guard let target = Target(text, form: description.targetForm) else {
            throw PlanProblem("'\(text.escaped(limit: 100))' is not \(description.targetForm.syntax)")
        }
        let parameters = self.parameters.compactMapValues(\.self)
        let expectations = self.expectations.compactMapValues(\.self)
        try validate(parameters, by: description.parameters)
        try validate(expectations, by: description.expectations)
        var check = Check(
            name: text, kind: kind, target: target, samples: samples, interval: interval,
            expectation: expect.expectation(with: expectations), parameters: Parameters(parameters))
        probing.apply(to: &check)
        try ensureFeasible(check)
        return check
    }

    private func validate(_ values: [String: ParameterValue], by descriptions: [ParameterDescription])
        throws(PlanProblem)
    {
        for description in descriptions {
            guard let value = values[description.key] else { continue }
            if let problem = description.problem(with: value) { throw PlanProblem("\(description.key): \(problem)") }
        }
    }
}
