import Observations
import Synchronization

/// The samples of one check as its probe records them.
final class SampleLog: Sendable {
    private let recorded: Mutex<[Sample]>

    init(expecting count: Int) {
        var samples: [Sample] = []
        // A long series may be stopped early: it grows by itself.
        samples.reserveCapacity(min(count, 64))
        recorded = Mutex(samples)
    }

    var samples: [Sample] { recorded.withLock { $0 } }

    func append(_ sample: Sample) {
        recorded.withLock { $0.append(sample) }
    }
}
