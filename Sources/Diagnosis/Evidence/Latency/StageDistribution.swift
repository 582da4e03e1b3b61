import NetValues
import Observations
import Planning

/// The distribution of one stage, or of the whole latency, over a check's samples.
package struct StageDistribution: Hashable, Sendable {
    /// Nil for the kind's latency as a whole.
    package let stage: LatencyStage?
    package let distribution: LatencyDistribution

    package init(stage: LatencyStage?, distribution: LatencyDistribution) {
        self.stage = stage
        self.distribution = distribution
    }

    /// Of a series only: one value is no distribution. The whole first, then the stages in their order.
    static func all(of check: CheckEvidence) -> [StageDistribution] {
        guard check.finals.count > 1 else { return [] }
        var all = LatencyDistribution(check.latencies()).map { [StageDistribution(stage: nil, distribution: $0)] } ?? []
        for stage in LatencyStage.allCases {
            guard let distribution = LatencyDistribution(check.finals.compactMap { $0.phases[stage] }) else { continue }
            all.append(StageDistribution(stage: stage, distribution: distribution))
        }
        return all
    }
}

extension Sampling {
    init(_ check: CheckEvidence, strain: VantageStrain) {
        timed = check.finals.count { $0.latency != nil }
        timeouts = check.isEchoSeries ? 0 : check.finals.count { $0.outcome != .answered && $0.ranOutOfTime }
        latenciesSetAside = check.soundness.latenciesSetAside
        silencesSetAside = check.soundness.silencesSetAside
        missed = MissedStarts(check, strain: strain).count
    }
}
