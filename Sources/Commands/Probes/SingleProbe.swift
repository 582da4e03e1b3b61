import ArgumentParser
import NetValues
import Planning
import ProbeKit
import Reporting

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
    /// A target of a kind that takes a host may name a port with it: the kind's key of that name.
    var takesPorts = false
    /// Where there are no other options of ranges.
    var mostTargets = TargetRange.usualLimit
    /// For a series that goes on until somebody ends it.
    var live: LiveRequest?
    /// Nil: of many endpoints the table says enough, and of a long series its figures; of others all facts are told.
    var isVerbose: Bool?

    /// Targets of a list, told together by its name.
    var listed: [String] = []
    var list: String?

    func run(_ probing: ProbeOptions, _ expect: ExpectOptions, _ output: OutputOptions) async throws {
        try await run(Plan(checks: checks(probing, expect)), output)
    }

    func run(_ plan: Plan, _ output: OutputOptions) async throws {
        let isVerbose = isVerbose ?? (live == nil && !plan.checks.contains { $0.range != nil })
        throw ExitCode(await Session(plan: plan, output: output.session(isVerbose: isVerbose), live: live).run())
    }

    /// - Throws: every mistake at once.
    func checks(_ probing: ProbeOptions, _ expect: ExpectOptions) throws -> [Check] {
        guard let description = probeCatalogue.description(of: kind) else {
            throw ValidationError("no probe '\(kind)'")
        }
        var checks: [Check] = []
        var mistakes: [String] = []
        var counter = RangeCounter(limit: ranges?.mostTargets ?? mostTargets)
        for (text, list) in targets.unique().map({ ($0, nil) }) + listed.unique().map({ ($0, list) }) {
            do throws(PlanProblem) {
                let range = description.takesRanges ? try TargetRange(text, form: description.targetForm) : nil
                if let range { try counter.add(range) }
                try ranges?.ensureOpen(of: range)
                let target =
                    if let first = range?.targets(upTo: 1).first { first } else {
                        try target(text, description)
                    }
                let check = try check(text, target, description, probing, expect)
                for var member in range.map({ check.members(of: $0, upTo: counter.limit) }) ?? [check] {
                    member.range = list ?? member.range
                    checks.append(member)
                }
            } catch {
                mistakes.append(error.message)
                if mistakes.count == Self.mostMistakes { break }
            }
        }
        guard mistakes.isEmpty else { throw ValidationError(mistakes.joined(separator: "\n")) }
        return checks
    }

    /// Nobody mends more at once.
    private static let mostMistakes = 20

    private func target(_ text: String, _ description: ProbeDescription) throws(PlanProblem) -> Target {
        if let target = Target(text, form: description.targetForm) { return target }
        if takesPorts, let pair = HostPort(text) { return .host(pair.host) }
        throw PlanProblem("'\(text.escaped(limit: 100))' is not \(description.targetForm.syntax)")
    }

    private func check(
        _ text: String, _ target: Target, _ description: ProbeDescription, _ probing: ProbeOptions,
        _ expect: ExpectOptions
    ) throws(PlanProblem) -> Check {
        var parameters = self.parameters.compactMapValues(\.self)
        if takesPorts, Target(text, form: description.targetForm) == nil, let pair = HostPort(text) {
            parameters["port"] = .number(Int(pair.port))
        }
        let expectations = self.expectations.compactMapValues(\.self)
        try validate(parameters, by: description.parameters)
        try validate(expectations, by: description.expectations)
        var check = Check(
            name: text, kind: kind, target: target, samples: live == nil ? samples : LiveRequest.samples,
            interval: live == nil ? interval : LiveRequest.interval,
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
