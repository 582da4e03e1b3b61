import Glibc
import LinuxIO
import NetValues

/// What the kernel's scheduler says of the calling thread.
enum SchedulerStatistics {
    /// CLOCK_THREAD_CPUTIME_ID (clock_gettime(2)).
    static func processorTimeOfThisThread() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }

    /// The second number of schedstat (Documentation/scheduler/sched-stats.rst): nanoseconds spent ready on a run queue.
    static func processorWaitOfThisThread() -> Duration? {
        guard let text = SmallFile.read("/proc/thread-self/schedstat") else { return nil }
        let fields = text.split { $0 == " " || $0 == "\n" }
        return fields.count >= 2 ? Int64(fields[1]).map { .nanoseconds($0) } : nil
    }
}
