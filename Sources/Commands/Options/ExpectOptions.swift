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
            "Limits of latency: a quantile (p50, p95, p99, max), also of a stage (connect.p95), and for how long it must be above (for); may be repeated.",
            valueName: "p95=2s,for=5m"),
        transform: { text in
            do throws(PlanProblem) {
                return try LatencyLimit.limits(in: text)
            } catch {
                throw ValidationError(error.message)
            }
        })
    var latency: [[LatencyLimit]] = []

    @Option(
        help: ArgumentHelp(
            "Where the target's addresses must lie: ranges as 10.0.0.0/8,fd00::/8, or the word private.",
            valueName: "ranges"))
    var within: WithinRanges?

    func expectation(with parameters: [String: ParameterValue]) -> Expectation {
        Expectation(
            word: expect,
            isDeclared: expect != .reachable || p95 != nil || !latency.isEmpty || within != nil || !parameters.isEmpty,
            latency: (p95.map { [LatencyLimit(.p95, $0.duration)] } ?? []) + latency.flatMap(\.self),
            parameters: Parameters(parameters),
            within: within?.demand)
    }
}
