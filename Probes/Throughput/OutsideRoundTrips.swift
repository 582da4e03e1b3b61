import NetValues
import Observations
import Planning
import ProbeKit
import Synchronization

/// Echo requests to the peer's address beside a transfer: what they wait is what others' packets wait.
final class OutsideEchoes: EchoCourse {
    private struct State {
        var next: Instant
        var sent = 0
        var replied = 0
        var refused = 0
        var trips = LatencyHistogram()
        var end: Instant
        var lastSent: Instant
    }

    private let interval: Duration
    private let patience: Duration
    private let most: Int
    private let state: Mutex<State>

    /// - Parameter patience: for the last replies.
    init(from start: Instant, until end: Instant, interval: Duration, most: Int, patience: Duration) {
        self.interval = interval
        self.patience = patience
        self.most = min(most, 60_000)
        state = Mutex(State(next: start, end: end, lastSent: start))
    }

    /// The transfer is over.
    func stop(at now: Instant) { state.withLock { $0.end = min($0.end, now) } }

    var count: (sent: Int, lost: Int, trips: LatencySpread?) {
        state.withLock { state in
            let left = state.sent - state.refused
            return (left, max(0, left - state.replied), state.trips.spread)
        }
    }

    func sequenceDue(at now: Instant) -> UInt16? {
        state.withLock { state in
            guard state.sent < most, now >= state.next, now < state.end else { return nil }
            defer { state.sent += 1 }
            state.next = now + interval
            state.lastSent = now
            return UInt16(truncatingIfNeeded: state.sent)
        }
    }

    func refuse(_ sequence: UInt16, _ failure: SocketFailure, at now: Instant) {
        state.withLock { $0.refused += 1 }
    }

    func receive(_ event: EchoEvent, at now: Instant) {
        guard case .reply(_, let roundTrip, _, _) = event else { return }
        state.withLock { state in
            state.replied += 1
            state.trips.add(nanoseconds: roundTrip.nanoseconds)
        }
    }

    func settle(at instant: Instant) -> Instant? {
        state.withLock { state in
            if instant < state.end, state.sent < most { return min(state.next, state.end) }
            let isDone = state.replied + state.refused >= state.sent || instant >= state.lastSent + patience
            return isDone ? nil : state.lastSent + patience
        }
    }
}

extension ProbeContext {
    /// Runs a series of echoes; nil where this host may not send any.
    func echo(_ series: OutsideEchoes, to address: IPAddress) async throws(ProbeInterruption) -> Bool {
        do throws(ProbeInterruption) {
            let session = try await capabilities.echo.open(to: address, source: check.source, settings: EchoSettings())
            do throws(ProbeInterruption) {
                try await session.run(series)
            } catch {
                await session.close()
                throw error
            }
            await session.close()
            return true
        } catch {
            if error == .cancelled { throw error }
            return false
        }
    }
}

/// TCP handshakes with the same port beside a transfer, where echoes get no reply.
struct OutsideHandshakes: Sendable {
    private static let pause = Duration.milliseconds(100)
    private static let patience = Duration.seconds(2)
    private static let most = 200

    let context: ProbeContext
    let endpoint: Endpoint

    /// Until the task is cancelled, or the instant has come.
    func run(until end: Instant, _ taken: @Sendable (Duration?) -> Void) async {
        for _ in 0..<Self.most {
            let now = context.time.now()
            guard now < end, (try? await context.time.sleep(until: now + Self.pause)) != nil else { return }
            let begin = context.time.now()
            let attempt = try? await context.capabilities.streams.connect(
                to: endpoint, source: context.check.source, deadline: begin + Self.patience)
            guard let attempt else { return }
            await attempt.stream?.close()
            // One that was repeated tells of a lost SYN, and of no round trip.
            let isLost = attempt.fact.outcome == .timedOut || (attempt.fact.tcp?.retransmits ?? 0) > 0
            if isLost { taken(nil) } else if attempt.fact.outcome == .connected { taken(attempt.fact.elapsed) }
        }
    }
}
