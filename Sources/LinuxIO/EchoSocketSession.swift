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
    private struct Sent {
        let request: UInt32
        var stamp: EchoStamp
    }

    /// Of each sequence number the last request.
    private var sent: [UInt16: Sent] = [:]
    private var requests: UInt32 = 0
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
        let request = requests
        requests &+= 1
        let packet = ICMPEcho(
            identifier: identifier, sequence: sequence, payload: pattern.payload(request: request)[...]
        )
        .request(socket.family)
        // Errors of earlier requests wait in the socket and would fail this one, which has not even left.
        _ = readErrors(socket)
        sent[sequence] = Sent(request: request, stamp: .now)
        let code = try await transmit(packet, sequence, socket)
        if code == 0 { return nil }
        let errors = readErrors(socket)
        guard errors.areRemote else { return fail(sequence, code, errors.local) }
        // Such an error came in at this very moment, so the request has still not left: once more.
        let second = try await transmit(packet, sequence, socket)
        return second == 0 ? nil : fail(sequence, second, readErrors(socket).local)
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
            _ = socket.takeError()
            sent[sequence]?.stamp = .now
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

    /// True when it stopped before the socket was empty.
    private func drain(_ socket: EchoSocket) -> Bool {
        _ = readErrors(socket)
        for _ in 0..<Self.mostAtOnce {
            switch socket.receive(into: &buffer) {
            case .nothing: return false
            case .failed: _ = readErrors(socket)
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
        guard let sent = sent[echo.sequence], isWhole, isFromTarget, pattern.matches(echo, request: sent.request) else {
            return .foreign
        }
        let trip = sent.stamp.roundTrip(kernelStamp: datagram.stamp, read: .now)
        return .reply(
            sequence: echo.sequence, roundTrip: trip.span, hopLimit: datagram.hopLimit,
            isKernelStamped: trip.isKernelStamped)
    }

    /// Empties the error queue. Errors of the own kernel belong to the call that has just failed; those that came in
    /// packets become events.
    private func readErrors(_ socket: EchoSocket) -> (local: ICMPErrorReport?, areRemote: Bool) {
        var local: ICMPErrorReport?
        var areRemote = false
        for _ in 0..<Self.mostAtOnce {
            guard let (failure, quoted) = socket.nextQueuedError() else { break }
            guard let report = failure.icmp, report.origin != .local else {
                local = failure.icmp ?? local
                continue
            }
            areRemote = true
            if let event = event(failure, report, quoted, socket.family) { events.append(event) }
        }
        return (local, areRemote)
    }

    private func event(
        _ failure: SocketFailure, _ report: ICMPErrorReport, _ quoted: [UInt8], _ family: IPAddress.Family
    ) -> EchoEvent? {
        // The queue also tells of redirects and source quench, which answer packets that went on.
        guard ICMPError.isError(type: report.type, family) else { return nil }
        guard let echo = QuotedEcho(decoding: quoted[...], family), echo.identifier == identifier,
            let sent = sent[echo.sequence],
            pattern.mayBegin(quoted.dropFirst(ICMPMessage.headerLength), request: sent.request)
        else { return nil }
        return .error(sequence: echo.sequence, failure)
    }

    private static let closed = Inability(
        .internalFault, action: "use an ICMP session", reason: "it was closed before",
        fix: "please report this with the command line")
}
