import Glibc
import Synchronization

/// SIGINT and SIGTERM: the first stops the run so that what was seen can be reported, the second ends the process at once. So
/// does the first while nothing is being measured.
///
/// The signals are blocked in every thread and the main thread waits for them, so that no code runs in a signal handler and
/// even a thread that hangs in a library cannot keep the process from ending.
final class StopSignals: Sendable {
    static let shared = StopSignals()

    private struct State {
        var received: Int32?
        var stop: (@Sendable () -> Void)?
        var abandon: @Sendable () -> Void = {}
    }

    private let state = Mutex(State())

    /// Blocks the signals; to be called first of all, before any other thread exists. SIGPIPE is ignored: writes then fail with
    /// EPIPE.
    static func block() {
        var set = stopSet()
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Waits for signals as long as the process lives; the main thread's only work.
    func serve() -> Never {
        var set = Self.stopSet()
        while true {
            var number: Int32 = 0
            if sigwait(&set, &number) == 0 { take(number) }
        }
    }

    /// From now on the first signal calls `stop`, and whatever ends the process at once calls `abandon` before.
    func arm(stop: @escaping @Sendable () -> Void, abandon: @escaping @Sendable () -> Void) {
        state.withLock {
            $0.stop = stop
            $0.abandon = abandon
        }
    }

    /// The signal that stopped the run: 2 or 15.
    var received: Int32? { state.withLock { $0.received } }

    private func take(_ number: Int32) {
        let (stop, abandon) = state.withLock { state in
            let stop = state.received == nil ? state.stop : nil
            state.received = number
            return (stop, state.abandon)
        }
        if let stop { return stop() }
        abandon()
        _exit(128 + number)
    }

    private static func stopSet() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGTERM)
        return set
    }
}
