import Diagnosis
import Observations
import Planning
import Reporting
import Synchronization

/// Takes each record as its check ends: keeps it for the judgement, streams it where that was asked for, and counts it.
final class RunJournal: Sendable {
    private struct State {
        var records: [CheckRecord] = []
        var failure: WriteFailure?
        var onWriteFailure: @Sendable () -> Void = {}
    }

    let progress: Progress
    private let judge: Judge
    private let file: ResultFile?
    private let redact: @Sendable (String) -> String
    private let state = Mutex(State())

    /// - Parameter file: where a line is written for each check; nil writes none.
    init(judge: Judge, streamsTo file: ResultFile?, redact: @escaping @Sendable (String) -> String, progress: Progress)
    {
        self.judge = judge
        self.file = file
        self.redact = redact
        self.progress = progress
    }

    var records: [CheckRecord] { state.withLock { $0.records } }
    var writeFailure: WriteFailure? { state.withLock { $0.failure } }

    /// Called when a line cannot be written: nobody reads what a longer run would bring.
    func onWriteFailure(_ call: @escaping @Sendable () -> Void) {
        state.withLock { $0.onWriteFailure = call }
    }

    /// Answers whether checks that need this one may start.
    func take(_ record: CheckRecord) -> Bool {
        let mayFollow = judge.mayFollow(record)
        state.withLock { $0.records.append(record) }
        progress.count(record.check.name, failed: !mayFollow)
        if let file, writeFailure == nil { stream(record, to: file) }
        return mayFollow
    }

    private func stream(_ record: CheckRecord, to file: ResultFile) {
        guard let check = judge.judge([record]).checks.first else { return }
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
