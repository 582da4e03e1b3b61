import NetValues
import Observations
import Planning

/// A check whose latency is above a limit, and what took the time.
struct SlowCheck {
    /// A limit and what was seen of it.
    struct Excess {
        let limit: LatencyLimit
        let isDeclared: Bool
        let seen: Duration
        /// The sample at the quantile never came to an end: the latency is at least this.
        let isTimeout: Bool
        let interval: LatencyDistribution.Interval
        let count: Int
        let timeouts: Int
        /// Nil where the limit holds for any sample.
        let sustained: SustainedExcess?
        /// Only with the starts that were missed while a sample waited.
        let isCounted: Bool
    }

    let check: CheckEvidence
    /// At least one; that of the whole first.
    let excesses: [Excess]
    /// Of the whole.
    let summary: LatencySummary
    let shares: TimeShares
    let missed: MissedStarts
    /// Medians and p95 of the stages, in their order.
    let stages: [(stage: LatencyStage, p50: Duration, p95: Duration)]

    var worst: Excess { excesses[0] }
    var seen: Duration { worst.seen }

    /// The default limit: the one number for request latency that the catalogue has (section 2).
    static let defaultLimit = LatencyLimit(.p95, .seconds(2), for: .seconds(300))

    init?(_ check: CheckEvidence, strain: VantageStrain = VantageStrain()) {
        let declared = check.check.expectation.latency
        guard check.check.expectation.word == .reachable, check.samples.contains(where: { $0.outcome == .answered }),
            Self.canBeSlow(check.finals, check.check.expectation)
        else { return nil }
        // A sample that ran into its own time-out took at least that long; where failing now and then is told as such, it is
        // not told again as slowness.
        let countsTimeouts = Intermittence(check) == nil
        let missed = MissedStarts(check, strain: strain)
        let limits = declared.isEmpty ? [Self.defaultLimit] : declared
        let whole = LatencySeries(check, of: nil, countingTimeouts: countsTimeouts)
        let excesses = limits.sorted { ($0.stage == nil ? 0 : 1) < ($1.stage == nil ? 0 : 1) }.compactMap { limit in
            let series = limit.stage.map { LatencySeries(check, of: $0, countingTimeouts: false) } ?? whole
            return Excess(limit, isDeclared: !declared.isEmpty, series, missed)
        }
        guard let worst = excesses.first, let summary = LatencySummary(whole.values.map(\.time)) else { return nil }
        self.check = check
        self.excesses = excesses
        self.summary = summary
        self.missed = missed
        let slow = check.finals.filter { sample in
            let time = worst.limit.stage.map { sample.phases[$0] } ?? sample.latency
            return time.map { $0 - sample.stalled > worst.limit.limit }
                ?? (sample.outcome != .answered && countsTimeouts)
        }
        shares = TimeShares(slow, of: check, in: worst.limit.stage)
        stages = LatencyStage.allCases.compactMap { stage in
            LatencySummary(check.finals.compactMap { $0.phases[stage] }).map { (stage, $0.p50, $0.p95) }
        }
    }

    /// Whether any sample is above a limit, or has no latency of its own: most checks are done with at this.
    static func canBeSlow(_ samples: [Sample], _ expectation: Expectation) -> Bool {
        let limits = expectation.latency.isEmpty ? [defaultLimit] : expectation.latency
        let least = limits.filter { $0.stage == nil }.map(\.limit).min()
        let ofStages = limits.filter { $0.stage != nil }
        // By places: a copy of each of a hundred thousand samples costs more than looking at it.
        return samples.indices.contains { place in
            guard let latency = samples[place].latency else { return true }
            if let least, latency > least { return true }
            return ofStages.contains { limit in
                limit.stage.flatMap { samples[place].phases[$0] }.map { $0 > limit.limit } ?? false
            }
        }
    }

    // MARK: What it is

    var main: TimeShares.Part? {
        // A stage that has a limit of its own is to blame for being above it.
        switch worst.limit.stage {
        case .resolve: .resolve
        default: shares.shares.first?.part
        }
    }

    /// The server itself: its own part is the largest, or above the limit by itself.
    var isServer: Bool {
        main == .server || worst.limit.stage != .resolve && shares.time(.server) > worst.limit.limit
    }

    /// Resolving takes the time, or is all that the check does.
    var isResolution: Bool { check.check.kind == "dns" || main == .resolve }

    var isRepeatedSYN: Bool { main == .repeatedSYN }

    /// Connecting took the time, and to more addresses than one.
    var waitsForAddresses: Bool {
        let connect = stages.max { $0.p95 < $1.p95 }
        return connect?.stage == .connect && Set(check.connects.map(\.endpoint)).count > 1
    }

    var confidence: Finding.Confidence { excesses.map(\.confidence).min { $0.order < $1.order } ?? .possible }
}

extension SlowCheck.Excess {
    /// Nil where the limit is kept.
    init?(_ limit: LatencyLimit, isDeclared: Bool, _ series: LatencySeries, _ missed: MissedStarts) {
        guard let plain = series.value(limit.quantile) else { return nil }
        let sustained = limit.window.map { SustainedExcess(series, above: limit, for: $0) }
        let isSustained = sustained?.isSustained ?? false
        var used = series
        var isCounted = false
        if plain <= limit.limit, !isSustained {
            // Only of the whole, and only where quantiles mean something.
            guard limit.stage == nil, limit.window == nil || !isDeclared, limit.quantile != .max,
                series.count >= limit.quantile.fewestSamples, !missed.waits.isEmpty
            else { return nil }
            used = LatencySeries(series.values + missed.waits)
            isCounted = true
        }
        if let sustained, isSustained {
            used = LatencySeries(series.values.filter { sustained.stretch.contains($0.start) })
        }
        guard let seen = used.value(limit.quantile) else { return nil }
        // A limit that a plan gives a window is kept by a series that is long enough to break it, and does not.
        if isDeclared, let sustained, sustained.isSeriesLongEnough, !isSustained { return nil }
        guard seen > limit.limit || isSustained else { return nil }
        self.limit = limit
        self.isDeclared = isDeclared
        self.seen = seen
        isTimeout = used.values.contains { $0.isTimeout && $0.time == seen }
        interval = LatencyDistribution.interval(limit.quantile, of: used.sorted)
        count = series.count
        timeouts = series.timeouts
        self.sustained = sustained
        self.isCounted = isCounted
    }

    /// Certain where the true quantile is above the limit with 97.5 % confidence (one side of 95 %), from as many samples as the
    /// quantile means something with.
    var confidence: Finding.Confidence {
        if isCounted || count < 3 { return .possible }
        if let sustained, sustained.isSustained {
            return sustained.fewestInWindow >= limit.quantile.fewestSamples ? .certain : .likely
        }
        let isShown = interval.low.map { $0 > limit.limit } ?? (limit.quantile == .max)
        guard isShown else { return .possible }
        // A limit with a window is not broken by a series that is shorter than it.
        let isTooShort = isDeclared && sustained != nil
        return count >= LatencyLimit.Quantile.p95.fewestSamples && !isTooShort ? .certain : .likely
    }
}

extension Finding.Confidence {
    /// The surest first.
    fileprivate var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
