import ArgumentParser
import Planning

/// What must be so, for a probe by hand.
struct ExpectOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What must be so.", valueName: "word"))
    var expect: Expectation.Word = .reachable

    @Option(help: ArgumentHelp("The 95th percentile of the latency must not be above this.", valueName: "span"))
    var p95: Span?

    @Option(
        help: ArgumentHelp(
            "Where the target's addresses must lie: ranges as 10.0.0.0/8,fd00::/8, or the word private.",
            valueName: "ranges"))
    var within: WithinRanges?

    func expectation(with parameters: [String: ParameterValue]) -> Expectation {
        Expectation(
            word: expect, isDeclared: expect != .reachable || p95 != nil || within != nil || !parameters.isEmpty,
            latency: p95.map { [LatencyLimit(.p95, $0.duration)] } ?? [], parameters: Parameters(parameters),
            within: within?.demand)
    }
}
