import Diagnosis
import JSON
import NetValues
import Planning

/// How a check's latencies are distributed and what the figures are worth: additions to the document of DESIGN.md section 8.
enum SamplingJSON {
    /// `sampling` where something was not counted, `distributionsMs` of a series. None of what was measured once.
    static func members(_ judgement: CheckJudgement) -> JSONObject {
        var object = JSONObject()
        object["sampling"] = sampling(judgement.sampling, isSeries: !judgement.distributions.isEmpty)
        guard !judgement.distributions.isEmpty else { return object }
        object["distributionsMs"] = .object(
            JSONObject(
                judgement.distributions.map { ($0.stage?.rawValue ?? totalKey, json($0.distribution)) }))
        return object
    }

    static let totalKey = "total"

    private static func sampling(_ sampling: Sampling, isSeries: Bool) -> JSONValue? {
        guard isSeries || sampling.setAside > 0 || sampling.missed > 0 else { return nil }
        return .object(
            JSONObject([
                ("timed", .int(sampling.timed)), ("timeouts", .int(sampling.timeouts)),
                ("discarded", .int(sampling.setAside)), ("missed", .int(sampling.missed)),
            ]))
    }

    /// With the ends of the interval of 95 % confidence; null where the sample is too small for that end.
    private static func json(_ distribution: LatencyDistribution) -> JSONValue {
        let summary = distribution.summary
        let intervals = JSONObject(
            distribution.intervals.map { interval in
                (
                    interval.quantile.rawValue,
                    .array([
                        interval.low.map { .milliseconds($0) } ?? .null,
                        interval.high.map { .milliseconds($0) } ?? .null,
                    ])
                )
            })
        return .object(
            JSONObject([
                ("count", .int(summary.count)), ("min", .milliseconds(summary.min)),
                ("p50", .milliseconds(summary.p50)),
                ("p95", .milliseconds(summary.p95)), ("p99", .milliseconds(summary.p99)),
                ("max", .milliseconds(summary.max)), ("confidence95", .object(intervals)),
            ]))
    }
}
