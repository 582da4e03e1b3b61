import Observations
import Synchronization

/// The samples of one check as its probe records them.
package final class SampleLog: Sendable {
    private struct State {
        var samples: [Sample] = []
        /// Samples behind the first that are no longer kept, and how many of them nobody wanted any more.
        var dropped = 0
        var forgotten = 0
    }

    /// Packets that were sent and of which nothing is known yet; only probes of a series without end tell.
    private let underWay = Atomic(0)
    private let most: Int
    private let state = Mutex(State())

    /// - Parameter most: of a series without end, at least so many of the latest are kept, and at most a quarter more; and the first,
    ///   since it tells how the target's address was found. Nil keeps all.
    package init(expecting count: Int, keeping most: Int? = nil) {
        self.most = max(1, most ?? .max)
        // A long series may be stopped early: it grows by itself.
        state.withLock { $0.samples.reserveCapacity(min(count, 64)) }
    }

    package var isBounded: Bool { most < .max }
    package var samples: [Sample] { state.withLock { $0.samples } }

    /// How many were ever recorded.
    package var count: Int { state.withLock { $0.dropped + $0.samples.count } }

    /// Packets of which no sample tells yet.
    package var onTheWay: Int { max(0, underWay.load(ordering: .relaxed)) }

    /// - Parameter count: packets that left, or as a negative number those of which something is known now.
    package func noteOnTheWay(_ count: Int) { underWay.add(count, ordering: .relaxed) }

    /// Those that there was no room for.
    package var dropped: Int { state.withLock { $0.dropped - $0.forgotten } }

    package func append(_ sample: Sample) {
        state.withLock { state in
            if state.samples.count - most >= max(1, most / 4) {
                let excess = state.samples.count - most
                state.samples.removeSubrange(1...excess)
                state.dropped += excess
            }
            state.samples.append(sample)
        }
    }

    /// Those behind the first `count` that were ever recorded, as far as they are kept, and how many there were by now: for who
    /// looks again and again.
    package func samples(after count: Int) -> (samples: [Sample], count: Int) {
        state.withLock { state in
            // Where some are missing behind the first, that one was seen long ago.
            let known = max(
                state.dropped > state.forgotten ? 1 : 0, min(count - state.dropped, state.samples.count))
            return (Array(state.samples[known...]), state.dropped + state.samples.count)
        }
    }

    /// Begins anew: what was recorded so far counts no more.
    package func forget() {
        state.withLock { state in
            state.dropped += state.samples.count
            state.forgotten = state.dropped
            state.samples = []
        }
    }
}
