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
            "a quantile of the latency is above the plan's limit, or its p95 above 2 s where the plan names none; time-outs count"
        ],
        lookalikes: [
            "server-slow: the network is quick and the first byte is late",
            "dns-slow: name resolution takes the time, each time",
            "packet-loss, syn-retransmit-latency: single samples late by whole seconds",
        ],
        traps: ["fewer than 20 samples: the p95 is the slowest one", "a starved prober imitates latency"],
        remedy: [
            "follow the stage that takes the time: resolver, path (TCP connect), TLS or transfer",
            "measure again from a vantage nearer to the target",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let slowNames = evidence.lookups.slowChecks
        let slow = evidence.slowChecks.filter { check in
            !check.isServer && !(check.isResolution && slowNames.contains(check.check.name))
        }
        return grouped(slow, by: \.check.subject).map { subject, members in
            let worst = members.max { $0.seen < $1.seen } ?? members[0]
            let stage = worst.stages.first.map { ", mostly in \($0.name)" } ?? ""
            return finding(
                subject, checks: members.map(\.check.name), confidence: worst.confidence,
                summary:
                    "\(subject) is slow: \(worst.quantile.rawValue) \(worst.seen.spoken), limit \(worst.limit.spoken)\(stage).",
                evidence: SlowCheck.lines(of: members),
                cause: worst.stages.count > 1
                    ? "The stage named first takes most of the time; the others are not to blame."
                    : "The round trip itself takes this long: distance, queues or a detour on the path.")
        }
    }
}
