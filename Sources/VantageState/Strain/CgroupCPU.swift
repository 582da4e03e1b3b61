import LinuxIO
import NetValues
import Observations

/// The processor accounting of a control group with a quota (Documentation/admin-guide/cgroup-v2.rst `cpu.stat`,
/// scheduler/sched-bwc.rst for v1), as it was when first looked at.
struct CgroupCPU: Sendable {
    struct Counters: Hashable, Sendable {
        let periods: Int
        let time: Duration
    }

    private let path: String
    private let atStart: Counters
    private let processors: Double?

    private init?(directory: String) {
        path = directory + "/cpu.stat"
        guard let text = SmallFile.read(path), let counters = Counters(stat: text) else { return nil }
        atStart = counters
        processors = Self.quota(directory)
    }

    /// The group of this process and those above it as far as they are visible here: a limit of any of them holds.
    static func ofThisProcess() -> [CgroupCPU] {
        guard let groups = SmallFile.read("/proc/self/cgroup"),
            let mounts = SmallFile.read("/proc/self/mountinfo", limit: 4 << 20)
        else { return [] }
        return CgroupPath.directories(groups: groups, mounts: mounts).compactMap(CgroupCPU.init)
    }

    /// What the group that was stopped longest went through since; nil when none was.
    static func worstThrottling(of groups: [CgroupCPU]) -> VantageStrain.Throttling? {
        groups.compactMap { group -> VantageStrain.Throttling? in
            guard let text = SmallFile.read(group.path), let now = Counters(stat: text),
                now.periods > group.atStart.periods
            else { return nil }
            return VantageStrain.Throttling(
                source: group.path, periods: now.periods - group.atStart.periods, time: now.time - group.atStart.time,
                processors: group.processors)
        }.max { $0.time < $1.time }
    }

    /// Quota over period: `cpu.max` of v2 (`50000 100000`, `max 100000`), two files in v1 (-1 for none).
    static func quota(_ directory: String) -> Double? {
        if let text = SmallFile.read(directory + "/cpu.max") {
            let fields = text.split { $0 == " " || $0 == "\n" }.map { Double($0) }
            guard fields.count == 2, let quota = fields[0], let period = fields[1], period > 0 else { return nil }
            return quota / period
        }
        func number(_ file: String) -> Double? {
            SmallFile.read("\(directory)/\(file)").flatMap { Double($0.prefix { $0 != "\n" }) }
        }
        guard let quota = number("cpu.cfs_quota_us"), let period = number("cpu.cfs_period_us"), quota > 0, period > 0
        else { return nil }
        return quota / period
    }
}

extension CgroupCPU.Counters {
    /// Nil without a count of throttled periods, as in a group that has no processor controller.
    init?(stat text: String) {
        var values: [Substring: Int64] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, let value = Int64(words[1]) { values[words[0]] = value }
        }
        guard let throttled = values["nr_throttled"] else { return nil }
        periods = Int(throttled)
        // v2 counts microseconds, v1 nanoseconds.
        time = values["throttled_usec"].map { .microseconds($0) } ?? .nanoseconds(values["throttled_time"] ?? 0)
    }
}
