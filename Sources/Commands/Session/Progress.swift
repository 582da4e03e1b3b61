import LinuxIO
import NetValues
import Reporting
import Synchronization

/// The line on standard error that shows a person that the run goes on; only on a terminal, and only after a second.
final class Progress: Sendable {
    private struct State {
        var done = 0
        var failed = 0
        var current = ""
        var isDrawn = false
    }

    private let total: Int
    private let isShown: Bool
    private let start: Instant
    private let state = Mutex(State())

    init(total: Int, isShown: Bool, start: Instant) {
        self.total = total
        self.isShown = isShown
        self.start = start
    }

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
        let width = Terminal.width(of: StandardStream.error) ?? 80
        let line = state.withLock { state in
            state.isDrawn = true
            return ProgressLine(
                done: state.done, total: total, failed: state.failed, elapsed: now - start, current: state.current
            ).text(width: width)
        }
        try? writeAll("\r\u{1b}[2K\(line)", to: StandardStream.error)
    }

    func clear() {
        guard state.withLock({ $0.isDrawn }) else { return }
        try? writeAll("\r\u{1b}[2K", to: StandardStream.error)
    }
}
