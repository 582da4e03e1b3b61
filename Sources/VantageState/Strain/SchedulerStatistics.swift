import Glibc
import NetValues

/// What the kernel's scheduler says of the calling thread.
enum SchedulerStatistics {
    /// CLOCK_THREAD_CPUTIME_ID (clock_gettime(2)).
    static func processorTimeOfThisThread() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
