import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit

/// Connects with non-blocking sockets of our own, on the reactor's thread, so that errno, the ICMP error behind it and
/// TCP_INFO are seen, and nothing stands between the kernel's answer and the clock.
package actor TCPConnector: StreamConnecting {
    private nonisolated let reactor: Reactor

    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    package init(reactor: Reactor) {
        self.reactor = reactor
    }

    package func connect(
        to endpoint: Endpoint, source: IPAddress?, deadline: Instant
    ) async throws(ProbeInterruption) -> ConnectAttempt {
        try await connect(to: endpoint, source: source, deadline: deadline, beside: nil)
    }

    package func connect(
        to endpoint: Endpoint, source: IPAddress?, deadline: Instant, beside: @escaping @Sendable () async -> Void
    ) async throws(ProbeInterruption) -> ConnectAttempt {
        try await connect(to: endpoint, source: source, deadline: deadline, beside: .some(beside))
    }

    func connect(
        to endpoint: Endpoint, source: IPAddress?, deadline: Instant, beside: (@Sendable () async -> Void)?,
        hops: HopSettings = HopSettings(), segments: SegmentSettings? = nil
    ) async throws(ProbeInterruption) -> ConnectAttempt {
        let socket: OwnedSocket
        do {
            socket = try OwnedSocket.connecting(type: .stream, to: endpoint, source: source)
            try socket.apply(hops, endpoint.address.family)
            if let segments { try socket.apply(segments, endpoint.address.family) }
        } catch  where error.code == EAFNOSUPPORT {
            // A host without IPv6 cannot reach the address: that is about the path, not about us.
            let failure = SocketFailure(code: error.code, name: errnoName(error.code))
            let fact = ConnectFact(endpoint: endpoint, source: nil, elapsed: .zero, outcome: .failed(failure), tcp: nil)
            return ConnectAttempt(fact: fact, stream: nil)
        } catch {
            throw .unable(error.inability(to: "open a socket to \(endpoint)"))
        }
        let start = Instant.now
        let code = socket.connect(to: endpoint)
        guard code == 0 || code == EINPROGRESS else { return try refused(code, socket, endpoint, start) }
        // Over loopback the handshake ends within the call.
        var look = HandshakeLook(at: socket, since: start)
        guard look.progress == .pending else { return conclude(look, socket, endpoint, isWatched: false) }
        try await register(socket, endpoint)
        look = try await handshake(of: socket, since: start, until: deadline, beside: beside)
        return conclude(look, socket, endpoint, isWatched: true)
    }

    private func refused(
        _ code: Int32, _ socket: OwnedSocket, _ endpoint: Endpoint, _ start: Instant
    ) throws(ProbeInterruption) -> ConnectAttempt {
        if code == ENOMEM || code == ENOBUFS {
            throw .unable(SystemCallFailure("connect", code: code).inability(to: "connect to \(endpoint)"))
        }
        let elapsed = Instant.now - start
        let look = HandshakeLook(progress: .failed(socket.failure(code)), elapsed: elapsed, facts: socket.tcpFacts())
        return ConnectAttempt(fact: look.fact(socket, endpoint), stream: nil)
    }

    /// After connect(2): a socket that is not connecting yet reads as hung up.
    private func register(_ socket: OwnedSocket, _ endpoint: Endpoint) async throws(ProbeInterruption) {
        do throws(SystemCallFailure) {
            try await reactor.register(socket.descriptor)
        } catch {
            throw .unable(error.inability(to: "watch a socket to \(endpoint)"))
        }
    }

    /// So long a handshake is alone before work begins beside it: most are over by then.
    private static let haste = Duration.milliseconds(100)

    private func handshake(
        of socket: OwnedSocket, since start: Instant, until deadline: Instant, beside: (@Sendable () async -> Void)?
    ) async throws(ProbeInterruption) -> HandshakeLook {
        do throws(ProbeInterruption) {
            let early = beside == nil ? deadline : min(deadline, start + Self.haste)
            let look = try await handshake(of: socket, since: start, until: early)
            guard look.progress == .pending, early < deadline, let beside else { return look }
            return try await withCompanion(beside) { () throws(ProbeInterruption) in
                let look = try await handshake(of: socket, since: start, until: deadline)
                return (look, look.progress.outcome == .timedOut)
            }
        } catch {
            await reactor.unregister(socket.descriptor)
            throw error
        }
    }

    private func handshake(
        of socket: OwnedSocket, since start: Instant, until deadline: Instant
    ) async throws(ProbeInterruption) -> HandshakeLook {
        while try await reactor.wait(for: .writable, on: socket.descriptor, until: deadline) {
            let look = HandshakeLook(at: socket, since: start)
            if look.progress != .pending { return look }
        }
        return HandshakeLook(at: socket, since: start)
    }

    private func conclude(
        _ look: HandshakeLook, _ socket: OwnedSocket, _ endpoint: Endpoint, isWatched: Bool
    ) -> ConnectAttempt {
        let fact = look.fact(socket, endpoint)
        switch look.progress {
        case .established:
            return ConnectAttempt(fact: fact, stream: TCPStream(socket, reactor: reactor, isWatched: isWatched))
        case .broken(let failure):
            if isWatched { reactor.executor.unregister(socket.descriptor) }
            let stream = TCPStream(socket, reactor: reactor, isWatched: false, isBrokenBy: failure)
            return ConnectAttempt(fact: fact, stream: stream)
        case .failed, .pending:
            if isWatched { reactor.executor.unregister(socket.descriptor) }
            return ConnectAttempt(fact: fact, stream: nil)
        }
    }
}

/// What one look at a connecting socket shows.
private struct HandshakeLook {
    let progress: HandshakeProgress
    let elapsed: Duration
    let facts: TCPFacts?

    init(progress: HandshakeProgress, elapsed: Duration, facts: TCPFacts?) {
        self.progress = progress
        self.elapsed = elapsed
        self.facts = facts
    }

    /// An established connection's time is the kernel's own from the SYN to the SYN-ACK (TCP_INFO, the first sample of its RTT):
    /// with a thousand sockets ready at once we look at the last of them milliseconds late, and that is not the network's. A SYN
    /// that was repeated has no such sample (RFC 6298 section 3), or one of its last copy: then it is our own clock's.
    init(at socket: OwnedSocket, since start: Instant) {
        let seen = Instant.now - start
        let info = socket.information
        progress = socket.handshakeProgress(info)
        facts = info.map(TCPFacts.init)
        if progress == .established, let facts, facts.retransmits == 0, let rtt = facts.rtt {
            elapsed = min(seen, rtt)
        } else {
            elapsed = seen
        }
    }

    func fact(_ socket: OwnedSocket, _ endpoint: Endpoint) -> ConnectFact {
        // A connect that found no route has chosen no source.
        let source = socket.localEndpoint.flatMap { $0.address.isUnspecified ? nil : $0 }
        return ConnectFact(
            endpoint: endpoint, source: source, elapsed: elapsed, outcome: progress.outcome, tcp: facts,
            isLetOut: progress.outcome == .timedOut && socket.isLetOut(endpoint.address.family))
    }
}

/// How far a TCP handshake has come.
enum HandshakeProgress: Equatable {
    case pending
    case established
    /// The peer accepted, and its reset overtook our looking.
    case broken(SocketFailure)
    case failed(SocketFailure)

    fileprivate var outcome: ConnectFact.Outcome {
        switch self {
        case .established, .broken: .connected
        case .pending: .timedOut
        // The kernel gave up before our deadline came.
        case .failed(let failure) where failure.code == ETIMEDOUT && failure.icmp == nil: .timedOut
        case .failed(let failure): .failed(failure)
        }
    }
}

extension OwnedSocket {
    /// TCP_INFO as of now.
    var information: leadsman_tcp_info? {
        var info = leadsman_tcp_info()
        return leadsman_tcp_info(descriptor, &info) == 0 ? info : nil
    }

    /// By the state in TCP_INFO (net/tcp_states.h), since SO_ERROR would be cleared by looking.
    fileprivate func handshakeProgress(_ info: leadsman_tcp_info?) -> HandshakeProgress {
        guard let info else {
            let code = takeError()
            return code == 0 ? .established : .failed(failure(code))
        }
        switch info.state {
        case Self.synSent:
            // An ICMP error that comes while connect(2) still holds the socket ends nothing (tcp_v4_err, sk_err_soft) and is
            // found in the queue only; any other ends the attempt, and so does this one.
            return lateError.map { .failed($0) } ?? .pending
        case Self.closed:
            let code = takeError()
            // tcp_reset() says ECONNREFUSED only before the handshake is done; after it, these.
            if code == ECONNRESET || code == EPIPE { return .broken(failure(code)) }
            return .failed(failure(code == 0 ? ECONNABORTED : code))
        default: return .established
        }
    }

    // net/tcp_states.h
    static let synSent: UInt8 = 2
    static let closed: UInt8 = 7

    /// What the error queue holds although the handshake has not been ended by it.
    var lateError: SocketFailure? {
        var last: SocketFailure?
        while let next = nextQueuedError() { last = next.failure }
        return last
    }

    /// Nil on kernels before 4.1, which count no bytes.
    var progress: StreamProgress? {
        guard let info = information, info.has_bytes != 0 else { return nil }
        return StreamProgress(
            acknowledgedBytes: max(0, Int(clamping: info.bytes_acked) - 1),
            receivedBytes: Int(clamping: info.bytes_received), unacknowledgedSegments: Int(info.unacked),
            unsentBytes: Int(info.notsent_bytes), retransmits: Int(info.total_retrans),
            segmentBytes: Int(info.snd_mss), receivedSegmentBytes: Int(info.rcv_mss), pathMTU: Int(info.pmtu),
            busyTime: info.has_times == 0 ? nil : .microseconds(Int64(clamping: info.busy_us)),
            outOfOrder: info.has_ooopack == 0 ? nil : Int(info.rcv_ooopack))
    }

    package func tcpFacts() -> TCPFacts? { information.map(TCPFacts.init) }

    /// Nothing that was written waits in the send queue, neither unsent nor on its way.
    var isAcknowledged: Bool? { information.map { $0.unacked == 0 && $0.notsent_bytes == 0 } }
}

extension TCPFacts {
    fileprivate init(_ info: leadsman_tcp_info) {
        // Before the first measurement the kernel answers 0.
        let rtt: Duration? = info.rtt_us > 0 ? .microseconds(Int64(info.rtt_us)) : nil
        self.init(
            rtt: rtt, mss: Int(info.snd_mss), pathMTU: Int(info.pmtu), retransmits: Int(info.total_retrans),
            optionBytes: info.options & Self.timestamps != 0 ? 12 : 0)
    }

    /// TCPI_OPT_TIMESTAMPS of linux/tcp.h.
    private static let timestamps: UInt8 = 1
}
