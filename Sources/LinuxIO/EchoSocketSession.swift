import Glibc
import NetValues
import Observations
import ProbeKit
import Wire

/// One series, over a ping socket of its own or the raw socket that it shares. Sends and reads on the reactor's thread; what one
/// wake-up finds is read in one go and handed out event by event.
actor EchoSocketSession: EchoSession {
    /// Enough to empty a burst at once, few enough to let others have the thread.
    static let mostAtOnce = 128

    private enum Line {
        case own(EchoSocket)
        case shared(RawEchoHub)
        case closed
    }

    nonisolated let executor: ReactorExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let reactor: Reactor
    private let address: IPAddress
    private let destination: SocketAddress
    private let pattern: EchoPattern
    private var line: Line
    private var isConnected = false
    private var identifier: UInt16
    private struct Sent {
        let request: UInt32
        let stamp: EchoStamp
    }

    /// Of each sequence number the last request.
    private var sent: [UInt16: Sent] = [:]
    private var requests: UInt32 = 0
    private var events: [EchoEvent] = []
    private var nextEvent = 0
    /// Who waits for what the shared socket brings.
    private var waiter: ParkingLot.Ticket?
    private var batch: EchoBatch

    private init(
        _ line: Line, _ identifier: UInt16, _ batch: EchoBatch, to address: IPAddress, size: Int, reactor: Reactor
    ) {
        self.line = line
        self.identifier = identifier
        self.batch = batch
        self.address = address
        self.reactor = reactor
        destination = SocketAddress(Endpoint(address, 0))
        executor = reactor.executor
        pattern = EchoPattern(cookie: .random(in: .min ... .max), size: size)
    }

    /// Takes over a ping socket that the reactor watches already.
    init(_ socket: EchoSocket, to address: IPAddress, size: Int, reactor: Reactor) {
        self.init(.own(socket), 0, EchoBatch(of: 4, size: size), to: address, size: size, reactor: reactor)
    }

    /// Made by the hub, which knows it by the identifier.
    init(sharing hub: RawEchoHub, _ identifier: UInt16, to address: IPAddress, size: Int, reactor: Reactor) {
        self.init(.shared(hub), identifier, EchoBatch(of: 0, size: 0), to: address, size: size, reactor: reactor)
    }

    deinit {
        // The closures hold the descriptor open until the reactor has forgotten it, so that its number cannot be another's.
        switch line {
        case .own(let socket): executor.submit { $0.unregister(socket.descriptor) }
        case .shared(let hub): executor.submit { [identifier] _ in hub.leave(identifier) }
        case .closed: break
        }
    }

    func close() {
        switch line {
        case .own(let socket): executor.unregister(socket.descriptor)
        case .shared(let hub):
            hub.leave(identifier)
            wake()
        case .closed: break
        }
        line = .closed
    }

    // MARK: Sending

    func send(sequence: UInt16) async throws(ProbeInterruption) -> SocketFailure? {
        if case .own(let socket) = line, let failure = connect(socket) { return failure }
        let request = requests
        requests &+= 1
        let packet = ICMPEcho(
            identifier: identifier, sequence: sequence, payload: pattern.payload(request: request)[...]
        )
        .request(address.family)
        if try await transmit(packet, sequence, request) == 0 { return nil }
        // The error of an earlier request waits in the socket and fails the next one, which has not even left. A failure of
        // this one's own repeats itself.
        readErrors()
        let code = try await transmit(packet, sequence, request)
        return code == 0 ? nil : fail(sequence, code, readErrors())
    }

    private func fail(_ sequence: UInt16, _ code: Int32, _ report: ICMPErrorReport?) -> SocketFailure {
        sent[sequence] = nil
        return SocketFailure(code: code, name: errnoName(code), icmp: report)
    }

    /// Before each request until it succeeds: without a route it fails, and a route may come.
    private func connect(_ socket: EchoSocket) -> SocketFailure? {
        guard !isConnected else { return nil }
        let code = socket.connect(to: address)
        guard code == 0 else { return SocketFailure(code: code, name: errnoName(code)) }
        isConnected = true
        identifier = socket.identifier
        return nil
    }

    private func transmit(
        _ packet: [UInt8], _ sequence: UInt16, _ request: UInt32
    ) async throws(ProbeInterruption) -> Int32 {
        let deadline = Instant.now + .seconds(1)
        while true {
            sent[sequence] = Sent(request: request, stamp: .now)
            let (code, descriptor) = try transmitOnce(packet)
            guard code == EAGAIN else { return code }
            guard try await reactor.wait(for: .writable, on: descriptor, until: deadline) else { return code }
        }
    }

    private func transmitOnce(_ packet: [UInt8]) throws(ProbeInterruption) -> (code: Int32, descriptor: Int32) {
        switch line {
        case .own(let socket): (socket.send(packet), socket.descriptor)
        case .shared(let hub): (hub.socket.send(packet, to: destination), hub.socket.descriptor)
        case .closed: throw .unable(Self.wasClosed)
        }
    }

    // MARK: Receiving

    func receive(deadline: Instant) async throws(ProbeInterruption) -> EchoEvent? {
        while true {
            if let event = takeEvent() { return event }
            let mayHaveMore = try drain()
            if let event = takeEvent() { return event }
            guard !mayHaveMore else {
                // All of it was other people's.
                await Task.yield()
                if Task.isCancelled { throw .cancelled }
                if Instant.now >= deadline { return nil }
                continue
            }
            if Instant.now >= deadline { return nil }
            if try await wait(until: deadline) { continue }
            if case .closed = line { return nil }
            _ = try drain()
            return takeEvent()
        }
    }

    /// True when something may be there, false at the deadline.
    private func wait(until deadline: Instant) async throws(ProbeInterruption) -> Bool {
        switch line {
        case .own(let socket): return try await reactor.wait(for: .readable, on: socket.descriptor, until: deadline)
        case .closed: return true
        case .shared: break
        }
        switch await park(until: deadline) {
        case .ready: return true
        case .deadline: return false
        case .cancelled: throw .cancelled
        }
    }

    /// Until the shared socket brings something. Nothing can come between looking and parking: both happen in one job of this
    /// thread.
    private func park(until deadline: Instant) async -> Wake {
        let ticket = executor.newTicket()
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                if Task.isCancelled { return continuation.resume(returning: .cancelled) }
                waiter = ticket
                executor.park(ticket, on: nil, until: deadline, continuation)
            }
        } onCancel: {
            // Queued behind the job that parks, so that it always finds the ticket there.
            executor.submit { $0.wake(ticket, .cancelled) }
        }
    }

    private func wake() {
        guard let waiter else { return }
        self.waiter = nil
        executor.wake(waiter, .ready)
    }

    private func takeEvent() -> EchoEvent? {
        guard nextEvent < events.count else {
            events.removeAll(keepingCapacity: true)
            nextEvent = 0
            return nil
        }
        defer { nextEvent += 1 }
        return events[nextEvent]
    }

    /// True when it stopped before the socket was empty. An error that waits fails the read, so the error queue is asked only then.
    private func drain() throws(ProbeInterruption) -> Bool {
        switch line {
        case .own(let socket): return drain(socket)
        case .shared(let hub): return hub.drain(untilNothing: false)
        case .closed: throw .unable(Self.wasClosed)
        }
    }

    private func drain(_ socket: EchoSocket) -> Bool {
        for _ in 0..<Self.mostAtOnce {
            switch batch.receive(from: socket) {
            case .nothing: return false
            case .failed: readErrors()
            case .some:
                batch.forEach(socket) { datagram in
                    guard case .echoReply(let echo) = try? ICMPMessage(decoding: datagram.message, socket.family),
                        echo.identifier == identifier
                    else { return }
                    take(echo, datagram)
                }
            }
        }
        return true
    }

    /// A reply that carries our identifier.
    func take(_ echo: ICMPEcho, _ datagram: EchoDatagram) {
        events.append(event(echo, datagram))
        wake()
    }

    private func event(_ echo: ICMPEcho, _ datagram: EchoDatagram) -> EchoEvent {
        let isWhole = address.family == .v6 || ICMPMessage.isChecksumRight(datagram.message)
        let isFromTarget = datagram.sender?.bytes == address.bytes || address.isUnspecified
        guard let sent = sent[echo.sequence], isWhole, isFromTarget, pattern.matches(echo, request: sent.request) else {
            return .foreign
        }
        let trip = sent.stamp.roundTrip(kernelStamp: datagram.stamp, read: .now)
        return .reply(
            sequence: echo.sequence, roundTrip: trip.span, hopLimit: datagram.hopLimit,
            isKernelStamped: trip.isKernelStamped)
    }

    /// Empties the error queue. Those that came in packets become events; the last of the own kernel belongs to the call that
    /// has just failed, and is returned.
    @discardableResult
    private func readErrors() -> ICMPErrorReport? {
        guard case .own(let socket) = line else {
            if case .shared(let hub) = line { return hub.readErrors() }
            return nil
        }
        var local: ICMPErrorReport?
        for _ in 0..<Self.mostAtOnce {
            guard let record = socket.nextQueuedError() else { break }
            guard let report = record.failure.icmp, report.origin != .local else {
                local = record.failure.icmp ?? local
                continue
            }
            if let echo = QuotedEcho(decoding: record.quoted[...], socket.family), echo.identifier == identifier {
                take(record, report, echo)
            }
        }
        return local
    }

    /// An error that quotes a request with our identifier, which to another address is somebody else's.
    func take(_ record: QueuedError, _ report: ICMPErrorReport, _ echo: QuotedEcho) {
        // The queue also tells of redirects and source quench, which answer packets that went on.
        guard ICMPError.isError(type: report.type, address.family), let sent = sent[echo.sequence],
            isOwn(record.destination),
            pattern.mayBegin(record.quoted.dropFirst(ICMPMessage.headerLength), request: sent.request)
        else { return }
        events.append(.error(sequence: echo.sequence, withOwnHostNamed(record.failure, report)))
        wake()
    }

    private func isOwn(_ destination: IPAddress?) -> Bool {
        guard let destination, !address.isUnspecified else { return true }
        return destination.bytes == address.bytes
    }

    /// The shared socket has no peer and so no address of its own, by which to know errors that the own kernel tells itself.
    private func withOwnHostNamed(_ failure: SocketFailure, _ report: ICMPErrorReport) -> SocketFailure {
        guard case .shared(let hub) = line, let offender = report.offender, offender != address,
            offender == hub.source(towards: address)
        else { return failure }
        let known = ICMPErrorReport(
            origin: report.origin, type: report.type, code: report.code, offender: offender, mtu: report.mtu,
            isFromOwnHost: true)
        return SocketFailure(code: failure.code, name: failure.name, icmp: known)
    }

    private static let wasClosed = Inability(
        .internalFault, action: "use an ICMP session", reason: "it was closed before",
        fix: "please report this with the command line")
}
