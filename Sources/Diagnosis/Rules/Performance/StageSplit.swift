import NetValues
import Observations
import Planning

/// A check whose latency is above its limit, and which stage of the exchange took the time.
struct SlowCheck: Sendable {
    let check: CheckEvidence
    let quantile: LatencyLimit.Quantile
    let limit: Duration
    let seen: Duration
    let isDeclared: Bool
    let summary: LatencySummary
    /// Medians of the stages, slowest first.
    let stages: [(name: String, time: Duration)]

    /// The default limit: the one number for request latency that the catalogue has (section 2).
    static let defaultLimit = LatencyLimit(.p95, .seconds(2))

    init?(_ check: CheckEvidence) {
        let declared = check.check.expectation.latency
        let limits = declared.isEmpty ? [Self.defaultLimit] : declared
        guard check.check.expectation.word == .reachable, check.samples.contains(where: { $0.outcome == .answered })
        else { return nil }
        guard Self.canBeSlow(check.finals, check.check.expectation) else { return nil }
        // A sample that ran into its own time-out took at least that long; where failing now and then is told as such, it is
        // not told again as slowness.
        let isIntermittent = Intermittence(check) != nil
        guard let summary = LatencySummary(check.latencies(countingTimeouts: !isIntermittent)) else { return nil }
        guard let broken = limits.first(where: { summary.value($0.quantile) > $0.limit }) else { return nil }
        self.check = check
        self.summary = summary
        quantile = broken.quantile
        limit = broken.limit
        seen = summary.value(broken.quantile)
        isDeclared = !declared.isEmpty
        stages = Self.stages(of: check.samples)
    }

    /// Whether any sample is above a limit, or has no latency of its own: most checks are done with at this.
    static func canBeSlow(_ samples: [Sample], _ expectation: Expectation) -> Bool {
        let least = expectation.latency.map(\.limit).min() ?? defaultLimit.limit
        return samples.contains { $0.latency.map { $0 > least } ?? true }
    }

    private static func stages(of samples: [Sample]) -> [(name: String, time: Duration)] {
        let picks: [(String, (Phases) -> Duration?)] = [
            ("name resolution", \.resolve), ("TCP connect", \.connect), ("TLS handshake", \.tls),
            ("waiting for the first byte", \.firstByte),
            ("transfer", \.transfer),
        ]
        return picks.compactMap { name, pick in
            LatencySummary(samples.compactMap { pick($0.phases) }).map { (name, $0.p95) }
        }.sorted { $0.time > $1.time }
    }

    /// The exchange spends most of its time waiting for the server's first byte, while connecting was quick.
    var isServer: Bool {
        guard let first = stages.first, first.name == "waiting for the first byte" else { return false }
        return first.time.nanoseconds * 2 > seen.nanoseconds
    }

    /// Resolving takes the time, or is all that the check does.
    var isResolution: Bool { check.check.kind == "dns" || stages.first?.name == "name resolution" }

    var lines: [String] {
        let split = stages.map { "\($0.name) \($0.time.spoken)" }.joined(separator: ", ")
        let count = counted(summary.count, "sample")
        var lines = [
            "\(quantile.rawValue) \(seen.spoken) against \(isDeclared ? "the plan's" : "the usual") limit of \(limit.spoken), over \(count)"
        ]
        lines.append("min \(summary.min.spoken), median \(summary.p50.spoken), max \(summary.max.spoken)")
        if !split.isEmpty { lines.append("where the time goes: \(split)") }
        let repeated = check.connects.count { $0.outcome == .connected && ($0.tcp?.retransmits ?? 0) > 0 }
        if repeated > 0 {
            lines.append(
                "\(repeated) of \(counted(check.connects.count, "connect")) only came through when the SYN was sent again: the first was lost or the server's queue was full"
            )
        }
        if summary.count < 20, quantile != .max, quantile != .p50 {
            lines.append(
                "with fewer than 20 samples the \(quantile.rawValue) is the slowest one: this says nothing about a sustained state"
            )
        }
        return lines
    }

    /// The worst of several checks in full, the others counted.
    static func lines(of checks: [SlowCheck]) -> [String] {
        guard let worst = checks.max(by: { $0.seen < $1.seen }) else { return [] }
        return worst.lines + (checks.count > 1 ? ["\(counted(checks.count - 1, "more check")) likewise"] : [])
    }

    var confidence: Finding.Confidence { summary.count >= 20 ? .certain : summary.count >= 3 ? .likely : .possible }
}
