import NetValues

/// How short this process was of what it needs to measure, over one run. All of it is about the vantage: nothing here says
/// anything about the network (catalogue id vantage-throttled).
package struct VantageStrain: Hashable, Sendable {
    /// A time during which the measuring thread should have run and did not, since the start of the run.
    package struct Stall: Hashable, Sendable {
        package let start: Duration
        package let end: Duration

        package init(from start: Duration, to end: Duration) {
            self.start = start
            self.end = end
        }

        package var span: Duration { end - start }
    }

    /// What the kernel's bandwidth control did to the cgroup that the process is in (cgroup v2 `cpu.stat`, v1 the same file).
    package struct Throttling: Hashable, Sendable {
        /// Where it was read: `/sys/fs/cgroup/cpu.stat`
        package var source: String
        /// Periods in which the group used its quota up, during the run.
        package var periods: Int
        /// Sum of the times for which the group's tasks were stopped.
        package var time: Duration
        /// Processors that the quota is worth; nil when no quota can be read.
        package var processors: Double?

        package init(source: String, periods: Int, time: Duration, processors: Double?) {
            self.source = source
            self.periods = periods
            self.time = time
            self.processors = processors
        }
    }

    /// Fewer checks at once than the plan allows, because each needs descriptors.
    package struct DescriptorShortage: Hashable, Sendable {
        /// RLIMIT_NOFILE.
        package var limit: Int
        package var inFlight: Int
        package var wanted: Int

        package init(limit: Int, inFlight: Int, wanted: Int) {
            self.limit = limit
            self.inFlight = inFlight
            self.wanted = wanted
        }
    }

    /// Of the run.
    package var duration = Duration.zero
    /// In order of time, the first `mostStalls` of them.
    package var stalls: [Stall] = []
    /// When the first of those began that are not among `stalls` for lack of room: of what was measured after it nothing is known.
    package var firstUnlisted: Duration?
    /// Of all stalls.
    package var stalledTime = Duration.zero
    package var longestStall = Duration.zero
    /// Of the stalled time, that in which the measuring thread was itself at work: too much asked of it at once.
    package var busyTime = Duration.zero
    /// How long the measuring thread was ready and waited for a processor (/proc/PID/schedstat); nil when the kernel does not say.
    package var processorWait: Duration?
    package var throttling: Throttling?
    package var descriptors: DescriptorShortage?

    package static let mostStalls = 32_768

    package init() {}

    /// How much of the span from `start` to `end` was stalled, in all and at a stretch.
    package func overlap(from start: Duration, to end: Duration) -> (total: Duration, longest: Duration) {
        var total = Duration.zero
        var longest = Duration.zero
        for stall in stalls[firstStall(endingAfter: start)...] {
            guard stall.start < end else { break }
            let part = min(stall.end, end) - max(stall.start, start)
            total += part
            longest = max(longest, part)
        }
        if let firstUnlisted, end > firstUnlisted {
            let part = end - max(start, firstUnlisted)
            total += part
            longest = max(longest, part)
        }
        return (total, longest)
    }

    /// By bisection: stalls neither overlap nor change their order.
    private func firstStall(endingAfter instant: Duration) -> Int {
        var low = 0
        var high = stalls.count
        while low < high {
            let middle = (low + high) / 2
            if stalls[middle].end > instant { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
