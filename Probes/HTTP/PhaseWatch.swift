import NetValues
import Observations

/// Divides the time of a sample among its phases without a gap, so that their sum is the total.
struct PhaseWatch: Sendable {
    private(set) var phases = Phases()
    private let start: Instant
    private var mark: Instant

    init(start: Instant) {
        self.start = start
        mark = start
    }

    /// The time since the last mark belongs to this phase; phases of several hops add up.
    mutating func lap(_ phase: WritableKeyPath<Phases, Duration?>, at now: Instant) {
        phases[keyPath: phase] = (phases[keyPath: phase] ?? .zero) + (now - mark)
        mark = now
    }

    /// Up to the last mark.
    var total: Duration { mark - start }
}
