import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit
import Wire

/// SYNs by non-blocking connects, for those who may have no raw socket: each from a socket and so a port of its own, since no two share one
/// to the same endpoint. What is accepted is closed at once.
actor SYNSession: PathSession {
    private nonisolated let reactor: Reactor
    private nonisolated let request: PathRequest
    private let listener: QuoteListener?
    private var quotes: [UInt16: QuotedHeader] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }
    nonisolated var sourcePort: UInt16? { nil }

    /// The kernel repeats its SYN then (RFC 6298 section 2; TCP_TIMEOUT_INIT), and which of them was answered nobody could tell.
    private static let untilRepeated = Duration.seconds(1)

    init(_ request: PathRequest, listener: QuoteListener?, reactor: Reactor) {
        self.request = request
        self.listener = listener
        self.reactor = reactor
    }

    func close() {}

    func route() -> (mtu: Int?, source: IPAddress?) {
        OwnedSocket.route(to: request.destination.address, source: request.source)
    }

    func send(_ packet: PathPacket, deadline: Instant) async throws(ProbeInterruption) -> PathReply {
        let socket: OwnedSocket
        var flight = PathFlight(ticket: 0, length: 0)
        do throws(SystemCallFailure) {
            socket = try open(packet)
            flight.sent = .now
            let code = socket.connect(to: request.destination)
            if code == 0 || code == EINPROGRESS {
                try reactor.executor.register(socket.descriptor)
            } else {
                if code == ENOMEM || code == ENOBUFS { throw SystemCallFailure("connect", code: code) }
                flight.refuse(socket.failure(code))
            }
        } catch {
            guard error.code == EAFNOSUPPORT, error.call == "socket" else {
                throw .unable(error.inability(to: "send a SYN to \(request.destination)"))
            }
            flight.refuse(SocketFailure(code: error.code, name: errnoName(error.code)))
            return flight.conclusion
        }
        guard flight.isOpen else { return flight.conclusion }
        return try await follow(socket, &flight, until: min(deadline, flight.sent.monotonic + Self.untilRepeated))
    }

    private func open(_ packet: PathPacket) throws(SystemCallFailure) -> OwnedSocket {
        let family = request.destination.address.family
        let socket = try OwnedSocket.connecting(type: .stream, to: request.destination, source: request.source)
        socket.reportArrivals(family)
        try socket.apply(PathSocketSettings(packet), family)
        return socket
    }

    private func follow(
        _ socket: OwnedSocket, _ flight: inout PathFlight, until deadline: Instant
    ) async throws(ProbeInterruption) -> PathReply {
        let key = socket.localEndpoint.map { QuoteKey(protocolNumber: UInt8(IPPROTO_TCP), number: $0.port) }
        if let key {
            listener?.join(key) { [weak self] quote in self?.assumeIsolated { $0.take(quote, key) } ?? false }
        }
        defer {
            reactor.executor.unregister(socket.descriptor)
            if let key {
                listener?.leave(key)
                quotes[key.number] = nil
            }
        }
        while true {
            if let arrival = look(at: socket) {
                flight.settle(arrival)
                break
            }
            guard try await reactor.wait(for: .writable, on: socket.descriptor, until: deadline) else {
                if let arrival = look(at: socket) { flight.settle(arrival) }
                break
            }
        }
        listener?.drain()
        flight.quoted = key.flatMap { quotes[$0.number] }
        return flight.conclusion
    }

    private func look(at socket: OwnedSocket) -> PathFlight.Arrival? {
        let read = EchoStamp.now
        // Only resets and repeated SYNs have no time of the kernel's.
        let lateness = reactor.executor.lateness(at: read.monotonic)
        // An ICMP error that comes while connect(2) still holds the socket ends nothing (tcp_v4_err, sk_err_soft) and is found in the
        // queue only.
        if let error = socket.nextQueuedError(room: 1024) {
            return PathFlight.Arrival(
                outcome: error.outcome, stamp: error.stamp, read: .now, hopLimit: error.failure.icmp?.hopLimit,
                labels: error.labels(behind: request.destination.address.family == .v4 ? 20 : 40),
                isRefusedHere: error.failure.icmp?.isFromOwnHost ?? false, lateness: lateness)
        }
        let information = socket.information
        switch information?.state {
        case OwnedSocket.synSent?: return nil
        case OwnedSocket.closed?:
            let code = socket.takeError()
            if code == ETIMEDOUT { return nil }
            // tcp_reset() says ECONNREFUSED while the handshake goes on, and these right after it.
            let isReset = [ECONNREFUSED, ECONNRESET, EPIPE, 0].contains(code)
            let outcome = SoundingFact.Hop.Outcome.failed(SocketFailure(code: code, name: errnoName(code)))
            return PathFlight.Arrival(outcome: isReset ? .reset : outcome, stamp: 0, read: read, lateness: lateness)
        default:
            // TCP_INFO: the first sample of its RTT is the handshake's, unless the SYN was repeated.
            let handshake = information.flatMap { info -> Duration? in
                info.rtt_us > 0 && info.total_retrans == 0 ? .microseconds(Int64(info.rtt_us)) : nil
            }
            return PathFlight.Arrival(
                outcome: .answered, stamp: 0, read: read, lateness: lateness, handshake: handshake)
        }
    }

    private func take(_ quote: PathQuote, _ key: QuoteKey) -> Bool {
        guard quote.key == key, quote.packet.destination == request.destination.address else { return false }
        quotes[key.number] = quote.header
        return true
    }
}
