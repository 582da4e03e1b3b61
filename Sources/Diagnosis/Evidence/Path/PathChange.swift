import NetValues
import Observations

/// From some round on, the packets of a flow take another way, and they stay on it (catalogue id path-changed). Flows that are spread
/// packet by packet change all the time, and a hop that falls silent is no other hop.
struct PathChange {
    struct Hop: Hashable {
        let limit: Int
        /// Nil where nobody answered.
        let before: IPAddress?
        let after: IPAddress?
    }

    let series: PathSeries
    let flow: Int
    /// The first round that is known to have gone the new way, from 1, and when it began.
    let round: Int
    let at: Duration
    /// From the first hop that differs to the last.
    let hops: [Hop]
    /// Medians of the target's round trips.
    let before: Duration?
    let after: Duration?

    /// Of each flow the best shown change.
    static func all(in series: PathSeries) -> [PathChange] { series.flows.compactMap { PathChange($0, series) } }

    private init?(_ flow: FlowSeries, _ series: PathSeries) {
        let turns = flow.hops.indices.compactMap { Turn(flow.hops[$0], limit: $0 + 1) }
        guard let best = turns.max(by: { $0.weight < $1.weight }), best.isShown else { return nil }
        // What changed at about the same time is the same change.
        let together = turns.filter { $0.lastBefore < best.firstAfter && best.lastBefore < $0.firstAfter }
        // The new way begins with the first round that shows it.
        guard let first = together.min(by: { $0.firstAfter < $1.firstAfter }) else { return nil }
        let limits = together.map(\.limit)
        guard let low = limits.min(), let high = limits.max() else { return nil }
        self.series = series
        self.flow = flow.number
        round = first.firstAfter
        at = first.at
        let turned = Dictionary(together.map { ($0.limit, $0) }, uniquingKeysWith: { one, _ in one })
        hops = (low...high).map { limit in
            let runs = flow.hops[limit - 1]
            return Hop(
                limit: limit,
                before: turned[limit]?.before ?? runs.last { $0.firstRound < first.firstAfter }?.sender,
                after: turned[limit]?.after ?? runs.first { $0.lastRound >= first.firstAfter }?.sender)
        }
        before = Self.median(flow.roundTrips.filter { $0.round < first.firstAfter })
        after = Self.median(flow.roundTrips.filter { $0.round >= first.firstAfter })
    }

    private static func median(_ trips: [FlowSeries.Trip]) -> Duration? {
        let sorted = trips.map(\.time).sorted()
        return sorted.isEmpty ? nil : sorted[sorted.count / 2]
    }

    /// Another sender from some round on, none of whom answered before, and none of those before after it.
    private struct Turn {
        let limit: Int
        let before: IPAddress
        let after: IPAddress
        let lastBefore: Int
        let firstAfter: Int
        let at: Duration
        /// Answers before and after.
        let counts: (Int, Int)

        init?(_ runs: [FlowSeries.Run], limit: Int) {
            var best: Turn?
            for place in runs.indices.dropFirst() {
                let (old, new) = (runs[..<place], runs[place...])
                guard Set(old.map(\.sender)).isDisjoint(with: new.map(\.sender)), let last = old.last,
                    let first = new.first, let latest = runs.last
                else { continue }
                let turn = Turn(
                    limit: limit, before: last.sender, after: latest.sender, lastBefore: last.lastRound,
                    firstAfter: first.firstRound, at: first.firstAt,
                    counts: (old.reduce(0) { $0 + $1.answers }, new.reduce(0) { $0 + $1.answers }))
                if best.map({ $0.weight < turn.weight }) ?? true { best = turn }
            }
            guard let best else { return nil }
            self = best
        }

        private init(
            limit: Int, before: IPAddress, after: IPAddress, lastBefore: Int, firstAfter: Int, at: Duration,
            counts: (Int, Int)
        ) {
            self.limit = limit
            self.before = before
            self.after = after
            self.lastBefore = lastBefore
            self.firstAfter = firstAfter
            self.at = at
            self.counts = counts
        }

        /// In how many ways the answers before and after could be mixed, of which this is one: as improbable is it that packets which
        /// are spread by chance look like this.
        var weight: Double {
            let (before, after) = counts
            var ways = 1.0
            for index in 0..<min(before, after) where ways < 1e200 {
                ways *= Double(before + after - index) / Double(index + 1)
            }
            return ways
        }

        /// Each place was a candidate: against that the odds must be a hundred to one. And three rounds on either side.
        var isShown: Bool {
            let (before, after) = counts
            return min(before, after) >= 3 && weight >= Double(before + after) * 100
        }
    }
}
