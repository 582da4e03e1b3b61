import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit
import Wire

/// SYNs of one flow from a raw socket, which CAP_NET_RAW allows; an ordinary one keeps the port. What they open the own kernel closes by a
/// reset, since it knows of no such connection.
actor SYNFlowSession: PathSession {
    private nonisolated let reactor: Reactor
    private nonisolated let socket: OwnedSocket
    private nonisolated let holder: OwnedSocket
    private nonisolated let request: PathRequest
    private nonisolated let pattern: SYNPattern
    /// All that routers say comes by it.
    private let listener: QuoteListener
    private var flights = SYNFlights(
        sequence: .random(in: .min ... .max), number: .random(in: .min ... .max))
    private var batch = DatagramBatch(of: mostAnswers, capacity: capacity)
    private var isClosed = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    nonisolated var sourcePort: UInt16? { pattern.source.port }

    private static let mostAnswers = 16
    /// The largest IPv4 header and the largest TCP header.
    private static let capacity = 120
    /// A flood cannot hold the thread.
    private static let mostCalls = 16
    /// The errors of packets before stand in the way of the next call, once each.
    private static let mostTries = 4

    init(
        _ socket: OwnedSocket, holder: OwnedSocket, _ request: PathRequest, _ pattern: SYNPattern,
        listener: QuoteListener, reactor: Reactor
    ) {
        self.socket = socket
        self.holder = holder
        self.request = request
        self.pattern = pattern
        self.listener = listener
        self.reactor = reactor
    }

    private var key: QuoteKey { QuoteKey(protocolNumber: IPProtocol.tcp, number: pattern.source.port) }

    /// The descriptor is registered.
    func begin() {
        listener.join(key) { [weak self] quote in self?.assumeIsolated { $0.take(quote) } ?? false }
        Task(executorPreference: reactor.executor) { await self.listen() }
    }

    private func listen() async {
        while !isClosed {
            drain()
            do throws(ProbeInterruption) {
                try await reactor.wait(for: .readable, on: socket.descriptor)
            } catch {
                return
            }
        }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        listener.leave(key)
        reactor.executor.unregister(socket.descriptor)
        for ticket in flights.tickets { reactor.executor.wake(ticket, .ready) }
    }

    func route() -> (mtu: Int?, source: IPAddress?) {
        OwnedSocket.route(to: request.destination.address, source: request.source)
    }

    func tellsPacketsApart() -> Bool { flights.tellsPacketsApart }

    // MARK: Sending

    func send(_ packet: PathPacket, deadline: Instant) async throws(ProbeInterruption) -> PathReply {
        guard !isClosed else { throw .unable(PathProber.wasClosed) }
        let ticket = reactor.executor.newTicket()
        let (id, sending) = flights.open(limit: packet.limit ?? Int(UInt8.max), ticket: ticket)
        do throws(SystemCallFailure) {
            try dispatch(sending, id, limit: packet.limit)
        } catch {
            _ = flights.close(id, at: .now)
            throw .unable(error.inability(to: "send a SYN to \(request.destination)"))
        }
        let wake = await arrival(of: id, ticket, until: deadline)
        drain()
        let reply = flights.close(id, at: .now)
        if wake == .cancelled { throw .cancelled }
        return reply ?? PathReply(sentAt: .now, outcome: .silent, roundTrip: nil)
    }

    private func arrival(of id: UInt32, _ ticket: ParkingLot.Ticket, until deadline: Instant) async -> Wake {
        let executor = reactor.executor
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume(returning: .cancelled)
                } else if !flights.isOpen(id) {
                    continuation.resume(returning: .ready)
                } else {
                    executor.park(ticket, on: nil, until: deadline, continuation)
                }
            }
        } onCancel: {
            // Queued behind the job that parks, so that it always finds the ticket there.
            executor.submit { $0.wake(ticket, .cancelled) }
        }
    }

    private func dispatch(
        _ sending: SYNFlights.Sending, _ id: UInt32, limit: Int?
    ) throws(SystemCallFailure) {
        let bytes = pattern.packet(sending, limit: limit)
        var code: Int32 = 0
        for _ in 0..<Self.mostTries {
            flights.stamp(id, .now)
            code = socket.send(bytes[...]).code
            if code == 0 { return }
            // Our own want of memory is no word of the network's.
            guard ![EAGAIN, ENOBUFS, ENOMEM].contains(code) else { throw SystemCallFailure("send", code: code) }
        }
        // A filter of the own host may have said so in an ICMP error, which tells more.
        drain()
        if flights.isOpen(id) { flights.refuse(id, SocketFailure(code: code, name: errnoName(code))) }
    }

    private func sendAgain(_ ids: [UInt32]) {
        for id in ids {
            guard let limit = flights.limit(of: id) else { continue }
            // What cannot leave a second time still has its first.
            let bytes = pattern.packet(flights.repeated(id), limit: limit)
            flights.stamp(id, .now)
            _ = socket.send(bytes[...])
        }
    }

    // MARK: What comes back

    private func drain() {
        receive()
        listener.drain()
    }

    private func receive() {
        for _ in 0..<Self.mostCalls {
            switch batch.receive(from: socket.descriptor) {
            case .nothing: return
            // Of an ICMP error, which the listener has; reading has cleared it.
            case .failed: continue
            case .some: break
            }
            let read = EchoStamp.now
            let hasHeader = request.destination.address.family == .v4
            batch.forEach { take(answer: EchoDatagram($0, hasHeader: hasHeader), read) }
            if batch.hasRoom { return }
        }
    }

    private func take(answer datagram: EchoDatagram, _ read: EchoStamp) {
        guard let start = try? SegmentStart(decoding: datagram.message), pattern.isAnswer(start, from: datagram.sender)
        else { return }
        func arrival(isTimed: Bool) -> PathFlight.Arrival {
            PathFlight.Arrival(
                outcome: start.flags?.contains(.rst) == true ? .reset : .answered, stamp: datagram.stamp, read: read,
                hopLimit: datagram.hopLimit, lateness: reactor.executor.lateness(at: read.monotonic), isTimed: isTimed)
        }
        switch flights.conclude(start, at: read.monotonic) {
        case .foreign: break
        case .one(let id, let isTimed): settle(id, arrival(isTimed: isTimed))
        case .several(let id, let again):
            if let id { settle(id, arrival(isTimed: false)) }
            sendAgain(again)
        }
    }

    /// False for what is not of this flow.
    private func take(_ quote: PathQuote) -> Bool {
        guard let start = quote.segment,
            let (id, number) = flights.find(
                quoted: start, identification: quote.packet.identification, isOurs: pattern.isOurs(quote.packet, start))
        else { return false }
        let isFromHere = quote.sender.bytes == pattern.source.address.bytes
        flights.note(quote.header, of: id)
        settle(
            id, quoted: number,
            PathFlight.Arrival(
                outcome: quote.outcome, stamp: quote.stamp, read: quote.read, hopLimit: quote.hopLimit,
                labels: quote.labels,
                isRefusedHere: isFromHere && quote.sender.bytes != pattern.destination.address.bytes,
                lateness: reactor.executor.lateness(at: quote.read.monotonic)))
        return true
    }

    private func settle(_ id: UInt32, quoted number: UInt32? = nil, _ arrival: PathFlight.Arrival) {
        guard flights.isOpen(id) else { return }
        flights.settle(id, quoted: number, arrival)
        if let ticket = flights.ticket(of: id) { reactor.executor.wake(ticket, .ready) }
    }
}
