import NetValues
import Observations
import Planning
import Synchronization

/// A way of finding something out about a target. A probe sends and records; it never judges, and it makes no system call:
/// all it can do to the world stands in `context.capabilities`.
///
/// What a network does, however bad, is recorded as facts. Only our own inability is thrown.
package protocol Probe: Sendable {
    static var description: ProbeDescription { get }

    /// Takes a check whose keys already have the types that `description` names.
    /// - Throws: what is wrong with their values taken together (a certificate without a key).
    init(check: Check) throws(PlanProblem)

    /// Takes the check's samples, recording each as it is complete.
    func run(in context: ProbeContext) async throws(ProbeInterruption)
}

/// Why a probe stopped before it was done.
package enum ProbeInterruption: Error, Hashable, Sendable {
    /// The run is being stopped; what was recorded stands.
    case cancelled
    case unable(Inability)
}

/// All that a running probe may use. A class, since each call on the way to the socket holds it for as long as a check waits.
package final class ProbeContext: Sendable {
    package let check: Check
    package let capabilities: Capabilities
    package let time: any TimeSource
    /// When the run began: samples count from here.
    package let runStart: Instant
    package let record: @Sendable (Sample) -> Void
    /// Of a check that runs beside others.
    package let company: Company
    /// Whoever takes the samples keeps but the latest: a probe that goes on for long need not thin them out.
    package let isLogBounded: Bool
    /// A sample has come through: whatever fails besides fails now and then.
    let hasAnswered = Atomic(false)
    /// One was as expected. A connection that is accepted answers a `tcp` check, whatever becomes of what is said on it.
    let hasPassed = Atomic(false)
    /// To be told where the log is bounded, since somebody looks on: packets that left, or as a negative number those that a
    /// sample tells of now.
    package let noteOnTheWay: @Sendable (Int) -> Void

    package init(
        check: Check, capabilities: Capabilities, time: any TimeSource, runStart: Instant,
        company: Company = Company(), isLogBounded: Bool = false,
        noteOnTheWay: @escaping @Sendable (Int) -> Void = { _ in }, record: @escaping @Sendable (Sample) -> Void
    ) {
        self.isLogBounded = isLogBounded
        self.noteOnTheWay = noteOnTheWay
        self.company = company
        self.check = check
        self.capabilities = capabilities
        self.time = time
        self.runStart = runStart
        self.record = record
    }

    /// Runs `take` for each sample of the check, the starts `interval` apart (later when a sample takes longer), and again
    /// at once for each retry that the plan asks for while the sample is not good; every try is recorded. A series that has a
    /// duration ends with it: starts that fell due while a sample still waited are missing then.
    package func eachSample(
        _ take: (_ start: SampleStart) async throws(ProbeInterruption) -> Sample
    ) async throws(ProbeInterruption) {
        let first = time.now()
        var next = first
        for index in 0..<check.samples {
            if index > 0 {
                // What would begin later is not of this series any more, however many are missing.
                if let duration = check.duration, max(next, time.now()) - first > duration { return }
                try await wait(until: next)
            }
            for attempt in 0...check.retries {
                let now = time.now()
                if attempt == 0 { next = now + check.interval }
                let start = SampleStart(
                    index: index, attempt: attempt, instant: now, sinceRunStart: now - runStart,
                    deadline: now + check.timeout,
                    mayBeLast: index == check.samples - 1
                        || check.duration.map { now + check.timeout - first >= $0 } ?? false)
                var sample = try await take(start)
                sample.attempt = attempt
                sample.elapsed = time.now() - now
                if sample.outcome == .answered { hasAnswered.store(true, ordering: .relaxed) }
                record(sample)
                guard !sample.isGood else {
                    hasPassed.store(true, ordering: .relaxed)
                    break
                }
            }
        }
    }
}

extension ProbeContext {
    /// A series that is behind its interval lets others have their turn, which costs less than a timer that is due already.
    private func wait(until next: Instant) async throws(ProbeInterruption) {
        if next > time.now() { return try await time.sleep(until: next) }
        if Task.isCancelled { throw .cancelled }
        await Task.yield()
    }
}

/// The beginning of one sample.
package struct SampleStart: Sendable {
    package let index: Int
    package let attempt: Int
    package let instant: Instant
    package let sinceRunStart: Duration
    /// The sample must be over by then; what is not there yet is recorded as not there.
    package let deadline: Instant
    /// None follows it; of a series that ends by its duration, none may.
    package let mayBeLast: Bool

    package init(
        index: Int, attempt: Int, instant: Instant, sinceRunStart: Duration, deadline: Instant, mayBeLast: Bool = true
    ) {
        self.mayBeLast = mayBeLast
        self.index = index
        self.attempt = attempt
        self.instant = instant
        self.sinceRunStart = sinceRunStart
        self.deadline = deadline
    }
}
