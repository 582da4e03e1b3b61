import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit

/// Packets with hop limits and sizes of their own, by ordinary sockets: the error queue of each tells who answered. Where CAP_NET_RAW
/// allows it, a raw socket beside them shows the headers that errors quote.
package actor PathProber: PathProbing {
    private nonisolated let reactor: Reactor
    private var listeners: [IPAddress.Family: QuoteListener] = [:]
    private var familiesWithoutListener: Set<IPAddress.Family> = []
    private let tellsTCP: Bool

    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    package init(reactor: Reactor) {
        self.reactor = reactor
        tellsTCP = KernelRelease.running.map { $0 >= Sounder.firstToTellTCP } ?? false
    }

    isolated deinit {
        for listener in listeners.values { listener.close() }
    }

    package func open(_ request: PathRequest) throws(ProbeInterruption) -> any PathSession {
        let listener = listener(request.destination.address.family)
        switch request.carrier {
        case .udp: return try datagrams(request, listener)
        case .icmp: return try echo(request, listener)
        case .tcp:
            if let listener, let session = try oneFlow(request, listener) { return session }
            if tellsTCP { return SYNSession(request, listener: listener, reactor: reactor) }
            throw .unable(
                Inability(
                    .unsupported, action: "trace the path to \(request.destination) by tcp",
                    reason: "this kernel does not tell such a socket who answered", fix: "use Linux 5.8 or newer"))
        }
    }

    private func listener(_ family: IPAddress.Family) -> QuoteListener? {
        if let listener = listeners[family] { return listener }
        guard !familiesWithoutListener.contains(family), let listener = QuoteListener(family, reactor) else {
            familiesWithoutListener.insert(family)
            return nil
        }
        listeners[family] = listener
        return listener
    }

    private func datagrams(_ request: PathRequest, _ listener: QuoteListener?) throws(ProbeInterruption)
        -> any PathSession
    {
        do throws(SystemCallFailure) {
            let socket = try OwnedSocket.connecting(type: .datagram, to: request.destination, source: request.source)
            socket.reportArrivals(request.destination.address.family)
            let code = socket.connect(to: request.destination)
            if code != 0 { return RefusedSession(socket.failure(code)) }
            let session = FlowSession(
                socket, request, PathPattern(carrier: .udp, family: request.destination.address.family), isRaw: false,
                sourcePort: socket.localEndpoint?.port, listener: listener, reactor: reactor)
            try reactor.executor.register(socket.descriptor)
            session.assumeIsolated { $0.begin() }
            return session
        } catch {
            if error.code == EAFNOSUPPORT, error.call == "socket" { return RefusedSession(error) }
            throw .unable(error.inability(to: "open a UDP socket to \(request.destination)"))
        }
    }

    // MARK: Echo

    private func echo(_ request: PathRequest, _ listener: QuoteListener?) throws(ProbeInterruption) -> any PathSession {
        let family = request.destination.address.family
        do throws(SystemCallFailure) {
            let (socket, isRaw) = try echoSocket(family)
            try socket.reportICMPErrors(family)
            socket.reportArrivals(family)
            if let source = request.source { try socket.bind(to: Endpoint(source, 0)) }
            let code = socket.connect(to: Endpoint(request.destination.address, 0))
            if code != 0 { return RefusedSession(socket.failure(code)) }
            let identifier = isRaw ? EchoHub.newIdentifier() : socket.localEndpoint?.port ?? 0
            let session = FlowSession(
                socket, request, PathPattern(carrier: .icmp, family: family, identifier: identifier), isRaw: isRaw,
                sourcePort: nil, listener: listener, reactor: reactor)
            try reactor.executor.register(socket.descriptor)
            session.assumeIsolated { $0.begin() }
            return session
        } catch {
            if error.code == EAFNOSUPPORT, error.call == "socket" { return RefusedSession(error) }
            throw .unable(
                EchoOpener.inability(after: error, address: request.destination.address, source: request.source))
        }
    }

    private func echoSocket(_ family: IPAddress.Family) throws(SystemCallFailure) -> (OwnedSocket, isRaw: Bool) {
        do throws(SystemCallFailure) {
            let socket = try EchoSocket(.ping, family)
            return (socket.socket, false)
        } catch {
            guard [EACCES, EPERM, EPROTONOSUPPORT].contains(error.code) else { throw error }
            return (try EchoSocket(.raw, family).socket, true)
        }
    }

    // MARK: SYNs

    /// Nil without the right to a raw socket: two ordinary ones cannot share a four-tuple.
    private func oneFlow(_ request: PathRequest, _ listener: QuoteListener) throws(ProbeInterruption) -> (
        any PathSession
    )? {
        let address = request.destination.address
        let type = Int32(SOCK_RAW.rawValue)
        guard let socket = try? OwnedSocket(family: address.family, type: type, protocol: Int32(IPPROTO_TCP)) else {
            return nil
        }
        do throws(SystemCallFailure) {
            if let source = request.source { try socket.bind(to: Endpoint(source, 0)) }
            try socket.includeIPHeader(address.family)
            socket.reportArrivals(address.family)
            let code = socket.connect(to: Endpoint(address, 0))
            if code != 0 { return RefusedSession(socket.failure(code)) }
            guard let source = socket.localEndpoint?.address.scoped(like: address) else { return nil }
            let holder = try OwnedSocket(family: address.family, type: Int32(SOCK_STREAM.rawValue), protocol: 0)
            try holder.bind(to: Endpoint(source, 0))
            guard let port = holder.localEndpoint?.port else { return nil }
            try socket.passSYNAnswers(from: request.destination.port, to: port, address.family)
            let pattern = SYNPattern(
                source: Endpoint(source, port), destination: request.destination, mtu: socket.pathMTU(address.family))
            let session = SYNFlowSession(
                socket, holder: holder, request, pattern, listener: listener, reactor: reactor)
            try reactor.executor.register(socket.descriptor)
            session.assumeIsolated { $0.begin() }
            return session
        } catch {
            throw .unable(error.inability(to: "open a raw TCP socket to \(request.destination)"))
        }
    }

    static let wasClosed = Inability(
        .internalFault, action: "use a path session", reason: "it was closed before",
        fix: "please report this with the command line")
}

/// To where the own host has no way: each packet is told so.
private struct RefusedSession: PathSession {
    private let failure: SocketFailure

    init(_ failure: SocketFailure) {
        self.failure = failure
    }

    init(_ failure: SystemCallFailure) {
        self.failure = SocketFailure(code: failure.code, name: errnoName(failure.code))
    }

    var sourcePort: UInt16? { nil }

    func send(_ packet: PathPacket, deadline: Instant) async throws(ProbeInterruption) -> PathReply {
        PathReply(sentAt: .now, outcome: .failed(failure), roundTrip: nil, isRefusedHere: true)
    }

    func route() async -> (mtu: Int?, source: IPAddress?) { (nil, nil) }

    func close() async {}
}
