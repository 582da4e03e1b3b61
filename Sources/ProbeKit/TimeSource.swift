import NetValues
import Observations

/// The monotonic clock and the wish to be woken. Tests put a manual clock here, so none of them waits.
package protocol TimeSource: Sendable {
    func now() -> Instant
    /// Returns at or after the instant.
    func sleep(until instant: Instant) async throws(ProbeInterruption)
    /// The wall clock, for certificates' validity and for the run's first line; never for intervals.
    func wallTime() -> WallTime
}
