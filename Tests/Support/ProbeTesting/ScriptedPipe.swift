import NetValues
import Observations
import ProbeKit
import Synchronization

/// A way whose hops each take packets of so many bytes: what gets through is answered, what does not is told of or not.
package final class ScriptedPipe: PathProbing, PathSession {
    package struct Hop: Sendable {
        package var mtu: Int
        package var isSilent: Bool
        /// What it says in place of its MTU.
        package var claim: Int?

        package init(_ mtu: Int, silent: Bool = false, claim: Int? = nil) {
            self.mtu = mtu
            isSilent = silent
            self.claim = claim
        }
    }

    private struct State {
        var sent: [PathPacket] = []
        var tokens: Double
        var refilled: Instant
        var closed = 0
    }

    private let time: ManualTime
    private let link: Int
    /// Behind the own link: the first is that of router 198.18.0.1.
    private let hops: @Sendable (_ sent: Int) -> [Hop]
    /// How many answers the target has at once, and one more a second; nil for any number.
    private let ration: Int?
    /// By their number: lost, whatever their size.
    private let loses: @Sendable (_ number: Int) -> Bool
    /// What is lost is waited for until its deadline.
    private let isSlow: Bool
    private let state: Mutex<State>

    package init(
        time: ManualTime, link: Int = 1500, ration: Int? = nil,
        loses: @escaping @Sendable (Int) -> Bool = { _ in false }, slow isSlow: Bool = false,
        _ hops: @escaping @Sendable (_ sent: Int) -> [Hop]
    ) {
        self.time = time
        self.link = link
        self.ration = ration
        self.loses = loses
        self.isSlow = isSlow
        self.hops = hops
        state = Mutex(State(tokens: Double(ration ?? 0), refilled: time.now()))
    }

    package var sent: [PathPacket] { state.withLock(\.sent) }
    package let sourcePort: UInt16? = nil

    package func open(_ request: PathRequest) async throws(ProbeInterruption) -> any PathSession { self }
    package func route() async -> (mtu: Int?, source: IPAddress?) { (link, nil) }
    package func close() async { state.withLock { $0.closed += 1 } }
    package var closedSessions: Int { state.withLock(\.closed) }

    /// The clock of the test moves by little: packets side by side must not lose each other's time.
    package func send(_ packet: PathPacket, deadline: Instant) async throws(ProbeInterruption) -> PathReply {
        let reply = answer(packet)
        if isSlow, reply.outcome == .silent { time.advance(to: deadline) }
        return reply
    }

    private func answer(_ packet: PathPacket) -> PathReply {
        let number = state.withLock { state in
            state.sent.append(packet)
            return state.sent.count
        }
        let now = time.now()
        let size = packet.size ?? 64
        if size > link {
            return reply(.failed(Self.tooBig(link, .local, nil)), now, isRefusedHere: true)
        }
        if loses(number) { return reply(.silent, now) }
        for (index, hop) in hops(number).enumerated() {
            let router = IPAddress.v4(IPv4Address(bits: 0xc612_0001 + UInt32(index)))
            if packet.limit == index + 1 { return reply(.expired(router), now) }
            guard size > hop.mtu else { continue }
            return reply(hop.isSilent ? .silent : .failed(Self.tooBig(hop.claim ?? hop.mtu, .icmp, router)), now)
        }
        return reply(mayAnswer(now) ? .answered : .silent, now)
    }

    private func mayAnswer(_ now: Instant) -> Bool {
        guard let ration else { return true }
        return state.withLock { state in
            let grown = Double((now - state.refilled).nanoseconds) / 1e9
            state.tokens = min(Double(ration), state.tokens + grown)
            state.refilled = now
            guard state.tokens >= 1 else { return false }
            state.tokens -= 1
            return true
        }
    }

    private func reply(
        _ outcome: SoundingFact.Hop.Outcome, _ now: Instant, isRefusedHere: Bool = false
    ) -> PathReply {
        PathReply(
            sentAt: now, outcome: outcome, roundTrip: outcome == .silent ? nil : .milliseconds(1),
            isRefusedHere: isRefusedHere)
    }

    private static func tooBig(_ mtu: Int, _ origin: ICMPErrorReport.Origin, _ router: IPAddress?) -> SocketFailure {
        SocketFailure(
            code: 90, name: "EMSGSIZE",
            icmp: ICMPErrorReport(
                origin: origin, type: origin == .local ? 0 : 3, code: origin == .local ? 0 : 4, offender: router,
                mtu: mtu > 0 ? mtu : nil, isFromOwnHost: origin == .local))
    }
}
