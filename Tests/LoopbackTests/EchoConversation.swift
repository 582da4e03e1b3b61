import NetValues
import Observations
import ProbeKit
import Synchronization

/// One request and one event at a time over a session, as a test goes about it. The session asks each millisecond whether
/// anything is to be sent.
final class EchoConversation: EchoCourse {
    private struct State {
        var outgoing: [UInt16] = []
        /// The request that was handed over last; its sender waits until it is known whether it left.
        var isSending = false
        var refusal: SocketFailure?
        var sender: CheckedContinuation<SocketFailure?, Never>?
        var events: [EchoEvent] = []
        var receiver: (deadline: Instant, continuation: CheckedContinuation<EchoEvent?, Never>)?
        var isOver = false
    }

    private let session: any EchoSession
    private let state = Mutex(State())
    private let run = Mutex<Task<Void, any Error>?>(nil)

    init(over session: any EchoSession) {
        self.session = session
        run.withLock { $0 = Task { try await session.run(self) } }
    }

    /// Nil when the request left, otherwise why it did not.
    func send(sequence: UInt16) async -> SocketFailure? {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.outgoing.append(sequence)
                state.sender = continuation
            }
        }
    }

    /// The next event before the deadline, nil when all that came by then was handed out.
    func receive(deadline: Instant) async -> EchoEvent? {
        await withCheckedContinuation { continuation in
            let event = state.withLock { state -> EchoEvent? in
                if state.events.isEmpty { state.receiver = (deadline, continuation) }
                return state.events.isEmpty ? nil : state.events.removeFirst()
            }
            if let event { continuation.resume(returning: event) }
        }
    }

    /// Ends the run and closes the session.
    func close() async throws {
        state.withLock { $0.isOver = true }
        try await run.withLock(\.self)?.value
        await session.close()
    }

    // MARK: EchoCourse

    func sequenceDue(at now: Instant) -> UInt16? {
        state.withLock { state in
            guard !state.outgoing.isEmpty else { return nil }
            state.isSending = true
            return state.outgoing.removeFirst()
        }
    }

    func refuse(_ sequence: UInt16, _ failure: SocketFailure, at now: Instant) {
        state.withLock { $0.refusal = failure }
    }

    func receive(_ event: EchoEvent, at now: Instant) {
        let receiver = state.withLock { state in
            if state.receiver == nil { state.events.append(event) }
            defer { state.receiver = nil }
            return state.receiver
        }
        receiver?.continuation.resume(returning: event)
    }

    func settle(at instant: Instant) -> Instant? {
        state.withLock { state in
            if state.isSending {
                state.isSending = false
                state.sender?.resume(returning: state.refusal)
                state.sender = nil
                state.refusal = nil
            }
            if let receiver = state.receiver, receiver.deadline <= instant {
                receiver.continuation.resume(returning: nil)
                state.receiver = nil
            }
            return state.isOver ? nil : instant + .milliseconds(1)
        }
    }
}
