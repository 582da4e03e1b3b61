import Observations
import Synchronization

/// The samples of one check as its probe records them.
final class SampleLog: Sendable {
    /// Each round of a trace is some kilobytes: of so many samples they are kept as they came, of those after them taken together.
    private static let mostRounds = 1000

    private struct State {
        var samples: [Sample] = []
        var paths: [PathSeries] = []
    }

    private let recorded = Mutex(State())

    init(expecting count: Int) {
        // A long series may be stopped early: it grows by itself.
        recorded.withLock { $0.samples.reserveCapacity(min(count, 64)) }
    }

    var samples: [Sample] { recorded.withLock { $0.samples } }
    var paths: [PathSeries] { recorded.withLock { $0.paths } }

    func append(_ sample: Sample) {
        recorded.withLock { state in
            state.paths.add(sample)
            let isBeyond = !state.paths.isEmpty && state.samples.count >= Self.mostRounds
            state.samples.append(isBeyond ? sample.withoutRounds : sample)
        }
    }
}
