import NetValues
import Observations
import Planning

extension TimeShares.Part {
    /// "mostly in …"
    var words: String {
        switch self {
        case .resolve: "name resolution"
        case .connecting: "connecting, before an address accepted"
        case .repeatedSYN: "waiting until a lost SYN was sent again"
        case .distance: "round trips (distance)"
        case .queues: "queues on the way"
        case .handshake: "the TLS handshake beyond its round trips"
        case .lostRequest: "sending lost parts of the request again"
        case .server: "the server"
        case .transfer: "the transfer"
        case .silence: "waiting in vain"
        }
    }
}

extension SlowCheck {
    /// ", mostly in the server (812 ms), then in round trips (303 ms)"
    var mainWords: String {
        let main = shares.main
        guard let first = main.first else {
            return worst.limit.stage.map { ", in \($0.words)" } ?? ""
        }
        let then = main.dropFirst().map { ", then in \($0.part.words) (\($0.time.spoken))" }.joined()
        return ", mostly in \(first.part.words)\(then.isEmpty ? "" : " (\(first.time.spoken))")\(then)"
    }

    func lines(in evidence: Evidence) -> [String] {
        var lines = excesses.prefix(3).map(\.words)
        if worst.limit.stage == nil {
            lines.append("min \(summary.min.spoken), median \(summary.p50.spoken), max \(summary.max.spoken)")
        }
        if let split { lines.append(split) }
        if let breakdown { lines.append(breakdown) }
        lines += comparison(in: evidence)
        let repeated = check.connects.count(where: \.isLate)
        if repeated > 0 {
            lines.append(
                "\(repeated) of \(counted(check.connects.count, "connect")) only came through when the SYN was sent again: the first was lost or the server's queue was full"
            )
        }
        return lines + cautions
    }

    /// The worst of several checks in full, the others counted.
    static func lines(of checks: [SlowCheck], in evidence: Evidence) -> [String] {
        guard let worst = checks.max(by: { $0.seen < $1.seen }) else { return [] }
        return worst.lines(in: evidence)
            + (checks.count > 1 ? ["\(counted(checks.count - 1, "more check")) likewise"] : [])
    }

    /// The stages in their order: at a glance which one grows.
    private var split: String? {
        guard !stages.isEmpty else { return nil }
        let isSeries = check.finals.count > 1
        let parts = stages.map { stage in
            "\(stage.stage.words) \(stage.p50.spoken)" + (isSeries ? " → \(stage.p95.spoken)" : "")
        }
        return "\(isSeries ? "stages, median → p95" : "stages"): \(parts.joined(separator: " · "))"
    }

    private var breakdown: String? {
        let sum = shares.shares.reduce(Duration.zero) { $0 + $1.time }
        let parts = shares.shares.filter { $0.time * 50 >= sum }.map { share in
            "\(share.part.words) \(share.time.spoken)"
        }
        guard parts.count > 1 else { return nil }
        let trips = shares.roundTrips.decimals(shares.roundTrips == shares.roundTrips.rounded() ? 0 : 1)
        return
            "of what is above the limit, on average: \(parts.joined(separator: ", ")); \(trips) round trip\(trips == "1" ? "" : "s") each"
    }

    /// What bears on how far to trust it.
    private var cautions: [String] {
        var lines: [String] = []
        if worst.count < worst.limit.quantile.fewestSamples, worst.limit.quantile != .p50 {
            lines.append(
                "with fewer than \(worst.limit.quantile.fewestSamples) samples the \(worst.limit.quantile.rawValue) is the slowest one: this says nothing about a sustained state"
            )
        }
        if missed.count > 0 {
            lines.append(
                "\(counted(missed.count, "sample")) that fell due while one before still waited \(missed.count == 1 ? "was" : "were") not taken"
            )
        }
        let aside = check.soundness.latenciesSetAside
        if aside > 0 {
            lines.append("the time of \(counted(aside, "sample")) is not counted: this process stood still meanwhile")
        }
        return lines
    }
}

extension SlowCheck.Excess {
    fileprivate var words: String {
        let what = limit.stage.map { " of \($0.words)" } ?? ""
        let whose = isDeclared ? "the plan's" : "the usual"
        var line =
            "\(limit.quantile.rawValue)\(what) \(isTimeout ? "at least " : "")\(seen.spoken) against \(whose) limit of \(limit.limit.spoken), over \(counted(count, "sample"))"
        if timeouts > 0 { line += " (\(timeouts) timed out, counted as that long at least)" }
        if isCounted { line += " and those that were not taken, counted from when they fell due" }
        if let low = interval.low, count >= 3, low != seen {
            line += "; with 95 % confidence \(low.spoken)\(interval.high.map { " to \($0.spoken)" } ?? " or more")"
        }
        return line + duration
    }

    private var duration: String {
        guard let sustained else { return "" }
        let window = sustained.window.spoken.withoutNoSeconds
        if sustained.isSustained { return "; above it for \(sustained.longest.spoken.withoutNoSeconds) at a stretch" }
        if sustained.isSeriesLongEnough {
            return "; above it for \(sustained.longest.spoken.withoutNoSeconds) at a stretch, not for \(window)"
        }
        return
            "; in this sample: whether it lasts for \(window) shows only in a series that long (leadsman run PLAN --duration)"
    }
}

extension String {
    /// "5 min", not "5 min 0 s".
    var withoutNoSeconds: String { hasSuffix(" min 0 s") ? String(dropLast(4)) : self }
}
