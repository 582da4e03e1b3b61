import NetValues
import Observations
import ProbeKit

/// The door to the reactor thread: register a descriptor, wait for it, sleep. Other actors of the adapters pin themselves to
/// `executor` and so share its thread.
///
/// The way to do I/O with it: try the system call; on EAGAIN `wait`, then try again.
package actor Reactor {
    package nonisolated let executor: ReactorExecutor

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package init() throws(SystemCallFailure) {
        executor = try ReactorExecutor()
    }

    deinit {
        executor.stop()
    }

    /// Begins to watch a non-blocking descriptor, edge-triggered, both ways. It stays the caller's to close, after
    /// `unregister`.
    package func register(_ descriptor: Int32) throws(SystemCallFailure) {
        try executor.register(descriptor)
    }

    package func unregister(_ descriptor: Int32) {
        executor.unregister(descriptor)
    }

    /// True when the descriptor may be ready (try the call again), false at the deadline.
    package func wait(
        for interest: Interest, on descriptor: Int32, until deadline: Instant
    ) async throws(ProbeInterruption) -> Bool {
        if executor.takeReadiness(descriptor, interest) { return true }
        switch await park(on: (descriptor, interest), until: deadline) {
        case .ready: return true
        case .deadline: return false
        case .cancelled: throw .cancelled
        }
    }

    /// Waits without a deadline: for servers.
    package func wait(for interest: Interest, on descriptor: Int32) async throws(ProbeInterruption) {
        if executor.takeReadiness(descriptor, interest) { return }
        if await park(on: (descriptor, interest), until: nil) == .cancelled { throw .cancelled }
    }

    package func sleep(until instant: Instant) async throws(ProbeInterruption) {
        if await park(on: nil, until: instant) == .cancelled { throw .cancelled }
    }

    private func park(on descriptor: (Int32, Interest)?, until deadline: Instant?) async -> Wake {
        let ticket = executor.newTicket()
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume(returning: .cancelled)
                } else {
                    executor.park(ticket, on: descriptor, until: deadline, continuation)
                }
            }
        } onCancel: {
            // Queued behind the job that parks, so that it always finds the ticket there.
            executor.submit { $0.wake(ticket, .cancelled) }
        }
    }
}

/// The machine's clocks, and sleep on the reactor.
package struct SystemTime: TimeSource {
    private let reactor: Reactor

    package init(reactor: Reactor) {
        self.reactor = reactor
    }

    package func now() -> Instant { .now }

    package func sleep(until instant: Instant) async throws(ProbeInterruption) {
        try await reactor.sleep(until: instant)
    }

    package func wallTime() -> WallTime { .now }
}
