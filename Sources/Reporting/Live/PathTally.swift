import NetValues
import Observations

/// The rounds of a trace to one address taken together, with what each hop did of late.
package struct PathTally: Sendable {
    /// As the user wrote it.
    package let name: String
    package private(set) var summary: PathSummary
    /// By limit, from 1 on.
    private(set) var strips: [TripStrip] = []

    package init(name: String, _ fact: TraceFact) {
        self.name = name
        summary = PathSummary(destination: fact.destination, carrier: fact.carrier)
        add(fact)
    }

    package mutating func add(_ fact: TraceFact) {
        summary.add(fact)
        for flow in fact.flows {
            for hop in flow.hops where (1...Self.mostHops).contains(hop.limit) {
                while strips.count < hop.limit { strips.append(TripStrip()) }
                strips[hop.limit - 1].add(hop.outcome == .silent ? nil : hop.roundTrip ?? .zero)
            }
        }
    }

    private static let mostHops = 255

    func isOf(_ fact: TraceFact) -> Bool {
        summary.destination == fact.destination && summary.carrier == fact.carrier
    }

    /// As far as there is something to show: up to the target, or to the last hop that answered.
    var shownHops: ArraySlice<HopSummary> {
        summary.hops.prefix(summary.end ?? summary.hops.lastIndex { $0.answered > 0 }.map { $0 + 1 } ?? 0)
    }

    /// Limits behind the last one that ever brought an answer, where the target was not come to.
    var silentLimits: ClosedRange<Int>? {
        let shown = shownHops.count
        guard summary.end == nil, shown < summary.hops.count else { return nil }
        return shown + 1...summary.hops.count
    }
}
