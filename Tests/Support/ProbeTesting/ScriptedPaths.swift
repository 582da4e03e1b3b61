import NetValues
import Observations
import ProbeKit
import Synchronization

/// Paths by script: what comes of each packet, asked of a closure in the order in which packets leave. Silence returns when the deadline
/// has come on the clock it was given.
package final class ScriptedPaths: PathProbing {
    /// What is known of a packet when it leaves.
    package struct Departure: Sendable {
        package let request: PathRequest
        package let packet: PathPacket
        /// Sessions are numbered in the order in which they were opened.
        package let flow: Int
        /// How many packets with the same limit and size of the same flow went before.
        package let earlier: Int
    }

    package struct Arrival: Sendable {
        package var outcome: SoundingFact.Hop.Outcome
        package var roundTrip: Duration
        package var replyHopLimit: Int?
        package var quoted: QuotedHeader?
        package var labels: [MPLSLabel]
        package var isRefusedHere: Bool

        package init(
            _ outcome: SoundingFact.Hop.Outcome, after roundTrip: Duration = .milliseconds(1),
            replyHopLimit: Int? = nil,
            quoted: QuotedHeader? = nil, labels: [MPLSLabel] = [], isRefusedHere: Bool = false
        ) {
            self.outcome = outcome
            self.roundTrip = roundTrip
            self.replyHopLimit = replyHopLimit
            self.quoted = quoted
            self.labels = labels
            self.isRefusedHere = isRefusedHere
        }
    }

    private struct State {
        var requests: [PathRequest] = []
        var departures: [Departure] = []
        var closed = 0
    }

    private let time: any TimeSource
    private let routes: [(mtu: Int?, source: IPAddress?)]
    private let answer: @Sendable (Departure) -> Arrival?
    private let state = Mutex(State())

    /// - Parameter routes: what the own kernel says of the path MTU after so many packets; the last again and again.
    package init(
        time: any TimeSource, routes: [(mtu: Int?, source: IPAddress?)] = [(1500, nil)],
        _ answer: @escaping @Sendable (Departure) -> Arrival?
    ) {
        self.time = time
        self.routes = routes
        self.answer = answer
    }

    package var requests: [PathRequest] { state.withLock { $0.requests } }
    package var departures: [Departure] { state.withLock { $0.departures } }
    package var closedSessions: Int { state.withLock { $0.closed } }

    package func open(_ request: PathRequest) async throws(ProbeInterruption) -> any PathSession {
        let flow = state.withLock { state in
            state.requests.append(request)
            return state.requests.count - 1
        }
        return ScriptedPathSession(paths: self, request: request, flow: flow)
    }

    fileprivate func send(
        _ packet: PathPacket, of flow: Int, _ request: PathRequest, deadline: Instant
    ) async throws(ProbeInterruption) -> PathReply {
        let departure = state.withLock { state in
            let earlier = state.departures.count { $0.flow == flow && $0.packet == packet }
            let departure = Departure(request: request, packet: packet, flow: flow, earlier: earlier)
            state.departures.append(departure)
            return departure
        }
        let sent = time.now()
        guard let arrival = answer(departure) else {
            try await time.sleep(until: deadline)
            return PathReply(sentAt: sent, outcome: .silent, roundTrip: nil)
        }
        if arrival.isRefusedHere {
            return PathReply(sentAt: sent, outcome: arrival.outcome, roundTrip: nil, isRefusedHere: true)
        }
        try await time.sleep(until: min(sent + arrival.roundTrip, deadline))
        guard sent + arrival.roundTrip <= deadline else {
            return PathReply(sentAt: sent, outcome: .silent, roundTrip: nil)
        }
        return PathReply(
            sentAt: sent, outcome: arrival.outcome, roundTrip: arrival.roundTrip, isKernelStamped: true,
            replyHopLimit: arrival.replyHopLimit, quoted: arrival.quoted, labels: arrival.labels)
    }

    fileprivate func route() -> (mtu: Int?, source: IPAddress?) {
        let asked = state.withLock { $0.departures.count }
        return routes[min(asked, routes.count - 1)]
    }

    fileprivate func close() { state.withLock { $0.closed += 1 } }
}

private struct ScriptedPathSession: PathSession {
    let paths: ScriptedPaths
    let request: PathRequest
    let flow: Int

    var sourcePort: UInt16? { request.carrier == .udp ? UInt16(50_000 + flow) : nil }

    func send(_ packet: PathPacket, deadline: Instant) async throws(ProbeInterruption) -> PathReply {
        try await paths.send(packet, of: flow, request, deadline: deadline)
    }

    func route() async -> (mtu: Int?, source: IPAddress?) { paths.route() }

    func close() async { paths.close() }
}
