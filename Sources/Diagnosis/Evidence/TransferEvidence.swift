import NetValues
import Observations
import Planning

/// A transfer that took place, with what the plan declares of it.
struct TransferEvidence: Sendable {
    let check: CheckEvidence
    let fact: ThroughputFact
    /// What the plan declares, and was not reached.
    let unmet: Comparison?

    static func all(in evidence: Evidence) -> [TransferEvidence] {
        evidence.measured.filter { !$0.transfers.isEmpty }.flatMap { check in
            check.finals.compactMap { TransferEvidence(check, $0) }
        }
    }

    init?(_ check: CheckEvidence, _ sample: Sample) {
        let facts = sample.facts.compactMap { if case .throughput(let fact) = $0 { fact } else { nil } }
        guard let fact = facts.first, fact.problem == nil, fact.bytes > 0 else { return nil }
        self.check = check
        self.fact = fact
        unmet = sample.comparisons.first { $0.key == "min" && !$0.isMet }
    }

    var subject: String { check.check.target.description }
    var rate: String { BitRate(bitsPerSecond: fact.rate).description }

    /// "to" or "from"
    var way: String { fact.direction == .up ? "to" : "from" }

    /// What was seen, for every finding about a transfer.
    var lines: [String] {
        var lines = [
            "\(rate) \(way) \(fact.endpoint) over \(fact.transport.rawValue.uppercased()) in \(fact.span.spoken), \(counted(fact.streams, "stream"))"
        ]
        if let unmet { lines.append("declared: at least \(unmet.expected)") }
        if let queueing = fact.queueing {
            lines.append("round trip \(queueing.idle.spoken) before, \(queueing.loaded.spoken) under load (medians)")
        }
        if let share = fact.lossShare, fact.lost > 0 {
            let noun = fact.datagrams == nil ? "segments sent again" : "datagrams lost"
            lines.append("\(fact.lost) \(noun) (\((share * 100).decimals(1)) %)")
        }
        if let own = fact.ownProcessor, let wait = fact.ownWait, wait >= 0.05 {
            lines.append(
                "this side's transfer used \((own * 100).decimals(0)) % of a processor, and waited for one \((wait * 100).decimals(0)) % of the time"
            )
        }
        lines += fact.contrasts.map(\.words)
        if let control = fact.sender?.congestionControl {
            lines.append("the sender's congestion control is \(control.escaped(limit: 20))")
        }
        return lines
    }
}

extension ThroughputFact.Contrast {
    /// "again at 2.4 Mbit/s: 0 of 310 packets lost"
    fileprivate var words: String {
        let rate = BitRate(bitsPerSecond: rate)
        return switch kind {
        case .slower: "again below that, at \(rate): \(lost) of \(packets) packets lost"
        case .moreStreams: "again with \(streams) streams: \(rate)"
        }
    }
}

extension CheckEvidence {
    var transfers: [ThroughputFact] {
        facts(.throughput) { if case .throughput(let fact) = $0 { fact } else { nil } }
    }
}
