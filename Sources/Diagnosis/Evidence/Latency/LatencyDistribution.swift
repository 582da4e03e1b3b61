import NetValues
import Observations
import Planning

/// A distribution with what its quantiles are worth: between which values the true one lies with 95 % confidence. A single run is
/// a sample of what a target does, and a p95 of a dozen values is the slowest of them.
package struct LatencyDistribution: Hashable, Sendable {
    package struct Interval: Hashable, Sendable {
        package let quantile: LatencyLimit.Quantile
        /// Nil where the sample is too small to give that end.
        package let low: Duration?
        package let high: Duration?
    }

    package let summary: LatencySummary
    package let intervals: [Interval]

    private static let quantiles: [LatencyLimit.Quantile] = [.p50, .p95, .p99]

    /// Nil without latencies. `latencies` in the order of the samples.
    package init?(_ latencies: [Duration]) {
        guard let summary = LatencySummary(latencies) else { return nil }
        self.summary = summary
        let sorted = latencies.sorted()
        intervals = Self.quantiles.map { Self.interval($0, of: sorted) }
    }

    /// - Parameter sorted: not empty.
    static func interval(_ quantile: LatencyLimit.Quantile, of sorted: [Duration]) -> Interval {
        let ranks = QuantileRanks(quantile.share, of: sorted.count)
        return Interval(
            quantile: quantile, low: ranks.low.map { sorted[$0] }, high: ranks.high.map { sorted[$0] })
    }
}

/// What was measured of one check, and what of it does not count.
package struct Sampling: Hashable, Sendable {
    /// Samples that have a latency which counts.
    package var timed = 0
    /// Samples that ran into their time-out.
    package var timeouts = 0
    /// Samples whose time was not counted, and silences that were set aside, since this process stood still meanwhile.
    package var latenciesSetAside = 0
    package var silencesSetAside = 0
    /// Starts that fell due while a sample still waited, and were not made.
    package var missed = 0

    package init() {}

    package var setAside: Int { latenciesSetAside + silencesSetAside }
}
