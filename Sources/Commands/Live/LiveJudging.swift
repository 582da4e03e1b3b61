import Diagnosis
import LinuxIO
import NetValues
import Reporting
import Synchronization

/// Judges what was measured so far, off the thread that measures: at most once a second, and in no more than a tenth of the time.
final class LiveJudging: Sendable {
    private struct State {
        var verdict: LiveVerdict?
        var isAtWork = false
        var next = Instant(nanoseconds: .min)
        /// Counts resets: what was begun before one says nothing after it.
        var era = 0
    }

    private let judge: @Sendable () async -> LiveVerdict
    private let state = Mutex(State())

    private static let pause = Duration.seconds(1)

    init(_ judge: @escaping @Sendable () async -> LiveVerdict) {
        self.judge = judge
    }

    /// The last judgement; begins the next one when its time has come.
    func verdict(at now: Instant) -> LiveVerdict? {
        let (verdict, era) = state.withLock { state -> (LiveVerdict?, Int?) in
            guard !state.isAtWork, now >= state.next else { return (state.verdict, nil) }
            state.isAtWork = true
            return (state.verdict, state.era)
        }
        if let era {
            Task.detached(priority: .utility) { [self] in
                let verdict = await judge()
                finish(verdict, since: now, era)
            }
        }
        return verdict
    }

    private func finish(_ verdict: LiveVerdict, since start: Instant, _ era: Int) {
        let now = Instant.now
        state.withLock { state in
            state.isAtWork = false
            guard state.era == era else { return }
            state.verdict = verdict
            state.next = max(start + Self.pause, now + (now - start) * 10)
        }
    }

    func reset() {
        state.withLock { state in
            state.verdict = nil
            state.next = Instant(nanoseconds: .min)
            state.era += 1
        }
    }
}
