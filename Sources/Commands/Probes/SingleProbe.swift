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

    /// What the command line says of ranges, for the kinds that take them.
    var ranges: RangeOptions?
    /// Where there are no other options of ranges.
    var mostTargets = TargetRange.usualLimit
    /// Nil: of many endpoints the table says enough, of others all facts are told.
    var isVerbose: Bool?

    func run(_ probing: ProbeOptions, _ expect: ExpectOptions, _ output: OutputOptions) async throws {
        guard let description = probeCatalogue.description(of: kind) else {
            throw ValidationError("no probe '\(kind)'")
        }
        if output.rendering.format == .csv, kind != "trace" {
            throw ValidationError("csv is the form of traces: use --format json")
        }
        var checks: [Check] = []
        var problems: [PlanProblem] = []
        var counter = RangeCounter(limit: ranges?.mostTargets ?? mostTargets)
        for text in targets.unique() {
            do throws(PlanProblem) {
                let range = description.takesRanges ? try TargetRange(text, form: description.targetForm) : nil
                if let range { try counter.add(range) }
                try ranges?.ensureOpen(of: range)
                let target =
                    if let first = range?.targets(upTo: 1).first { first } else {
                        try target(text, description)
                    }
                let check = try check(text, target, description, probing, expect)
                checks += range.map { check.members(of: $0, upTo: counter.limit) } ?? [check]
            } catch {
                problems.append(error)
            }
        }
        guard problems.isEmpty else { throw ValidationError(problems.map(\.message).joined(separator: "\n")) }
        let isVerbose = isVerbose ?? !checks.contains { $0.range != nil }
        throw ExitCode(await Session(plan: Plan(checks: checks), output: output.session(isVerbose: isVerbose)).run())
    }

    private func target(_ text: String, _ description: ProbeDescription) throws(PlanProblem) -> Target {
        if let target = Target(text, form: description.targetForm) { return target }
        throw PlanProblem("'\(text.escaped(limit: 100))' is not \(description.targetForm.syntax)")
    }

    private func check(
        _ text: String, _ target: Target, _ description: ProbeDescription, _ probing: ProbeOptions,
        _ expect: ExpectOptions
    ) throws(PlanProblem) -> Check {
        let parameters = self.parameters.compactMapValues(\.self)
        let expectations = self.expectations.compactMapValues(\.self)
        try validate(parameters, by: description.parameters)
        try validate(expectations, by: description.expectations)
        var check = Check(
            name: text, kind: kind, target: target, samples: samples, interval: interval,
            expectation: expectation(expect, expectations), parameters: Parameters(parameters))
        probing.apply(to: &check)
        try ensureFeasible(check)
        return check
    }

    private func expectation(_ expect: ExpectOptions, _ values: [String: ParameterValue]) -> Expectation {
        var expectation = expect.expectation(with: values)
        expectation.open = ranges?.open?.ports
        return expectation
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
