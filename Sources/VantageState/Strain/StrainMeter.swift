import Glibc
import LinuxIO
import NetValues
import Observations
import ProbeKit

/// Measures how short this process is of processor time while it measures: it asks the reactor to be woken every few
/// milliseconds and notes how late that happens, on the very thread that all probes run on.
package actor StrainMeter {
    /// Coarse enough to cost nothing (200 wake-ups a second), fine enough to see a scheduler's slice.
    private static let period = Duration.milliseconds(5)
    /// epoll_wait rounds up to whole milliseconds; below this is no lateness worth a word.
    private static let leastStall = Duration.milliseconds(3)

    private nonisolated let reactor: Reactor
    private let start: Instant
    private var strain = VantageStrain()
    private var due: Instant
    private var processorTime: Duration
    private let waitAtStart: Duration?
    private let groups: [CgroupCPU]
    /// Since the start of the run.
    private var pauses: [VantageStrain.Stall] = []
    private static let mostPauses = 256

    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    /// - Parameter start: of the run: stalls are told since then.
    package init(reactor: Reactor, start: Instant) async {
        self.reactor = reactor
        self.start = start
        due = start + Self.period
        (processorTime, waitAtStart) = await reactor.processorUse()
        groups = CgroupCPU.ofThisProcess()
    }

    /// Until the task is cancelled.
    package func watch() async {
        while (try? await reactor.sleep(until: due)) != nil { note(at: .now) }
    }

    /// Somebody had stopped this process (Ctrl-Z): it was short of nothing then, though what was measured meanwhile is spoilt as by any
    /// standstill.
    package func pardon(from beginning: Instant, to end: Instant) {
        guard pauses.count < Self.mostPauses else { return }
        // The timer that was due first, and the one that came late.
        pauses.append(VantageStrain.Stall(from: beginning - Self.period - start, to: end + Self.period - start))
    }

    /// What the run so far came to.
    package func reading() async -> VantageStrain {
        let now = Instant.now
        if now > due { note(at: now) }
        var result = strain
        result.duration = now - start
        if !pauses.isEmpty { result.leaveOut(pauses) }
        if let waitAtStart, let wait = OwnThread.processorWait {
            result.processorWait = wait - waitAtStart
        }
        result.throttling = CgroupCPU.worstThrottling(of: groups)
        return result
    }

    private func note(at now: Instant) {
        let used = SchedulerStatistics.processorTimeOfThisThread()
        let lateness = now - due
        if lateness >= Self.leastStall {
            let stall = VantageStrain.Stall(from: due - start, to: now - start)
            if strain.stalls.count < VantageStrain.mostStalls {
                strain.stalls.append(stall)
            } else {
                strain.firstUnlisted = strain.firstUnlisted ?? stall.start
            }
            strain.stalledTime += lateness
            strain.longestStall = max(strain.longestStall, lateness)
            strain.busyTime += min(lateness, used - processorTime)
        }
        processorTime = used
        due = now + Self.period
    }
}

extension VantageStrain {
    /// From what the process was short of, not from when it stood still.
    fileprivate mutating func leaveOut(_ pauses: [Stall]) {
        let shortages = stalls.filter { stall in
            !pauses.contains { $0.start <= stall.start && stall.end <= $0.end }
        }
        for pause in pauses { stalledTime -= overlap(from: pause.start, to: pause.end).total }
        stalledTime = max(.zero, stalledTime)
        longestStall = shortages.map(\.span).max() ?? .zero
    }
}

extension Reactor {
    /// Of the reactor's thread, since it began: what it used, and how long it waited for a processor.
    fileprivate func processorUse() -> (time: Duration, wait: Duration?) {
        (SchedulerStatistics.processorTimeOfThisThread(), OwnThread.processorWait)
    }
}
