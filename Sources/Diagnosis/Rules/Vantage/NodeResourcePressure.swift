import NetValues
import Observations
import Planning

/// Memory or disks of the vantage are short (catalogue section 14). A note: what it does to the network, other findings say.
enum NodeResourcePressure: Rule {
    static let layer = Layer.notice
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "node-resource-pressure", severity: .info, title: "This vantage is short of memory or of disk",
        signals: [
            "a process of this control group was killed for want of memory during the run",
            "all that runs here stood still for want of memory for a tenth of the run (PSI memory), or for disk for half of it and of the minute before",
            "what the group cannot give back comes to 95 % of its memory limit",
        ],
        lookalikes: [
            "vantage-throttled: it is the processor that is short",
            "a group whose memory is full of file cache: that is given back when it is needed",
        ],
        traps: [
            "kills and totals from before the run say nothing about it",
            "power, temperature and the state of disks are not seen by network probes",
        ],
        remedy: [
            "raise the memory limit (resources.limits.memory), or find what takes it: cat memory.stat, kubectl top pod, kubectl describe node (MemoryPressure, DiskPressure)",
            "move work away from this node before judging what is slow here",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let lines = kills(evidence) + stalls(evidence) + nearLimit(evidence)
        guard !lines.isEmpty else { return [] }
        return [
            finding(
                "resources of this vantage", checks: [], confidence: .certain,
                summary: "This vantage is short of \(subject(lines)): what is slow may be slow here.",
                evidence: lines.map(\.words),
                cause:
                    "Programs wait for memory to be freed or for a disk, or are killed; network services on this node suffer with them."
            )
        ]
    }

    private struct Line {
        let isMemory: Bool
        let words: String
    }

    private static func subject(_ lines: [Line]) -> String {
        lines.allSatisfy(\.isMemory) ? "memory" : lines.contains(where: \.isMemory) ? "memory and disk" : "disk time"
    }

    private static func kills(_ evidence: Evidence) -> [Line] {
        guard let kills = evidence.vantage.growth["cgroup.memory.oom_kill"], kills > 0 else { return [] }
        return [
            Line(
                isMemory: true,
                words: "\(kills) of this control group's processes were killed for want of memory during the run")
        ]
    }

    /// Shorter runs say nothing: a single write may take that long.
    private static let leastRun = Duration.seconds(1)

    private static func stalls(_ evidence: Evidence) -> [Line] {
        let run = evidence.strain.duration
        guard run >= leastRun else { return [] }
        return PressureState.Resource.allCases.compactMap { resource in
            guard resource != .cpu else { return nil }
            let isGroups = evidence.vantage.growth["cgroup.pressure.\(resource.rawValue).full"] != nil
            let name = "\(isGroups ? "cgroup." : "")pressure.\(resource.rawValue).full"
            guard let stalled = evidence.vantage.growth[name] else { return nil }
            let share = Double(stalled) / 1000 / run.milliseconds
            let states = isGroups ? evidence.vantage.start.cgroup?.pressure ?? [] : evidence.vantage.start.pressure
            let before = states.first { $0.resource == resource }?.fullMinute ?? 0
            guard resource == .memory ? share >= 0.1 : share >= 0.5 && before >= 50 else { return nil }
            return Line(
                isMemory: resource == .memory,
                words:
                    "everything \(isGroups ? "in this control group" : "on this machine") stood still for \(resource.rawValue) during \((min(1, share) * 100).decimals(0)) % of the run (PSI)"
            )
        }
    }

    private static func nearLimit(_ evidence: Evidence) -> [Line] {
        guard let group = evidence.vantage.latest.cgroup, let used = group.workingMemory, let most = group.mostMemory,
            most > 0, Double(used) >= Double(most) * 0.95
        else { return [] }
        return [
            Line(
                isMemory: true,
                words:
                    "\((Double(used) * 100 / Double(most)).decimals(0)) % of the group's memory limit is in use and cannot be given back"
            )
        ]
    }
}
