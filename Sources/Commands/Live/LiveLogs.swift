import Observations
import Planning
import Reporting
import Scheduling
import Synchronization

/// The samples of a run without end: kept as far as the report at its end needs them, and counted as they come. Probes write to
/// their logs as ever; nothing is done for a picture until one is drawn.
final class LiveLogs: Sendable {
    private struct State {
        var tally: LiveTally
        /// How many samples of each check the tally has.
        var taken: [Int]
    }

    let checks: [Check]
    private let logs: [SampleLog]
    private let state: Mutex<State>

    /// Samples that are kept of all checks together, for the judgement: a round of a trace is some kilobytes.
    private static let mostEchoes = 200_000
    private static let mostRounds = 10_000
    /// Of one check at least, and at most.
    private static let leastOfOne = 12
    private static let mostOfOne = 2000

    init(_ checks: [Check], _ subject: LivePicture.Subject) {
        self.checks = checks
        let share = (subject == .paths ? Self.mostRounds : Self.mostEchoes) / max(1, checks.count)
        let kept = min(max(share, Self.leastOfOne), Self.mostOfOne)
        logs = checks.map { SampleLog(expecting: $0.samples, keeping: kept) }
        state = Mutex(State(tally: LiveTally(names: checks.map(\.target.description)), taken: checks.map { _ in 0 }))
    }

    func log(of index: Int) -> SampleLog? { logs.indices.contains(index) ? logs[index] : nil }

    /// With all that has come by now. To be asked for every second or so, whether or not it is shown: what the logs let go is missed.
    func tally() -> LiveTally {
        state.withLock { state in
            for (index, log) in logs.enumerated() {
                let (samples, count) = log.samples(after: state.taken[index])
                state.taken[index] = count
                for sample in samples { state.tally.add(sample, of: index) }
                state.tally.note(onTheWay: log.onTheWay, of: index)
            }
            return state.tally
        }
    }

    func reset() {
        state.withLock { state in
            for (index, log) in logs.enumerated() {
                for case .trace(let fact) in log.samples.last?.facts ?? [] { fact.ledger?.forget() }
                log.forget()
                state.taken[index] = log.samples(after: .max).count
            }
            state.tally.reset()
        }
    }

    /// As if every check had ended now: a series without end is complete whenever it is looked at.
    func records() -> [CheckRecord] {
        zip(checks, logs).map { check, log in
            let samples = log.samples
            return CheckRecord(
                check: check, samples: samples, ending: .measured, startedAt: samples.first?.startedAt ?? .zero)
        }
    }

    /// Told where the report does not cover all that was measured.
    var omission: String? {
        let dropped = logs.reduce(0) { $0 + $1.dropped }
        guard dropped > 0 else { return nil }
        let kept = logs.reduce(0) { $0 + $1.samples.count }
        return "the report covers the last \(kept) of \(kept + dropped) samples"
    }
}

extension CheckRecord {
    /// The same of a series that had no end to come to.
    var asEndless: CheckRecord {
        var record = self
        if ending == .interrupted, !samples.isEmpty { record.ending = .measured }
        return record
    }
}
