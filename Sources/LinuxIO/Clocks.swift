import Glibc
import NetValues

extension Instant {
    /// CLOCK_MONOTONIC.
    package static var now: Instant { Instant(nanoseconds: read(CLOCK_MONOTONIC)) }
}

extension WallTime {
    /// CLOCK_REALTIME.
    package static var now: WallTime { WallTime(nanoseconds: read(CLOCK_REALTIME)) }
}

private func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
