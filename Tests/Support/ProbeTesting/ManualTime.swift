import NetValues
import Observations
import ProbeKit
import Synchronization

/// A clock that only a test moves. With `jumps`, a sleeper moves it to its instant at once, so that code which waits runs
/// through without waiting; without, sleepers wait for `advance(by:)`.
package final class ManualTime: TimeSource {
    private struct Sleeper {
        let id: Int
        let instant: Instant
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var now: Instant
        var sleepers: [Sleeper] = []
        var nextID = 0
        /// Cancelled before their continuation was there.
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>
    private let startInstant: Instant
    private let wallStart: WallTime
    private let jumps: Bool

    /// `wall` is 2026-01-31T12:00:00Z unless told.
    package init(
        jumps: Bool = true, start: Instant = Instant(nanoseconds: 1_000_000_000),
        wall: WallTime = WallTime(seconds: 1_769_860_800)
    ) {
        self.jumps = jumps
        startInstant = start
        wallStart = wall
        state = Mutex(State(now: start))
    }

    package func now() -> Instant { state.withLock(\.now) }

    package func wallTime() -> WallTime { wallStart + (now() - startInstant) }

    package var sleeperCount: Int { state.withLock(\.sleepers.count) }

    package func sleep(until instant: Instant) async throws(ProbeInterruption) {
        if Task.isCancelled { throw .cancelled }
        if jumps {
            advance(to: instant)
            // Lets others run, as a real sleep would.
            await Task.yield()
            return
        }
        if instant <= now() { return }
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let woken = await withTaskCancellationHandler {
            await withCheckedContinuation { park(Sleeper(id: id, instant: instant, continuation: $0)) }
        } onCancel: {
            cancel(id)
        }
        if !woken { throw .cancelled }
    }

    /// Moves the clock and wakes those whose instant has come, the earliest first.
    package func advance(by span: Duration) { advance(to: now() + span) }

    /// Never moves it back.
    package func advance(to instant: Instant) {
        let due = state.withLock { state in
            state.now = max(state.now, instant)
            let due = state.sleepers.filter { $0.instant <= state.now }.sorted { $0.instant < $1.instant }
            state.sleepers.removeAll { $0.instant <= state.now }
            return due
        }
        for sleeper in due { sleeper.continuation.resume(returning: true) }
    }

    /// Lets everybody else do what can be done now, and then moves the clock to the next instant that somebody waits for. A long way off
    /// it is likely a deadline, and whoever would have met it may just have lost its processor: the longer the leap, the longer it waits.
    package func goOn() async {
        var waited = 0
        while waited < 200 || waited < patience {
            await Task.yield()
            waited += 1
        }
        if let next = nextInstant { advance(to: next) }
    }

    private var nextInstant: Instant? { state.withLock { state in state.sleepers.map(\.instant).min() } }

    /// In yields: one for each millisecond of the leap.
    private var patience: Int {
        guard let next = nextInstant else { return 0 }
        return min(100_000, Int((next - now()) / .milliseconds(1)))
    }

    /// Returns once so many sleepers wait, or after so many yields that they never will.
    package func waitForSleepers(_ count: Int) async -> Bool {
        for _ in 0..<5_000_000 {
            if sleeperCount >= count { return true }
            await Task.yield()
        }
        return false
    }

    private func park(_ sleeper: Sleeper) {
        let answer: Bool? = state.withLock { state in
            if state.cancelled.remove(sleeper.id) != nil { return false }
            if sleeper.instant <= state.now { return true }
            state.sleepers.append(sleeper)
            return nil
        }
        if let answer { sleeper.continuation.resume(returning: answer) }
    }

    private func cancel(_ id: Int) {
        let sleeper = state.withLock { state -> Sleeper? in
            guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                state.cancelled.insert(id)
                return nil
            }
            return state.sleepers.remove(at: index)
        }
        sleeper?.continuation.resume(returning: false)
    }
}
