import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit
import Wire

/// A flow of datagrams or of echo requests from one connected socket, whose error queue tells what became of them.
actor FlowSession: PathSession {
    private nonisolated let reactor: Reactor
    private nonisolated let socket: OwnedSocket
    private nonisolated let request: PathRequest
    private nonisolated let pattern: PathPattern
    /// IPv4 with the IP header before each message.
    private nonisolated let isRaw: Bool
    private let listener: QuoteListener?
    private var flights: [UInt16: PathFlight] = [:]
    private var lastNumber = UInt16.random(in: .min ... .max)
    private var settings: PathSocketSettings?
    private var isClosed = false
    private var hasLostTrack = false
    private var batch = DatagramBatch(of: mostAnswers, capacity: capacity)

    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    nonisolated let sourcePort: UInt16?

    private static let mostAnswers = 16
    /// The largest IPv4 header, the ICMP header and what is looked at of the payload.
    private static let capacity = 128
    /// A flood cannot hold the thread.
    private static let mostErrors = 256
    /// RFC 4884's 128 bytes of the packet, and extensions of any sensible length.
    private static let room = 1024
    /// The errors of packets before stand in the way of the next call (udp(7)), once each.
    private static let mostTries = 8

    init(
        _ socket: OwnedSocket, _ request: PathRequest, _ pattern: PathPattern, isRaw: Bool, sourcePort: UInt16?,
        listener: QuoteListener?, reactor: Reactor
    ) {
        self.socket = socket
        self.request = request
        self.pattern = pattern
        self.isRaw = isRaw
        self.sourcePort = sourcePort
        self.listener = listener
        self.reactor = reactor
    }

    private var key: QuoteKey {
        switch request.carrier {
        case .icmp: QuoteKey(protocolNumber: pattern.family == .v4 ? 1 : 58, number: pattern.identifier)
        case .udp, .tcp: QuoteKey(protocolNumber: 17, number: sourcePort ?? 0)
        }
    }

    /// The descriptor is registered.
    func begin() {
        listener?.join(key) { [weak self] quote in self?.assumeIsolated { $0.take(quote) } ?? false }
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
        listener?.leave(key)
        reactor.executor.unregister(socket.descriptor)
        for flight in flights.values { reactor.executor.wake(flight.ticket, .ready) }
    }

    func route() -> (mtu: Int?, source: IPAddress?) {
        OwnedSocket.route(to: request.destination.address, source: request.source)
    }

    func tellsPacketsApart() -> Bool { !hasLostTrack }

    // MARK: Sending

    func send(_ packet: PathPacket, deadline: Instant) async throws(ProbeInterruption) -> PathReply {
        guard !isClosed else { throw .unable(PathProber.wasClosed) }
        repeat { lastNumber &+= 1 } while flights[lastNumber] != nil
        let number = lastNumber
        let bytes = pattern.packet(number, size: packet.size)
        let ticket = reactor.executor.newTicket()
        flights[number] = PathFlight(ticket: ticket, length: bytes.count)
        do throws(SystemCallFailure) {
            try dispatch(bytes, number, PathSocketSettings(packet))
        } catch {
            flights[number] = nil
            throw .unable(error.inability(to: "send a packet to \(request.destination)"))
        }
        let wake = await arrival(of: number, ticket, until: deadline)
        drain()
        let flight = flights.removeValue(forKey: number)
        if wake == .cancelled { throw .cancelled }
        return flight?.conclusion ?? PathReply(sentAt: .now, outcome: .silent, roundTrip: nil)
    }

    private func arrival(of number: UInt16, _ ticket: ParkingLot.Ticket, until deadline: Instant) async -> Wake {
        let executor = reactor.executor
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume(returning: .cancelled)
                } else if flights[number]?.isOpen != true {
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
        _ bytes: [UInt8], _ number: UInt16, _ wanted: PathSocketSettings
    ) throws(SystemCallFailure) {
        if settings != wanted {
            try socket.apply(wanted, pattern.family)
            settings = wanted
        }
        var code: Int32 = 0
        for _ in 0..<Self.mostTries {
            flights[number]?.sent = .now
            code = socket.send(bytes[...]).code
            if code == 0 { return }
            // A device dropped it, as a veth does with what is too large for its other end (ip_send_skb tells who asks for errors): lost
            // like any other packet, and one whose size is tried says what of.
            if code == ENOBUFS, wanted.dontFragment { return }
            // Our own want of memory is no word of the network's.
            guard ![EAGAIN, ENOBUFS, ENOMEM].contains(code) else { throw SystemCallFailure("send", code: code) }
            let (heard, own) = drain()
            if let own, own.code == code {
                flights[number]?.refuse(own)
                return
            }
            guard heard > 0 else { break }
        }
        flights[number]?.refuse(SocketFailure(code: code, name: errnoName(code)))
    }

    // MARK: What comes back

    /// How many errors of earlier packets were there, and the own kernel's word about the last one.
    @discardableResult
    private func drain() -> (heard: Int, own: SocketFailure?) {
        var heard = 0
        var own: SocketFailure?
        for _ in 0..<Self.mostErrors {
            guard let error = socket.nextQueuedError(room: Self.room) else { break }
            if error.failure.icmp?.origin == .local {
                own = error.failure
            } else {
                heard += 1
                take(error, read: .now)
            }
        }
        receive()
        listener?.drain()
        return (heard, own)
    }

    private func take(_ error: QueuedError, read: EchoStamp) {
        guard let number = number(pattern.match(quoted: error.quoted[...])) else { return }
        settle(
            number,
            PathFlight.Arrival(
                outcome: error.outcome, stamp: error.stamp, read: read, hopLimit: error.failure.icmp?.hopLimit,
                labels: error.labels(behind: pattern.headersBeforeQuote),
                isRefusedHere: error.failure.icmp?.isFromOwnHost ?? false,
                lateness: reactor.executor.lateness(at: read.monotonic)))
    }

    /// Of the packet that it is about, where that is known.
    private func number(_ match: PathPattern.Match) -> UInt16? {
        switch match {
        case .packet(let number): return number
        case .foreign: return nil
        case .unnumbered:
            let open = flights.filter(\.value.isOpen)
            if open.count == 1 { return open.first?.key }
            if open.count > 1 { hasLostTrack = true }
            return nil
        }
    }

    private func settle(_ number: UInt16, _ arrival: PathFlight.Arrival) {
        guard flights[number]?.isOpen == true else { return }
        flights[number]?.settle(arrival)
        if let ticket = flights[number]?.ticket { reactor.executor.wake(ticket, .ready) }
    }

    private func receive() {
        for _ in 0..<Self.mostErrors / Self.mostAnswers {
            // A pending error, which reading has cleared, stands in the queue and was read there.
            guard batch.receive(from: socket.descriptor) == .some else { return }
            let read = EchoStamp.now
            let hasHeader = isRaw && pattern.family == .v4
            batch.forEach { take(answer: EchoDatagram($0, hasHeader: hasHeader), read) }
            if batch.hasRoom { return }
        }
    }

    private func take(answer datagram: EchoDatagram, _ read: EchoStamp) {
        var match = pattern.match(answer: datagram.message)
        // A service that answers in bytes of its own.
        if case .packet(let number) = match, request.carrier != .icmp, flights[number] == nil { match = .unnumbered }
        guard let number = number(match) else { return }
        settle(
            number,
            PathFlight.Arrival(
                outcome: .answered, stamp: datagram.stamp, read: read, hopLimit: datagram.hopLimit,
                lateness: reactor.executor.lateness(at: read.monotonic)))
    }

    // MARK: What a raw socket sees

    /// False for what is not of this flow.
    private func take(_ quote: PathQuote) -> Bool {
        guard let number = number(of: quote) else { return false }
        let isOurs = quote.key == key && quote.packet.destination == request.destination.address
        flights[number]?.quoted = quote.header
        // Else the kernel's own lookup finds the socket, and the error queue has it with what stands behind the quote.
        if !isOurs {
            settle(
                number,
                PathFlight.Arrival(
                    outcome: quote.outcome, stamp: quote.stamp, read: quote.read, hopLimit: quote.hopLimit))
        }
        return true
    }

    private func number(of quote: PathQuote) -> UInt16? {
        guard request.carrier == .udp else {
            guard case .packet(let number) = pattern.match(quoted: quote.packet.transport) else { return nil }
            return flights[number] == nil ? nil : number
        }
        guard let datagram = quote.datagram else { return nil }
        switch pattern.match(quoted: datagram.payload) {
        case .packet(let number): return flights[number] == nil ? nil : number
        case .foreign: return nil
        case .unnumbered:
            // The header alone: the length tells, as long as the ports are ours.
            guard quote.key == key else { return nil }
            let same = flights.filter { $0.value.isOpen && $0.value.length == datagram.length }
            return same.count == 1 ? same.first?.key : nil
        }
    }
}
