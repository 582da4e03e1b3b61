import LinuxIO
import NetValues
import Planning
import Reporting
import Scheduling
import Synchronization

/// The line on standard error that shows a person that the run goes on; only on a terminal, and only after a second.
final class Progress: Sendable {
    private struct State {
        var done = 0
        var failed = 0
        var current = ""
        var lines = StatusLines()
    }

    private let total: Int
    /// Of a run of one check: what it is called, how many samples it takes, and where they go.
    private let only: (name: String, samples: Int, log: SampleLog)?
    private let isShown: Bool
    private let start: Instant
    private let state = Mutex(State())

    /// - Parameter redact: keeps secrets from the line.
    init(_ checks: [Check], isShown: Bool, start: Instant, redact: (String) -> String) {
        total = checks.count
        only = checks.first.flatMap { check in
            guard checks.count == 1, isShown else { return nil }
            return ("\(check.kind) \(redact(check.name))", check.samples, SampleLog(expecting: check.samples))
        }
        self.isShown = isShown
        self.start = start
    }

    /// Where the samples of the only check shall go, so that they can be counted.
    var log: SampleLog? { only?.log }

    func count(_ name: String, failed: Bool) {
        state.withLock { state in
            state.done += 1
            state.failed += failed ? 1 : 0
            state.current = name
        }
    }

    /// Redraws four times a second until its task is cancelled.
    func tick(with time: SystemTime) async {
        guard isShown else { return }
        var next = start + .seconds(1)
        while (try? await time.sleep(until: next)) != nil {
            draw(at: time.now())
            next = time.now() + .milliseconds(250)
        }
    }

    private func draw(at now: Instant) {
        state.withLock { state in
            let line = ProgressLine(
                done: state.done, total: total, failed: state.failed, elapsed: now - start,
                current: only?.name ?? state.current,
                samples: only.map { ProgressLine.Samples(done: $0.log.count, total: $0.samples) })
            state.lines.draw([line.text(width: StatusLines.width)])
        }
    }

    func clear() {
        state.withLock { $0.lines.clear() }
    }
}
