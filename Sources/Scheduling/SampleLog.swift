import Observations
import Synchronization

/// The samples of one check as its probe records them.
final class SampleLog: Sendable {
    private let recorded = Mutex<[Sample]>([])

    var samples: [Sample] { recorded.withLock { $0 } }

    func append(_ sample: Sample) {
        recorded.withLock { $0.append(sample) }
    }
}
