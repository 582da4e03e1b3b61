import Diagnosis
import Observations
import Planning
import Reporting
import Synchronization

/// Takes each record as its check ends: keeps what the judgement will need of it, streams it where that was asked for, and
/// counts it.
final class RunJournal: Sendable {
    private struct State {
        var log: EvidenceLog
        var failure: WriteFailure?
        var onWriteFailure: @Sendable () -> Void = {}
    }

    let progress: Progress
    private let judge: Judge
    private let file: ResultFile?
    private let redact: @Sendable (String) -> String
    private let state: Mutex<State>

    /// - Parameter file: where a line is written for each check; nil writes none.
    init(judge: Judge, streamsTo file: ResultFile?, redact: @escaping @Sendable (String) -> String, progress: Progress)
    {
        self.judge = judge
        self.file = file
        self.redact = redact
        self.progress = progress
        state = Mutex(
            State(log: EvidenceLog(keeping: file == nil ? .everyCheck : .whatJudgementNeeds, now: judge.now)))
    }

    /// The process ends next, and with it all memory: to free a long run's samples one by one only makes its user wait.
    func outliveTheRun() {
        Self.last.withLock { $0 = self }
    }

    private static let last = Mutex<RunJournal?>(nil)

    var log: EvidenceLog { state.withLock { $0.log } }
    var writeFailure: WriteFailure? { state.withLock { $0.failure } }

    /// Called when a line cannot be written: nobody reads what a longer run would bring.
    func onWriteFailure(_ call: @escaping @Sendable () -> Void) {
        state.withLock { $0.onWriteFailure = call }
    }

    /// What others wrote of the run could not be written.
    func fail(_ failure: WriteFailure) {
        state.withLock { $0.failure = failure }
    }

    /// Answers whether checks that need this one may start.
    func take(_ record: CheckRecord) -> Bool {
        let mayFollow = judge.mayFollow(record)
        progress.count(record.check.name, failed: !mayFollow)
        guard let file else {
            state.withLock { $0.log.add(record, alone: judge.judge([record])) }
            return mayFollow
        }
        let alone = judge.judge([record])
        state.withLock { $0.log.add(record, alone: alone) }
        if writeFailure == nil { stream(alone, to: file) }
        return mayFollow
    }

    private func stream(_ alone: Judgement, to file: ResultFile) {
        guard let check = alone.checks.first else { return }
        do throws(WriteFailure) {
            try file.write(JSONLines.line(CheckReport(check, redact: redact)))
        } catch {
            let failed = state.withLock { state in
                state.failure = error
                return state.onWriteFailure
            }
            failed()
        }
    }
}
