import NetValues
import Observations
import Planning

/// Packets wait long behind a transfer (catalogue section 21).
enum Bufferbloat: Rule {
    static let layer = Layer.performance
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "bufferbloat", severity: .warning, title: "A queue on the path is far too long",
        signals: [
            "the round trip under load is more than 100 ms above the idle one, and more than three times as long (medians)"
        ],
        lookalikes: [
            "bandwidth-limited: says the rate; this says how long packets wait for it",
            "latency-high-p95, latency-cross-cloud-high: the round trip is long without any load",
            "a processor that is used up: echoes are answered late by the host itself",
        ],
        traps: [
            "bbr at the sender keeps the queue short and so hides it: --congestion cubic or reno shows what others make",
            "echoes may be let past the queue: the sender's own TCP tells as well",
        ],
        remedy: [
            "let the queue manage itself where it stands (fq_codel or cake in place of a plain fifo), at the narrowest link's sender",
            "or shape a little below the narrowest link's rate, so that the queue stands where it is managed",
            "on Linux: tc -s qdisc shows where packets wait (backlog); for pods the node's qdisc and the CNI's bandwidth plugin",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let bloated = TransferEvidence.all(in: evidence).filter { transfer in
            guard transfer.fact.isBloated else { return false }
            return transfer.fact.bound != .ownProcessor && transfer.fact.bound != .peerProcessor
        }
        return grouped(bloated, by: { "\($0.subject) \($0.fact.direction.rawValue)" }).compactMap { _, members in
            guard let first = members.first, let queueing = first.fact.queueing else { return nil }
            let count = first.fact.loaded?.count ?? 0
            return finding(
                first.subject, checks: members.map(\.check.name).unique(),
                confidence: count >= 10 ? .certain : .likely,
                summary:
                    "Under load packets \(first.way) \(first.subject) wait: the round trip goes from \(queueing.idle.spoken) to \(queueing.loaded.spoken).",
                evidence: members.prefix(3).flatMap(\.lines),
                cause:
                    "The queue before the narrowest link holds more than it should: whatever crosses it together with a large transfer waits behind that."
            )
        }
    }
}
