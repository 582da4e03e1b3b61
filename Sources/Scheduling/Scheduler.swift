import NetValues
import Observations
import Planning
import ProbeKit

/// Runs checks concurrently: within the limits, in the order of their needs, paced, and until each has ended in one of the
/// ways that a `CheckRecord` can end. It knows no probe and judges nothing.
package struct Scheduler: Sendable {
    private let catalogue: ProbeCatalogue
    private let capabilities: Capabilities
    private let time: any TimeSource
    private let limits: Limits
    /// Where the checks run: on the actor whose executor the capabilities share, no call of theirs changes executors.
    private let home: (any Actor)?
    /// What is added to a record after its probe is done: packets that were captured meanwhile. Takes no place of a check that
    /// could run.
    private let complete: (@Sendable (CheckRecord) async -> CheckRecord)?
    /// Where the samples of the check at that place of the plan go, for who wants to look at them meanwhile.
    private let log: (@Sendable (Int) -> SampleLog?)?

    package init(
        catalogue: ProbeCatalogue, capabilities: Capabilities, time: any TimeSource, limits: Limits,
        home: (any Actor)? = nil, log: (@Sendable (Int) -> SampleLog?)? = nil,
        complete: (@Sendable (CheckRecord) async -> CheckRecord)? = nil
    ) {
        self.complete = complete
        self.log = log
        self.catalogue = catalogue
        self.capabilities = capabilities
        self.time = time
        self.limits = limits
        self.home = home
    }

    /// Returns when every check has ended. When the surrounding task is cancelled, checks at work end as `interrupted` with
    /// the samples they have, the others without any.
    ///
    /// - Parameter finished: takes each record as it comes, one at a time, and answers whether checks that need this one
    ///   may start.
    package func run(_ checks: [Check], finished: @Sendable (CheckRecord) -> Bool) async {
        let runStart = time.now()
        var queue = CheckQueue(checks, limits: limits)
        let gates = Dictionary(
            uniqueKeysWithValues: checks.indices.filter { !checks[$0].during.isEmpty }.map { ($0, CompanyGates()) })
        var pace = Pace(startsPerSecond: limits.startsPerSecond, now: runStart)
        await withTaskGroup(of: Event.self) { group in
            var isPausing = false
            repeat {
                for index in queue.takeAlone() { gates[index]?.over.open() }
                while !isPausing, !Task.isCancelled, let index = queue.next() {
                    if let pause = pace.delay(at: time.now()) {
                        isPausing = true
                        group.addTask { await wait(until: pause, toStart: index) }
                    } else {
                        start(checks[index], index, gates[index], since: runStart, in: &group)
                    }
                }
                switch await group.next() {
                case .ended(let index, let record):
                    queue.release(index)
                    if let complete {
                        group.addTask { .completed(index, await complete(record)) }
                    } else {
                        settle(index, record, in: &queue, finished, since: runStart)
                    }
                case .completed(let index, let record):
                    settle(index, record, in: &queue, finished, since: runStart)
                case .mayStart(let index):
                    isPausing = false
                    if !Task.isCancelled { start(checks[index], index, gates[index], since: runStart, in: &group) }
                case .begun(let index): queue.begin(index)
                case nil: return
                }
            } while true
        }
        for index in queue.unfinished {
            _ = finished(
                CheckRecord(check: checks[index], samples: [], ending: .interrupted, startedAt: time.now() - runStart))
        }
    }

    private enum Event {
        case ended(Int, CheckRecord)
        case completed(Int, CheckRecord)
        /// A check that runs beside others has begun to; these may start.
        case begun(Int)
        /// A pause of the pacing is over; checks that end meanwhile are heard of at once.
        case mayStart(Int)
    }

    private func wait(until instant: Instant, toStart index: Int) async -> Event {
        try? await time.sleep(until: instant)
        return .mayStart(index)
    }

    private func start(
        _ check: Check, _ index: Int, _ gates: CompanyGates?, since runStart: Instant,
        in group: inout TaskGroup<Event>
    ) {
        if let gates {
            group.addTask {
                await gates.begun.wait()
                return .begun(index)
            }
        }
        group.addTask { await start(check, index, gates, since: runStart, on: home) }
    }

    private func start(
        _ check: Check, _ index: Int, _ gates: CompanyGates?, since runStart: Instant, on home: isolated (any Actor)?
    ) async -> Event {
        let record = await run(check, log?(index) ?? SampleLog(expecting: check.samples), gates, since: runStart)
        gates?.begun.open()
        return .ended(index, record)
    }

    private func settle(
        _ index: Int, _ record: CheckRecord, in queue: inout CheckQueue, _ finished: (CheckRecord) -> Bool,
        since runStart: Instant
    ) {
        // What was interrupted is no reason to call what needs it skipped: it was interrupted as well.
        let mayFollow = finished(record) || Task.isCancelled && record.ending == .interrupted
        for (skipped, need) in queue.finish(index, mayFollow: mayFollow) {
            let check = queue.checks[skipped]
            _ = finished(
                CheckRecord(
                    check: check, samples: [], ending: .skipped(because: need), startedAt: time.now() - runStart))
        }
    }

    private func run(
        _ check: Check, _ log: SampleLog, _ gates: CompanyGates?, since runStart: Instant
    ) async -> CheckRecord {
        let startedAt = time.now() - runStart
        let context = ProbeContext(
            check: check, capabilities: capabilities, time: time, runStart: runStart,
            company: gates.map { gates in
                Company(hasBegun: { gates.begun.open() }, untilOver: { await gates.over.wait() })
            } ?? Company(),
            isLogBounded: log.isBounded, noteOnTheWay: { log.noteOnTheWay($0) }, record: { log.append($0) })
        let ending = await end(of: check, in: context)
        return CheckRecord(check: check, samples: log.samples, ending: ending, startedAt: startedAt)
    }

    private func end(of check: Check, in context: ProbeContext) async -> CheckRecord.Ending {
        let probe: any Probe
        do throws(PlanProblem) {
            probe = try catalogue.probe(for: check)
        } catch {
            return .unmeasured(
                Inability(
                    .internalFault, action: "start the \(check.kind) probe", reason: error.message,
                    fix: "correct the plan"))
        }
        do throws(ProbeInterruption) {
            try await probe.run(in: context)
            return .measured
        } catch {
            switch error {
            case .cancelled: return .interrupted
            case .unable(let inability): return .unmeasured(inability)
            }
        }
    }
}
