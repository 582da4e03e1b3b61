import NetValues
import Observations
import Planning
import Wire

/// How long the conversations with an endpoint waited for their first answer, where the network had no part in it.
struct ResponseTimes: Sendable {
    private static let mostKept = 4

    private(set) var all = 0
    /// Above the usual limit for requests.
    private(set) var late = 0
    private(set) var slowest = Duration.zero
    private(set) var examples: [TroubledFlow] = []

    mutating func add(_ flow: TroubledFlow) {
        let tcp = flow.tcp
        guard let time = tcp.firstResponseTime else { return }
        all += 1
        slowest = max(slowest, time)
        // What was sent again, or was acknowledged late itself, waited for the way.
        guard time > SlowCheck.defaultLimit.limit, tcp.fromA.counters.retransmission == 0,
            (tcp.fromA.slowestRTT ?? .zero) * 2 < time, (tcp.initialRTT ?? .zero) * 4 < time
        else { return }
        late += 1
        if examples.count < Self.mostKept { examples.append(flow) }
    }
}
