import NetValues
import Observations
import ProbeKit
import Synchronization

/// The round trips beside one transfer: by echo where that is permitted and answered, else by TCP handshakes.
final class OutsideTrips: Sendable {
    private struct State {
        var idle: (sent: Int, lost: Int, trips: LatencySpread?)?
        var loaded: (sent: Int, lost: Int, trips: LatencySpread?)?
        var handshakes = LatencyHistogram()
        var handshakesSent = 0
        var handshakesLost = 0
    }

    private let context: ProbeContext
    private let endpoint: Endpoint
    private let state = Mutex(State())

    private static let idleCount = 10
    private static let idleInterval = Duration.milliseconds(20)
    private static let idlePatience = Duration.milliseconds(500)
    private static let loadedInterval = Duration.milliseconds(20)
    /// A queue may hold a packet for longer than any idle path does.
    private static let loadedPatience = Duration.seconds(1)

    init(context: ProbeContext, endpoint: Endpoint) {
        self.context = context
        self.endpoint = endpoint
    }

    func measureIdle() async throws(ProbeInterruption) {
        let now = context.time.now()
        let series = OutsideEchoes(
            from: now, until: now + .seconds(2), interval: Self.idleInterval, most: Self.idleCount,
            patience: Self.idlePatience)
        guard try await context.echo(series, to: endpoint.address) else { return }
        state.withLock { $0.idle = series.count }
    }

    private var isEchoed: Bool {
        state.withLock { state in state.idle.map { $0.sent > 0 && $0.lost * 2 <= $0.sent } ?? false }
    }

    func measureLoaded(until end: Instant) async {
        guard isEchoed else {
            return await OutsideHandshakes(context: context, endpoint: endpoint).run(until: end) { trip in
                state.withLock { state in
                    state.handshakesSent += 1
                    if let trip { state.handshakes.add(nanoseconds: trip.nanoseconds) } else { state.handshakesLost += 1 }
                }
            }
        }
        let now = context.time.now()
        let interval = max(Self.loadedInterval, .nanoseconds((end - now).nanoseconds / 500))
        let series = OutsideEchoes(
            from: now + interval, until: end, interval: interval, most: 1000, patience: Self.loadedPatience)
        guard (try? await context.echo(series, to: endpoint.address)) == true else { return }
        state.withLock { $0.loaded = series.count }
    }

    /// - Parameter handshakes: made before the transfer: without echoes they are all that is known of the idle path.
    func tell(_ fact: inout ThroughputFact, handshakes: [ConnectFact]) {
        let state = state.withLock { $0 }
        if isEchoed, let idle = state.idle {
            fact = fact.with(idle: idle.trips, loaded: state.loaded?.trips)
            fact.outside = ThroughputFact.Outside(
                carrier: .echo, idleSent: idle.sent, idleLost: idle.lost, loadedSent: state.loaded?.sent ?? 0,
                loadedLost: state.loaded?.lost ?? 0)
            return
        }
        var idle = LatencyHistogram()
        for connect in handshakes where connect.outcome == .connected {
            idle.add(nanoseconds: connect.elapsed.nanoseconds)
        }
        fact = fact.with(idle: idle.spread, loaded: state.handshakes.spread)
        fact.outside = ThroughputFact.Outside(
            carrier: .connect, idleSent: handshakes.count, idleLost: handshakes.count { $0.outcome != .connected },
            loadedSent: state.handshakesSent, loadedLost: state.handshakesLost)
    }
}
