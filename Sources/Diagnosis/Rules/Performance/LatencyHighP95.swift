import NetValues
import Observations
import Planning

/// Slow, and not because of the server's own thinking (catalogue section 7).
enum LatencyHighP95: Rule {
    static let layer = Layer.performance
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "latency-high-p95", severity: .warning, title: "Latency is above its limit",
        signals: [
            "a quantile of the latency, or of one of its stages, is above the plan's limit; where the plan names none, its p95 above 2 s; time-outs count as that long at least",
            "with a window (for: 5m) only where the quantile over the last 5 m stayed above the limit for 5 m; of a shorter series it is said that it shows in this sample",
            "certain where the true quantile is above the limit with 97.5 % confidence, whatever the distribution (order statistics), and there are 20 samples",
        ],
        lookalikes: [
            "server-slow: the network is quick and the first byte is late",
            "dns-slow: name resolution takes the time, each time",
            "syn-retransmit-latency: connects are late by the whole seconds after which a lost SYN is sent again",
            "latency-cross-cloud-high: the quickest round trip itself is above 0.5 s",
            "vantage-throttled: this process did not run; what was measured meanwhile is set aside",
        ],
        traps: [
            "fewer than 20 samples: the p95 is the slowest one, and fewer than 100: the p99",
            "a series in which a sample hangs misses the ones that fall due meanwhile: they are told, and counted from when they fell due",
            "a starved prober imitates latency",
        ],
        remedy: [
            "follow the stage that takes the time: resolver, path (TCP connect), TLS or transfer",
            "measure again from a vantage nearer to the target",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        guard !evidence.slowChecks.isEmpty else { return [] }
        let slowNames = evidence.lookups.slowChecks
        let told = LatencyCrossCloudHigh.checks(in: evidence).union(RepeatedSYNs.checks(in: evidence))
        let slow = evidence.slowChecks.filter { slow in
            if slow.isServer { return false }
            if slow.isResolution, slowNames.contains(slow.check.name) { return false }
            let hasOther = slow.main == .distance || slow.isRepeatedSYN
            return !(hasOther && told.contains(slow.check.name))
        }
        return grouped(slow, by: \.check.subject).map { subject, members in
            let worst = members.max { $0.seen < $1.seen } ?? members[0]
            let stage = worst.worst.limit.stage.map { " in \($0.words)" } ?? ""
            return finding(
                subject, checks: members.map(\.check.name), confidence: worst.confidence,
                summary:
                    "\(subject) is slow\(stage): \(worst.worst.limit.quantile.rawValue) \(worst.seen.spoken), limit \(worst.worst.limit.limit.spoken)\(worst.mainWords).",
                evidence: SlowCheck.lines(of: members, in: evidence), cause: worst.cause,
                remedy: [worst.nextStep].compactMap(\.self) + explanation.remedy)
        }
    }
}
