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
        let start = Instant.now
        let socket: OwnedSocket
        do {
            socket = try OwnedSocket.connecting(type: .stream, to: endpoint, source: source)
        } catch  where error.code == EAFNOSUPPORT {
            // A host without IPv6 cannot reach the address: that is about the path, not about us.
            return attempt(endpoint, nil, start, .failed(SocketFailure(code: error.code, name: errnoName(error.code))))
        } catch {
            throw .unable(error.inability(to: "open a socket to \(endpoint)"))
        }
        let code = socket.connect(to: endpoint)
        guard code == 0 || code == EINPROGRESS else { return try refused(code, socket, endpoint, start) }
        // Over loopback the handshake ends within the call.
        var progress = socket.handshakeProgress()
        if progress == .pending || progress == .established { try await register(socket, endpoint) }
        if progress == .pending { progress = try await handshake(of: socket, until: deadline) }
        return await conclude(progress, socket, endpoint, start)
    }

    private func refused(
        _ code: Int32, _ socket: OwnedSocket, _ endpoint: Endpoint, _ start: Instant
    ) throws(ProbeInterruption) -> ConnectAttempt {
        if code == ENOMEM || code == ENOBUFS {
            throw .unable(SystemCallFailure("connect", code: code).inability(to: "connect to \(endpoint)"))
        }
        return attempt(endpoint, socket, start, .failed(socket.failure(code)))
    }

    /// After connect(2): a socket that is not connecting yet reads as hung up.
    private func register(_ socket: OwnedSocket, _ endpoint: Endpoint) async throws(ProbeInterruption) {
        do throws(SystemCallFailure) {
            try await reactor.register(socket.descriptor)
        } catch {
            throw .unable(error.inability(to: "watch a socket to \(endpoint)"))
        }
    }

    private func handshake(of socket: OwnedSocket, until deadline: Instant) async throws(ProbeInterruption)
        -> HandshakeProgress
    {
        do throws(ProbeInterruption) {
            while try await reactor.wait(for: .writable, on: socket.descriptor, until: deadline) {
                let progress = socket.handshakeProgress()
                if progress != .pending { return progress }
            }
            return socket.handshakeProgress()
        } catch {
            await reactor.unregister(socket.descriptor)
            throw error
        }
    }

    private func conclude(
        _ progress: HandshakeProgress, _ socket: OwnedSocket, _ endpoint: Endpoint, _ start: Instant
    ) async -> ConnectAttempt {
        let result = attempt(endpoint, socket, start, progress.outcome)
        switch progress {
        case .established:
            return ConnectAttempt(fact: result.fact, stream: TCPStream(socket, reactor: reactor))
        case .broken(let failure):
            await reactor.unregister(socket.descriptor)
            return ConnectAttempt(
                fact: result.fact, stream: TCPStream(socket, reactor: reactor, isBrokenBy: failure))
        case .failed, .pending:
            await reactor.unregister(socket.descriptor)
            return result
        }
    }

    private func attempt(
        _ endpoint: Endpoint, _ socket: OwnedSocket?, _ start: Instant, _ outcome: ConnectFact.Outcome
    ) -> ConnectAttempt {
        let elapsed = Instant.now - start
        // A connect that found no route has chosen no source.
        let source = socket?.localEndpoint.flatMap { $0.address.isUnspecified ? nil : $0 }
        let fact = ConnectFact(
            endpoint: endpoint, source: source, elapsed: elapsed, outcome: outcome, tcp: socket?.tcpFacts())
        return ConnectAttempt(fact: fact, stream: nil)
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
    /// By the state in TCP_INFO (net/tcp_states.h), since SO_ERROR would be cleared by looking.
    func handshakeProgress() -> HandshakeProgress {
        var info = leadsman_tcp_info()
        guard leadsman_tcp_info(descriptor, &info) == 0 else {
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

    private static let synSent: UInt8 = 2
    private static let closed: UInt8 = 7

    /// What the error queue holds although the handshake has not been ended by it.
    var lateError: SocketFailure? {
        var last: SocketFailure?
        while let next = nextQueuedError() { last = next.failure }
        return last
    }

    package func tcpFacts() -> TCPFacts? {
        var info = leadsman_tcp_info()
        guard leadsman_tcp_info(descriptor, &info) == 0 else { return nil }
        // Before the first measurement the kernel answers 0.
        let rtt: Duration? = info.rtt_us > 0 ? .microseconds(Int64(info.rtt_us)) : nil
        return TCPFacts(
            rtt: rtt, mss: Int(info.snd_mss), pathMTU: Int(info.pmtu), retransmits: Int(info.total_retrans))
    }
}
