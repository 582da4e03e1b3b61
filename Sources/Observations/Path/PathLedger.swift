import NetValues
import Synchronization

/// What the rounds of one trace share: their sum, also of those rounds of which no fact was kept, and the names of who answered. A
/// trace that goes on for days so stays small.
package final class PathLedger: Sendable {
    private struct State {
        var series: PathSeries?
        var names: [IPAddress: String] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// - Parameter time: when the round began, since the start of the run.
    package func add(_ fact: TraceFact, at time: Duration) {
        state.withLock { state in
            if state.series == nil {
                state.series = PathSeries(fact, at: time)
            } else {
                state.series?.add(fact, at: time)
            }
        }
    }

    /// Begins to count anew; names stay.
    package func forget() {
        state.withLock { $0.series = nil }
    }

    package func add(names: [IPAddress: String]) {
        state.withLock { $0.names.merge(names) { _, new in new } }
    }

    /// Of every round; nil before the first.
    package var summary: PathSummary? { state.withLock { $0.series?.summary } }
    package var series: PathSeries? { state.withLock { $0.series } }
    /// As reverse DNS has them; empty where nobody asked.
    package var names: [IPAddress: String] { state.withLock { $0.names } }
}

/// How many ways were looked for, and how sure it is that there are no more (Veitch, Augustin, Teixeira, Friedman, "Failure control in
/// multipath route tracing", 2009).
package struct PathSpread: Hashable, Sendable {
    /// Of having seen every next hop of a router, as long as it spreads flows evenly.
    package static let confidence = 0.95

    /// Flows that were asked for at most.
    package let mostFlows: Int
    /// Limits at which the flows that were sent do not suffice for that confidence.
    package let undecided: [Int]

    package init(mostFlows: Int, undecided: [Int]) {
        self.mostFlows = mostFlows
        self.undecided = undecided
    }
}
