import NetValues
import Observations

/// Packets of a trace that are lost on their way to the target, round after round, and on which part of the way: loss at a hop that does
/// not go on to the target is a router that rations what it answers, and no loss (catalogue id packet-loss).
struct PathLoss {
    struct Station {
        let limit: Int
        let address: IPAddress?
        let sent: Int
        let lost: Int
        fileprivate let recent: [Bool]
        /// An ICMP error, of which hosts and routers send only so many a second; nothing of the kind is said of echo replies, SYN-ACKs and
        /// resets.
        fileprivate let isRationed: Bool

        var share: Double { Double(lost) / Double(max(1, sent)) }
    }

    let series: PathSeries
    let target: Station
    /// The last hop that is shown to lose less than the target; nil where none is.
    let lastGood: Station?
    /// The first hop that is shown to lose, and as the target does: the target itself where no router between is.
    let firstBad: Station
    /// Nothing but the target's own ICMP errors shows it, which it may ration in a manner of its own.
    let isDoubtful: Bool

    private static let fewestPackets = 20
    private static let limit = 0.01

    init?(_ series: PathSeries) {
        let stations = Self.stations(series)
        guard let target = stations.last, target.lost >= 3, target.sent >= Self.fewestPackets,
            target.lost < target.sent,
            Self.isShown(target)
        else { return nil }
        let better = stations.dropLast().last { Self.isBetter($0, than: target) }
        let behind = stations.filter { $0.limit > better?.limit ?? 0 }
        guard let first = behind.first(where: { Self.isShown($0) && Self.losesAlike($0, target) }) else {
            return nil
        }
        let lossy = behind.filter { !Self.isWorse($0, than: target) }
        guard Self.isLoss(lossy, series) else { return nil }
        self.series = series
        self.target = target
        lastGood = better
        firstBad = first
        isDoubtful = target.isRationed && lossy.count == 1
    }

    /// More than by chance where one of a hundred may be lost.
    private static func isShown(_ station: Station) -> Bool {
        BinomialTest.probability(station.lost, of: station.sent, ifEachBy: limit) < 0.05
    }

    /// A router that lost nothing is taken to be before the loss sooner than one that lost less.
    private static func isBetter(_ station: Station, than target: Station) -> Bool {
        station.sent >= fewestPackets
            && ExactTest.probability(lost: target.lost, of: target.sent, against: station.lost, of: station.sent)
                < (station.lost == 0 ? 0.05 : 0.01)
    }

    /// A router may ration its errors beside a loss that has nothing to do with it: one that seems to lose more than the target, or at even
    /// distances, does not show where.
    private static func losesAlike(_ station: Station, _ target: Station) -> Bool {
        guard station.limit < target.limit else { return true }
        return isRegular(station.recent) != true
            && ExactTest.probability(lost: station.lost, of: station.sent, against: target.lost, of: target.sent) >= 0.1
    }

    /// It says nothing of what goes on to the target.
    private static func isWorse(_ station: Station, than target: Station) -> Bool {
        station.limit < target.limit
            && ExactTest.probability(lost: station.lost, of: station.sent, against: target.lost, of: target.sent) < 0.01
    }

    /// The routers that answer, and the target, with all packets that were to come to it.
    private static func stations(_ series: PathSeries) -> [Station] {
        let summary = series.summary
        let destination = summary.destination.address
        guard let end = summary.hops.first(where: { $0.isOfTarget(destination) }) else { return [] }
        let routers = summary.hops.prefix { $0.limit < end.limit }.filter { $0.answered > 0 }.map { hop in
            Station(
                limit: hop.limit, address: hop.responders.first?.address, sent: hop.sent, lost: hop.lost,
                recent: hop.recent, isRationed: true)
        }
        let beyond = summary.hops.filter { $0.limit >= end.limit }
        return routers + [
            Station(
                limit: end.limit, address: destination, sent: beyond.reduce(0) { $0 + $1.sent },
                lost: beyond.reduce(0) { $0 + $1.lost }, recent: end.recent,
                isRationed: end.isTargetRationed(destination))
        ]
    }

    // MARK: Loss, or errors that are rationed

    /// Linux sends one error a second to each address after a few at once (icmp(7), icmp_ratelimit), others two.
    private static let usualRation = 1.05
    private static let plenty = 5.0

    /// - Parameter lossy: stations that lose as the target does, the target among them.
    private static func isLoss(_ lossy: [Station], _ series: PathSeries) -> Bool {
        guard let target = lossy.last else { return false }
        guard target.isRationed else {
            // Some hosts and filters ration echoes as well.
            return series.summary.carrier == .tcp || lossy.count > 1 || isRegular(target.recent) != true
        }
        let seconds = Double((series.latestRoundAt - series.firstRoundAt).nanoseconds) / 1e9
        guard seconds > 0 else { return false }
        return lossy.allSatisfy { station in
            let rate = Double(station.sent) / seconds
            if rate <= usualRation { return lossy.count > 1 || isRegular(station.recent) == false }
            let late = station.recent.suffix(station.recent.count / 2)
            let answered = Double(late.count(where: \.self)) / Double(max(1, late.count))
            return rate * answered >= plenty && isRegular(station.recent) == false
        }
    }

    /// What is rationed fails at even distances; what is lost, at any. Of the rarer outcome the distances are looked at: they scatter about
    /// as much as their mean where chance decides.
    /// Nil where there are too few.
    private static func isRegular(_ outcomes: [Bool]) -> Bool? {
        let answers = outcomes.count(where: \.self)
        let rarer = answers * 2 < outcomes.count
        let places = outcomes.indices.filter { outcomes[$0] == rarer }
        let gaps = zip(places, places.dropFirst()).map { Double($1 - $0) }
        guard gaps.count >= 8 else { return nil }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        // A geometric distribution has a variance of mean × (mean − 1).
        return variance < mean * (mean - 1) * 0.25
    }

    // MARK: Words

    /// "between hop 1 (198.18.1.1) and hop 2 (198.18.2.2)", to follow "are lost".
    var place: String {
        switch (lastGood, firstBad.limit == target.limit) {
        case (let good?, false): "between \(Self.name(good)) and \(Self.name(firstBad))"
        case (let good?, true):
            "behind \(Self.name(good)), the last router that answers before it, or by the target itself"
        case (nil, _) where firstBad.limit == 1: "from the first link on, before \(Self.name(firstBad))"
        case (nil, _): "on the way"
        }
    }

    private static func name(_ station: Station) -> String {
        "hop \(station.limit)\(station.address.map { " (\($0))" } ?? "")"
    }

    var lines: [String] {
        let shown = [lastGood, firstBad.limit < target.limit ? firstBad : nil, target].compactMap(\.self)
        return shown.map { station in
            "\(station.limit == target.limit ? "the target" : Self.name(station)): \(station.lost) of \(station.sent) packets without an answer (\((station.share * 100).decimals(1)) %)"
        }
    }
}

extension HopSummary {
    fileprivate func isOfTarget(_ destination: IPAddress) -> Bool {
        responders.contains { $0.address == destination && $0.outcome.isEnd }
            || (unnamed > 0 && latest?.outcome == .reset)
    }

    /// The target answers by ICMP errors.
    fileprivate func isTargetRationed(_ destination: IPAddress) -> Bool {
        responders.contains { responder in
            if responder.address == destination, case .failed = responder.outcome { true } else { false }
        }
    }
}
