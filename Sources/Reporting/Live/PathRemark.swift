import NetValues
import Observations

/// What stands out in the rounds so far where the rules found nothing wrong: above all, which silence is no loss. It says what was
/// seen and blames nobody.
enum PathRemark {
    /// With fewer rounds one lost packet is a large share.
    private static let leastRounds = 5
    private static let mostNamed = 3

    static func text(of tally: PathTally) -> String? {
        let summary = tally.summary
        guard summary.rounds >= leastRounds else { return nil }
        guard let end = summary.end, summary.hops.indices.contains(end - 1) else { return unreached(tally) }
        let target = TripFigures(summary.hops[end - 1])
        if target.lost > 1 { return loss(summary, end: end, target) }
        guard target.lost == 0 else { return nil }
        return sparingHops(summary, end: end)
    }

    private static func unreached(_ tally: PathTally) -> String {
        guard let last = tally.shownHops.last, let responder = last.responders.last else {
            return "no hop has answered yet"
        }
        guard last.limit < tally.summary.hops.count else {
            return "the packets went no further than hop \(last.limit), \(responder.address): the limit of hops"
        }
        return "nothing answers behind hop \(last.limit), \(responder.address)"
    }

    /// Where packets are missing at every hop that answers at all, from one on to the target.
    private static func loss(_ summary: PathSummary, end: Int, _ target: TripFigures) -> String {
        let share = target.loss.percentCell
        let least = target.loss / 2
        var first = end
        for hop in summary.hops.prefix(end - 1).reversed() where hop.answered > 0 {
            guard TripFigures(hop).loss >= least else { break }
            first = hop.limit
        }
        guard first < end else {
            // Closed ports are told of by errors, of which a host sends but so many (Linux: one a second to each address).
            return summary.carrier == .udp
                ? "only the target leaves packets unanswered (\(share)), and each hop before it answers: errors about UDP are rationed; compare --method icmp or tcp"
                : "only at the target packets are missing (\(share))"
        }
        return "packets are missing from hop \(first) on to the target, where it is \(share)"
    }

    private static func sparingHops(_ summary: PathSummary, end: Int) -> String? {
        let hops = summary.hops.prefix(end - 1)
        let sparing = hops.filter { $0.answered > 0 && summary.isSparing($0) }
        let silent = hops.filter { $0.sent > 0 && $0.answered == 0 }
        if !sparing.isEmpty {
            return "\(named(sparing)) sparingly: not loss, since the target answers everything"
        }
        return silent.isEmpty ? nil : "\(named(silent)) nothing: not loss, since the target answers everything"
    }

    private static func named(_ hops: [HopSummary]) -> String {
        let limits = listed(hops.map { String($0.limit) }, limit: mostNamed)
        return hops.count == 1 ? "hop \(limits) answers" : "hops \(limits) answer"
    }
}
