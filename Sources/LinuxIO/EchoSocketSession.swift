import Glibc
import NetValues
import Observations
import ProbeKit
import Wire

/// Sends and reads on the reactor's thread. What one wake-up finds is read in one go and handed out event by event.
actor EchoSocketSession: EchoSession {
    /// Enough to empty a burst at once, few enough to let others have the thread.
    private static let mostAtOnce = 128

    nonisolated let executor: ReactorExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let reactor: Reactor
    private let pattern: EchoPattern
    /// Nil after `close()`.
    private var socket: EchoSocket?
    private var isConnected = false
    private var identifier: UInt16 = 0
    /// When each sequence number was sent last.
    private var sent: [UInt16: EchoStamp] = [:]
    private var events: [EchoEvent] = []
    private var nextEvent = 0
    private var buffer: [UInt8]

    init(_ socket: EchoSocket, size: Int, reactor: Reactor) {
        self.socket = socket
        self.reactor = reactor
        executor = reactor.executor
        pattern = EchoPattern(cookie: .random(in: .min ... .max), size: size)
        // The largest IPv4 header, the ICMP header, and one byte more, so that a longer reply is seen to be longer.
        buffer = [UInt8](repeating: 0, count: 60 + ICMPMessage.headerLength + size + 1)
    }

    deinit {
        guard let socket else { return }
        // The closure holds the descriptor open until the reactor has forgotten it, so that its number cannot be another's.
        executor.submit { $0.unregister(socket.descriptor) }
    }

    func close() {
        guard let socket else { return }
        executor.unregister(socket.descriptor)
        self.socket = nil
    }

    // MARK: Sending

    func send(sequence: UInt16) async throws(ProbeInterruption) -> SocketFailure? {
        guard let socket else { throw .unable(Self.closed) }
        if let failure = connect(socket) { return failure }
        let packet = ICMPEcho(
            identifier: identifier, sequence: sequence, payload: pattern.payload(sequence: sequence)[...]
        )
        .request(socket.family)
        if try await transmit(packet, sequence, socket) == 0 { return nil }
        // The error of an earlier request waits in the socket and fails the next one, which has not even left. A failure of
        // this one's own repeats itself.
        readErrors(socket)
        let code = try await transmit(packet, sequence, socket)
        return code == 0 ? nil : fail(sequence, code, readErrors(socket))
    }

    private func fail(_ sequence: UInt16, _ code: Int32, _ report: ICMPErrorReport?) -> SocketFailure {
        sent[sequence] = nil
        return SocketFailure(code: code, name: errnoName(code), icmp: report)
    }

    /// Before each request until it succeeds: without a route it fails, and a route may come.
    private func connect(_ socket: EchoSocket) -> SocketFailure? {
        guard !isConnected else { return nil }
        let code = socket.connect()
        guard code == 0 else { return SocketFailure(code: code, name: errnoName(code)) }
        isConnected = true
        identifier = socket.identifier
        return nil
    }

    private func transmit(
        _ packet: [UInt8], _ sequence: UInt16, _ socket: EchoSocket
    ) async throws(ProbeInterruption) -> Int32 {
        let deadline = Instant.now + .seconds(1)
        while true {
            sent[sequence] = .now
            let code = socket.send(packet)
            guard code == EAGAIN else { return code }
            guard try await reactor.wait(for: .writable, on: socket.descriptor, until: deadline) else { return code }
        }
    }

    // MARK: Receiving

    func receive(deadline: Instant) async throws(ProbeInterruption) -> EchoEvent? {
        while true {
            if let event = takeEvent() { return event }
            guard let socket else { throw .unable(Self.closed) }
            let mayHaveMore = drain(socket)
            if let event = takeEvent() { return event }
            guard !mayHaveMore else {
                // All of it was other people's.
                await Task.yield()
                if Task.isCancelled { throw .cancelled }
                if Instant.now >= deadline { return nil }
                continue
            }
            if Instant.now >= deadline { return nil }
            if try await reactor.wait(for: .readable, on: socket.descriptor, until: deadline) { continue }
            if self.socket != nil { _ = drain(socket) }
            return takeEvent()
        }
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
    private func drain(_ socket: EchoSocket) -> Bool {
        for _ in 0..<Self.mostAtOnce {
            switch socket.receive(into: &buffer) {
            case .nothing: return false
            case .failed: readErrors(socket)
            case .datagram(let datagram):
                if let event = event(datagram, socket) { events.append(event) }
            }
        }
        return true
    }

    private func event(_ datagram: EchoDatagram, _ socket: EchoSocket) -> EchoEvent? {
        guard case .echoReply(let echo) = try? ICMPMessage(decoding: datagram.message, socket.family),
            echo.identifier == identifier
        else { return nil }
        let isWhole = socket.family == .v6 || ICMPMessage.isChecksumRight(datagram.message)
        let isFromTarget = datagram.sender?.bytes == socket.address.bytes || socket.address.isUnspecified
        guard let stamp = sent[echo.sequence], isWhole, isFromTarget, pattern.matches(echo) else { return .foreign }
        let trip = stamp.roundTrip(kernelStamp: datagram.stamp, read: .now)
        return .reply(
            sequence: echo.sequence, roundTrip: trip.span, hopLimit: datagram.hopLimit,
            isKernelStamped: trip.isKernelStamped)
    }

    /// Empties the error queue. Those that came in packets become events; the last of the own kernel belongs to the call that
    /// has just failed, and is returned.
    @discardableResult
    private func readErrors(_ socket: EchoSocket) -> ICMPErrorReport? {
        var local: ICMPErrorReport?
        for _ in 0..<Self.mostAtOnce {
            guard let (failure, quoted) = socket.nextQueuedError() else { break }
            guard let report = failure.icmp, report.origin != .local else {
                local = failure.icmp ?? local
                continue
            }
            if let event = event(failure, report, quoted, socket.family) { events.append(event) }
        }
        return local
    }

    private func event(
        _ failure: SocketFailure, _ report: ICMPErrorReport, _ quoted: [UInt8], _ family: IPAddress.Family
    ) -> EchoEvent? {
        // The queue also tells of redirects and source quench, which answer packets that went on.
        guard ICMPError.isError(type: report.type, family) else { return nil }
        guard let echo = QuotedEcho(decoding: quoted[...], family), echo.identifier == identifier,
            sent[echo.sequence] != nil
        else { return nil }
        return .error(sequence: echo.sequence, failure)
    }

    private static let closed = Inability(
        .internalFault, action: "use an ICMP session", reason: "it was closed before",
        fix: "please report this with the command line")
}
