import NetValues
import Observations
import Planning
import Wire

/// What the trials of A and AAAA pairs show (catalogue section 17, number 5): a loss that is of one port alone, of datagrams, or of
/// the server.
struct PairContrast {
    enum Reading: Hashable {
        /// Pairs from one port lose, and no other manner does as much.
        case race
        /// Datagrams are lost in whatever manner, TCP loses nothing.
        case datagrams
        /// Questions stay unanswered over TCP as well.
        case server
    }

    let check: CheckEvidence
    let fact: DNSPairFact
    let reading: Reading

    /// The level of the exact test, and the losses below which nothing is claimed.
    private static let level = 0.01
    private static let fewest = 4

    static func all(in evidence: Evidence) -> [PairContrast] {
        evidence.checks.flatMap { check in
            check.pairTrials.compactMap { fact in
                reading(of: fact).map { PairContrast(check: check, fact: fact, reading: $0) }
            }
        }
    }

    /// Nil where nothing was lost, all was, or the counts are too small to say.
    private static func reading(of fact: DNSPairFact) -> Reading? {
        guard let one = fact.tally(.samePort), let two = fact.tally(.twoPorts), let turn = fact.tally(.sequential),
            let tcp = fact.tally(.tcp), one.trials >= 20
        else { return nil }
        let others = [two, turn, tcp]
        guard !([one] + others).allSatisfy({ $0.lost == $0.trials }) else { return nil }
        // The race takes one of the two: where both are gone, something else is at work.
        let isWorse = others.allSatisfy { one.isWorse(than: $0, level: level) } && one.bothLost * 4 <= one.oneLost
        if one.lost >= fewest, isWorse { return .race }
        let datagrams = [one, two, turn]
        let lost = datagrams.map { $0.oneLost + 2 * $0.bothLost }.reduce(0, +)
        let sent = datagrams.map { 2 * $0.trials }.reduce(0, +)
        guard lost >= fewest, PacketLoss.lowerBound(lost: lost, of: sent) > 0.01 || tcp.lost >= fewest else {
            return nil
        }
        let pooled = DNSPairFact.Tally(
            manner: .twoPorts, trials: datagrams.map(\.trials).reduce(0, +),
            oneLost: datagrams.map(\.lost).reduce(0, +), bothLost: 0,
            median: nil)
        if pooled.isWorse(than: tcp, level: level) { return .datagrams }
        return tcp.lost >= fewest ? .server : nil
    }

    /// Over UDP, whatever the manner.
    var datagrams: (lost: Int, sent: Int) {
        let tallies = fact.tallies.filter { $0.manner != .tcp }
        return (tallies.map { $0.oneLost + 2 * $0.bothLost }.reduce(0, +), tallies.map { 2 * $0.trials }.reduce(0, +))
    }

    var lines: [String] {
        fact.tallies.map { tally in
            let median = tally.median.map { ", median \($0.spoken)" } ?? ""
            return "\(tally.manner.words): \(tally.lost) of \(counted(tally.trials, "pair")) incomplete"
                + (tally.lost > 0 ? " (one lost \(tally.oneLost) times, both \(tally.bothLost) times)" : "") + median
        }
    }

    /// That another manner would lose so little by chance.
    var worstProbability: Double {
        guard let one = fact.tally(.samePort) else { return 1 }
        return fact.tallies.filter { $0.manner != .samePort }.map { one.probability(against: $0) }.max() ?? 1
    }
}

extension DNSPairFact {
    func tally(_ manner: Manner) -> Tally? { tallies.first { $0.manner == manner } }
}

extension DNSPairFact.Tally {
    var lost: Int { oneLost + bothLost }

    func probability(against other: DNSPairFact.Tally) -> Double {
        ExactTest.probability(lost: lost, of: trials, against: other.lost, of: other.trials)
    }

    func isWorse(than other: DNSPairFact.Tally, level: Double) -> Bool { probability(against: other) < level }
}

extension DNSPairFact.Manner {
    var words: String {
        switch self {
        case .samePort: "both at once from one port"
        case .twoPorts: "both at once from two ports"
        case .sequential: "one after the other"
        case .tcp: "over TCP"
        }
    }
}
