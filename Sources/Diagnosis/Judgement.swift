import NetValues
import Observations
import Planning

/// What a run comes to: each check's status, and the findings, the headline first.
package struct Judgement: Sendable {
    package enum Verdict: String, Hashable, Sendable, CaseIterable { case healthy, degraded, failing, inconclusive }

    package var verdict: Verdict
    package var checks: [CheckJudgement]
    package var findings: [Finding]
    /// Something that was asked for could not be measured.
    package var isIncomplete: Bool
    /// What limits the judgement by manifests: parts that could not be read, and Services that are others here.
    package var declaredLimits: [String] = []

    package init(verdict: Verdict, checks: [CheckJudgement], findings: [Finding], isIncomplete: Bool) {
        self.verdict = verdict
        self.checks = checks
        self.findings = findings
        self.isIncomplete = isIncomplete
    }
}

extension Judgement {
    /// Evidence that was asked for could not be had: what was found stands, and what was not found is no verdict.
    package mutating func lacksEvidence() {
        isIncomplete = true
        if verdict != .failing { verdict = .inconclusive }
    }
}

/// One check's record with what was made of it.
package struct CheckJudgement: Sendable {
    package enum Status: String, Hashable, Sendable, CaseIterable { case passed, warned, failed, skipped, unmeasured }

    package var record: CheckRecord
    package var status: Status
    /// The id of the finding that explains the status; for skipped and unmeasured checks the reason in words. Nil when passed.
    package var reason: String?
    /// Samples that were not good.
    package var failures: Int
    /// Over the samples that have a latency; nil when none has.
    package var latency: LatencySummary?
    /// Medians of the phases over the samples that have them.
    package var phases: Phases
    /// Of one endpoint of a range; nil for a target of its own.
    package var endpointState: EndpointState?
    /// Of a series: the whole latency, then its stages, with what their quantiles are worth.
    package var distributions: [StageDistribution]
    package var sampling: Sampling

    package init(
        record: CheckRecord, status: Status, reason: String?, failures: Int, latency: LatencySummary?, phases: Phases,
        endpointState: EndpointState? = nil, distributions: [StageDistribution] = [], sampling: Sampling = Sampling()
    ) {
        self.distributions = distributions
        self.sampling = sampling
        self.endpointState = endpointState
        self.record = record
        self.status = status
        self.reason = reason
        self.failures = failures
        self.latency = latency
        self.phases = phases
    }
}

/// A distribution of latencies. Quantiles are of the nearest rank, so each is a latency that was seen.
package struct LatencySummary: Hashable, Sendable {
    package let count: Int
    package let min: Duration
    package let p50: Duration
    package let p95: Duration
    package let p99: Duration
    package let max: Duration
    package let mean: Duration
    /// Of the population.
    package let stddev: Duration
    /// RFC 3550 section 6.4.1, over successive latencies; nil for fewer than two.
    package let jitter: Duration?

    /// Nil without latencies. `latencies` in the order of the samples.
    package init?(_ latencies: [Duration]) {
        guard !latencies.isEmpty else { return nil }
        let sorted = latencies.sorted()
        func quantile(_ share: Double) -> Duration {
            sorted[Swift.max(0, Swift.min(sorted.count - 1, Int((share * Double(sorted.count)).rounded(.up)) - 1))]
        }
        let values = latencies.map { Double($0.nanoseconds) }
        let average = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(values.count)
        count = latencies.count
        min = sorted[0]
        p50 = quantile(0.5)
        p95 = quantile(0.95)
        p99 = quantile(0.99)
        max = sorted[sorted.count - 1]
        mean = .nanoseconds(Int64(average))
        stddev = .nanoseconds(Int64(variance.squareRoot()))
        jitter =
            values.count < 2
            ? nil
            : .nanoseconds(Int64(zip(values, values.dropFirst()).reduce(0.0) { $0 + (abs($1.1 - $1.0) - $0) / 16 }))
    }

    package func value(_ quantile: LatencyLimit.Quantile) -> Duration {
        switch quantile {
        case .p50: p50
        case .p95: p95
        case .p99: p99
        case .max: max
        }
    }
}
