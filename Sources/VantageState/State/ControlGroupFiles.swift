import LinuxIO
import NetValues
import Observations

/// The control group of this process in its files, of version 2 or 1 (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst).
struct ControlGroupFiles {
    /// From the own group upwards, by controller.
    private let processor: [String]
    private let memory: [String]
    private let tasks: [String]

    /// - Parameter proc: where procfs is mounted.
    init?(proc: String) {
        guard let groups = SmallFile.read("\(proc)/self/cgroup"),
            let mounts = SmallFile.read("\(proc)/self/mountinfo", limit: 4 << 20)
        else { return nil }
        processor = CgroupPath.directories(groups: groups, mounts: mounts, controller: "cpu")
        memory = CgroupPath.directories(groups: groups, mounts: mounts, controller: "memory")
        tasks = CgroupPath.directories(groups: groups, mounts: mounts, controller: "pids")
        if processor.isEmpty, memory.isEmpty, tasks.isEmpty { return nil }
    }

    var state: ControlGroupState? {
        guard let own = processor.first ?? memory.first else { return nil }
        let isUnified = SmallFile.read("\(own)/cgroup.controllers") != nil
        var state = ControlGroupState(version: isUnified ? 2 : 1, path: own)
        state.processors = processor.compactMap { CgroupCPU.quota($0) }.min()
        let throttled = processor.compactMap {
            SmallFile.read("\($0)/cpu.stat").flatMap(CgroupCPU.Counters.init(stat:))
        }
        if let worst = throttled.max(by: { $0.time < $1.time }) {
            (state.throttledPeriods, state.throttledTime) = (worst.periods, worst.time)
        }
        takeMemory(&state)
        state.pressure = PressureState.Resource.allCases.compactMap { resource in
            SmallFile.read("\(own)/\(resource.rawValue).pressure").flatMap { PressureFile.state($0, of: resource) }
        }
        return state
    }

    /// Of the groups with a limit the one that is nearest to it.
    private func takeMemory(_ state: inout ControlGroupState) {
        var least: Int?
        var place = memory.first
        for directory in memory {
            let used = number(directory, "memory.current", "memory.usage_in_bytes")
            // Version 1 writes no limit as the largest multiple of a page.
            let most = number(directory, "memory.max", "memory.limit_in_bytes").flatMap { $0 < 1 << 60 ? $0 : nil }
            if state.memory == nil { state.memory = used }
            guard let used, let most, most - used < least ?? .max else { continue }
            least = most - used
            (state.memory, state.mostMemory, place) = (used, most, directory)
        }
        if let used = state.memory, let place, let text = SmallFile.read("\(place)/memory.stat") {
            var values: [String: UInt64] = [:]
            CounterFiles.group(text, named: "stat", into: &values)
            // With a hierarchy, version 1 tells both the group's own and the sum.
            let cache = values["stat.total_inactive_file"] ?? values["stat.inactive_file"]
            state.workingMemory = cache.map { max(0, used - Int(clamping: $0)) }
        }
        let events = memory.map { Self.events($0) }
        state.memoryKills = events.compactMap { $0["cgroup.memory.oom_kill"] }.max().map { Int(clamping: $0) }
        state.memoryFailures = events.compactMap { $0["cgroup.memory.oom"] }.max().map { Int(clamping: $0) }
    }

    /// Of version 1 `memory.oom_control` has the kills.
    private static func events(_ directory: String) -> [String: UInt64] {
        var values: [String: UInt64] = [:]
        for file in ["memory.events", "memory.oom_control"] {
            if let text = SmallFile.read("\(directory)/\(file)") {
                CounterFiles.group(text, named: "cgroup.memory", into: &values)
            }
        }
        return values
    }

    /// Of the own group alone: what befell others above it is theirs.
    func addCounters(to values: inout [String: UInt64]) {
        if let own = memory.first {
            // Of `oom_control` the other two are states.
            for name in ["max", "high", "oom", "oom_kill"] {
                values["cgroup.memory.\(name)"] = Self.events(own)["cgroup.memory.\(name)"]
            }
        }
        if let own = processor.first {
            if let text = SmallFile.read("\(own)/cpu.stat") {
                CounterFiles.group(text, named: "cgroup.cpu", into: &values)
            }
            for resource in PressureState.Resource.allCases {
                if let text = SmallFile.read("\(own)/\(resource.rawValue).pressure") {
                    PressureFile.totals(text, of: resource, prefix: "cgroup.pressure", into: &values)
                }
            }
        }
    }

    /// `pids.max` and `pids.current` of the group that is nearest to its limit.
    var taskLimit: (most: Int?, running: Int?) {
        let limited = tasks.compactMap { directory -> (most: Int, running: Int)? in
            guard let most = number(directory, "pids.max"), let running = number(directory, "pids.current") else {
                return nil
            }
            return (most, running)
        }
        if let nearest = limited.min(by: { $0.most - $0.running < $1.most - $1.running }) {
            return (nearest.most, nearest.running)
        }
        return (nil, tasks.first.flatMap { number($0, "pids.current") })
    }

    /// Nil for `max`.
    private func number(_ directory: String, _ files: String...) -> Int? {
        for file in files {
            if let text = SmallFile.read("\(directory)/\(file)") { return Int(text.prefix { $0 != "\n" }) }
        }
        return nil
    }
}
