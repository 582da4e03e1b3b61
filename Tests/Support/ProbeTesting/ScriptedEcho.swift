import NetValues
import Observations
import ProbeKit
import Synchronization

/// A network for echo requests that is written down beforehand, with its own clock: waiting moves the clock to the next
/// event or to the deadline, so that a series of minutes takes no time.
package final class ScriptedEcho: EchoOpening, EchoSession, TimeSource {
    /// What comes back for one request, counted from its sending.
    package enum Answer: Sendable {
        case reply(after: Duration, hopLimit: Int? = 64)
        case error(SocketFailure, after: Duration, quoting: UInt16?)
        case foreign(after: Duration)
        /// The request does not leave.
        case refusal(SocketFailure)
    }

    package struct Opening: Hashable, Sendable {
        package let address: IPAddress
        package let source: IPAddress?
        package let settings: EchoSettings
    }

    private struct State {
        var now: Instant
        var waiting: [(at: Instant, event: EchoEvent)] = []
        var openings: [Opening] = []
        var sends: [(sequence: UInt16, at: Instant)] = []
        var closings = 0
    }

    private let state: Mutex<State>
    private let inability: Inability?
    private let cancelledAt: Instant?
    private let script: @Sendable (UInt16) -> [Answer]

    /// - Parameter cancelledAt: from then on waiting throws, as when the run is being stopped.
    package init(
        inability: Inability? = nil, cancelledAt: Instant? = nil,
        script: @escaping @Sendable (_ sequence: UInt16) -> [Answer]
    ) {
        state = Mutex(State(now: Instant(nanoseconds: 1_000_000_000)))
        self.inability = inability
        self.cancelledAt = cancelledAt
        self.script = script
    }

    package var openings: [Opening] { state.withLock { $0.openings } }
    package var sendInstants: [Instant] { state.withLock { $0.sends.map(\.at) } }
    package var sequences: [UInt16] { state.withLock { $0.sends.map(\.sequence) } }
    package var openSessions: Int { state.withLock { $0.openings.count - $0.closings } }

    // MARK: EchoOpening

    package func open(
        to address: IPAddress, source: IPAddress?, settings: EchoSettings
    ) async throws(ProbeInterruption) -> any EchoSession {
        if let inability { throw .unable(inability) }
        state.withLock { $0.openings.append(Opening(address: address, source: source, settings: settings)) }
        return self
    }

    // MARK: EchoSession

    package func run(_ course: any EchoCourse) async throws(ProbeInterruption) {
        while let next = course.settle(at: now()) {
            var deadline = next
            if let sequence = course.sequenceDue(at: now()) {
                if let failure = send(sequence: sequence) { course.refuse(sequence, failure, at: now()) }
                deadline = now()
            }
            while let event = try receive(deadline: deadline) {
                course.receive(event, at: now())
                deadline = min(deadline, now())
            }
        }
    }

    private func send(sequence: UInt16) -> SocketFailure? {
        state.withLock { state in
            state.sends.append((sequence, state.now))
            var refusal: SocketFailure?
            for answer in script(sequence) {
                switch answer {
                case .reply(let span, let hopLimit):
                    state.waiting.append(
                        (
                            state.now + span,
                            .reply(sequence: sequence, roundTrip: span, hopLimit: hopLimit, isKernelStamped: true)
                        ))
                case .error(let failure, let span, let quoted):
                    state.waiting.append((state.now + span, .error(sequence: quoted, failure)))
                case .foreign(let span): state.waiting.append((state.now + span, .foreign))
                case .refusal(let failure): refusal = failure
                }
            }
            return refusal
        }
    }

    private func receive(deadline: Instant) throws(ProbeInterruption) -> EchoEvent? {
        let (event, isCancelled) = state.withLock { state -> (EchoEvent?, Bool) in
            let next = state.waiting.indices.min { state.waiting[$0].at < state.waiting[$1].at }
            let ready = next.flatMap { state.waiting[$0].at <= max(deadline, state.now) ? $0 : nil }
            let wakeUp = max(state.now, ready.map { state.waiting[$0].at } ?? deadline)
            if let cancelledAt, wakeUp >= cancelledAt {
                state.now = max(state.now, cancelledAt)
                return (nil, true)
            }
            state.now = wakeUp
            return (ready.map { state.waiting.remove(at: $0).event }, false)
        }
        if isCancelled { throw .cancelled }
        return event
    }

    package func close() async {
        state.withLock { $0.closings += 1 }
    }

    // MARK: TimeSource

    package func now() -> Instant { state.withLock { $0.now } }

    package func sleep(until instant: Instant) async throws(ProbeInterruption) {
        state.withLock { $0.now = max($0.now, instant) }
    }

    package func wallTime() -> WallTime { WallTime(seconds: 1_700_000_000) }
}
