import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit
import Synchronization
import Wire

/// A socket for echo requests and the series that it serves: one, over a connected ping socket, or all that send alike. They share
/// a raw socket, since each of those gets a copy of every reply, so that a thousand series would cost a million copies; and a ping
/// socket where there are many, since descriptors are few. There the sender of a reply tells whose it is.
///
/// It runs the series itself, in turns: read what came, then send what is due. Requests leave one by one and not several by
/// one call, since the round trip begins with the clock read just before the call.
///
/// `@unchecked Sendable`: touched only on the reactor's thread, to which the actors that hold it are pinned.
final class EchoHub: @unchecked Sendable {
    /// So many calls, then the reactor's other work has its turn.
    private static let mostCalls = 8
    /// As many series are attended to in one turn as replies are read by one call.
    private static let mostInOneCall = 64
    /// Replies that flood the socket keep requests from timing out for so many turns.
    private static let mostTurnsBehind = 256
    /// What one wake-up reads of the error queue.
    private static let mostErrors = 128

    private let socket: EchoSocket
    private let reactor: Reactor
    private let source: IPAddress?
    private let isShared: Bool
    /// By their tickets, which over a raw socket are their identifiers.
    private var members: [UInt16: EchoMember] = [:]
    /// Of those who share a ping socket, and so its identifier.
    private var tickets: [IPAddress: UInt16] = [:]
    private var sharedIdentifier: UInt16 = 0
    private var batch: DatagramBatch
    private var largest: Int
    private var isConnected = false
    /// False when the last member has left.
    private(set) var isOpen = true

    /// When which member is due. An entry that its member no longer has is passed over.
    private var agenda = DeadlineHeap()
    private var unsettled: [EchoMember] = []
    /// What is being sent.
    private var packet: [UInt8] = []
    /// All that had come by then was handed out.
    private var readUntil = Instant.now
    private var turnsBehind = 0
    /// Set while nothing is to do.
    private var rest: (ticket: ParkingLot.Ticket, until: Instant?)?

    init(
        _ socket: EchoSocket, _ source: IPAddress?, _ settings: EchoSettings, isShared: Bool, reactor: Reactor
    ) throws(SystemCallFailure) {
        self.socket = socket
        self.source = source
        self.isShared = isShared
        self.reactor = reactor
        largest = settings.size
        batch = Self.batch(isShared, size: settings.size)
        // Some thousand replies of ordinary size where many series share it.
        try socket.configure(settings, room: isShared ? 8 << 20 : 1 << 20)
        if let source {
            try socket.bind(to: source)
        } else if socket.kind == .ping, isShared {
            // For an identifier.
            try socket.bind(to: socket.family == .v4 ? .v4(IPv4Address(bits: 0)) : .v6(IPv6Address(high: 0, low: 0)))
        }
        if socket.kind == .ping, isShared { sharedIdentifier = socket.identifier }
        try reactor.executor.register(socket.descriptor)
        Task(executorPreference: reactor.executor) { await self.work() }
    }

    /// Few of large ones: a quarter of a megabyte in all.
    private static func batch(_ isShared: Bool, size: Int) -> DatagramBatch {
        let most = isShared ? mostInOneCall : 4
        return EchoSocket.batch(of: max(1, min(most, (1 << 18) / (size + 128))), size: size)
    }

    // MARK: Members

    func hasRoom(for address: IPAddress) -> Bool { members.count < 32_768 && tickets[address] == nil }

    /// Raw sockets see each other's replies, so no two series of this process may share an identifier, whatever hub they are
    /// of. Where those begin is random, so that two processes rarely share one.
    private static let lastIdentifier = Atomic<UInt16>(UInt16.random(in: .min ... .max))

    static func newIdentifier() -> UInt16 { lastIdentifier.wrappingAdd(1, ordering: .relaxed).newValue }

    private func newTicket() -> UInt16 {
        while true {
            let ticket = Self.newIdentifier()
            if members[ticket] == nil { return ticket }
        }
    }

    /// A new series, whose requests and replies carry an identifier of its own.
    func session(to address: IPAddress, size: Int) -> EchoSocketSession {
        if size > largest {
            largest = size
            batch = Self.batch(isShared, size: size)
        }
        let ticket = newTicket()
        let member = EchoMember(
            to: address, ticket: ticket, socket.kind == .raw ? ticket : sharedIdentifier, size: size)
        members[ticket] = member
        if socket.kind == .ping, isShared { tickets[address] = ticket }
        return EchoSocketSession(member, at: self, reactor.executor)
    }

    func has(_ member: EchoMember) -> Bool { members[member.ticket] === member }

    /// Whose a reply or an error is.
    /// - Parameter peer: where the request went.
    private func member(_ identifier: UInt16, _ peer: IPAddress?) -> EchoMember? {
        if socket.kind == .raw { return members[identifier] }
        let member = isShared ? peer.flatMap { tickets[$0] }.flatMap { members[$0] } : members.first?.value
        return member?.identifier == identifier ? member : nil
    }

    func leave(_ member: EchoMember) {
        guard has(member) else { return }
        members[member.ticket] = nil
        tickets[member.address] = nil
        end(member, .cancelled)
        guard members.isEmpty else { return }
        isOpen = false
        reactor.executor.unregister(socket.descriptor)
    }

    // MARK: Courses

    func begin(_ course: any EchoCourse, _ member: EchoMember, _ continuation: UnsafeContinuation<Wake, Never>) {
        member.run = EchoMember.Run(course: course, continuation: continuation)
        attend(member)
    }

    func end(_ member: EchoMember, _ reason: Wake) {
        guard let run = member.run else { return }
        member.run = nil
        run.continuation.resume(returning: reason)
    }

    private func work() async {
        while isOpen {
            if turn() { await Task.yield() } else { await idle() }
        }
    }

    /// Until something comes or is due.
    private func idle() async {
        let ticket = reactor.executor.newTicket()
        _ = await withUnsafeContinuation { continuation in
            guard isOpen else { return continuation.resume(returning: Wake.ready) }
            let until = agenda.first?.instant
            rest = (ticket, until)
            reactor.executor.park(ticket, on: (socket.descriptor, .readable), until: until, continuation)
        }
        rest = nil
    }

    /// True when there is more to do at once.
    private func turn() -> Bool {
        // What is there now is read now; only what comes later is news.
        _ = reactor.executor.takeReadiness(socket.descriptor, .readable)
        let now = Instant.now
        let isEmptied = drain()
        turnsBehind = isEmptied ? 0 : turnsBehind + 1
        // A reply that has come is never overtaken by its timeout, however late we are ourselves.
        if turnsBehind == 0 || turnsBehind > Self.mostTurnsBehind { readUntil = now }
        settleAll()
        return attendToThoseDue(at: now) || !isEmptied
    }

    private func settleAll() {
        for member in unsettled {
            member.isUnsettled = false
            settle(member)
        }
        unsettled.removeAll(keepingCapacity: true)
    }

    /// True when others are due yet.
    private func attendToThoseDue(at now: Instant) -> Bool {
        var attended = 0
        while let first = agenda.first, first.instant <= now {
            guard attended < Self.mostInOneCall else { return true }
            agenda.removeFirst()
            guard let member = members[UInt16(first.ticket)], member.dueAt == first.instant else { continue }
            member.dueAt = nil
            attend(member)
            attended += 1
        }
        return false
    }

    private func attend(_ member: EchoMember) {
        guard let course = member.run?.course else { return }
        let now = Instant.now
        if let request = member.waiting {
            send(request, of: member, course, at: now)
        } else if let sequence = course.sequenceDue(at: now) {
            send(sequence, of: member, course, at: now)
        }
        settle(member)
    }

    private func settle(_ member: EchoMember) {
        guard let run = member.run else { return }
        guard let next = run.course.settle(at: readUntil) else { return end(member, .ready) }
        // A full queue of the own host empties quickly, and none of our requests is passed by another of its series.
        schedule(member, at: member.waiting == nil ? next : .now + .milliseconds(1))
    }

    private func schedule(_ member: EchoMember, at instant: Instant) {
        guard member.dueAt != instant else { return }
        member.dueAt = instant
        agenda.insert(instant, UInt64(member.ticket))
        guard let rest, rest.until.map({ instant < $0 }) ?? true else { return }
        self.rest = nil
        reactor.executor.wake(rest.ticket, .ready)
    }

    // MARK: Sending

    private func send(_ sequence: UInt16, of member: EchoMember, _ course: any EchoCourse, at now: Instant) {
        if let code = connect(member) {
            return course.refuse(sequence, SocketFailure(code: code, name: errnoName(code)), at: now)
        }
        if !member.hasBegun {
            member.hasBegun = true
            course.begin(identifier: member.identifier)
        }
        send(member.request(sequence, giveUpAt: now + .seconds(1), in: &packet), of: member, course, at: now)
    }

    private func send(
        _ request: EchoMember.Request, of member: EchoMember, _ course: any EchoCourse, at now: Instant
    ) {
        member.waiting = nil
        var code = transmit(request, of: member)
        if code == 0 { return }
        var report: ICMPErrorReport?
        if code != EAGAIN {
            // The error of an earlier request waits in the socket and fails the next one, which has not even left. A failure
            // of this one's own repeats itself.
            readErrors()
            code = transmit(request, of: member)
            if code == 0 { return }
            report = code == EAGAIN ? nil : readErrors()
        }
        if code == EAGAIN, now < request.giveUpAt {
            member.waiting = request
        } else {
            member.forget(request)
            course.refuse(request.sequence, SocketFailure(code: code, name: errnoName(code), icmp: report), at: now)
        }
    }

    /// 0, or the errno.
    private func transmit(_ request: EchoMember.Request, of member: EchoMember) -> Int32 {
        member.stamp(request)
        return isShared ? socket.send(request.packet, to: member.destination) : socket.send(request.packet)
    }

    /// A ping socket of one series, before each request until it succeeds: without a route it fails, and a route may come.
    /// - Returns: the errno, nil when there was none.
    private func connect(_ member: EchoMember) -> Int32? {
        guard !isShared, !isConnected else { return nil }
        let code = socket.connect(to: member.address)
        guard code == 0 else { return code }
        isConnected = true
        member.identifier = socket.identifier
        return nil
    }

    /// The own address that packets to `target` leave from; nil where the system does not say.
    private func source(towards target: IPAddress) -> IPAddress? {
        if let source { return source }
        // Connecting a datagram socket sends nothing and chooses the address.
        guard let probe = try? OwnedSocket(family: target.family, type: Int32(SOCK_DGRAM.rawValue), protocol: 0),
            probe.connect(to: Endpoint(target, 9)) == 0
        else { return nil }
        return probe.localEndpoint?.address
    }

    // MARK: Reading

    /// Hands what waits in the socket to those it is for. False when it stopped before the socket was empty. An error that
    /// waits fails the read, so the error queue is asked only then.
    private func drain() -> Bool {
        for _ in 0..<Self.mostCalls {
            switch batch.receive(from: socket.descriptor) {
            case .nothing: return true
            case .failed: readErrors()
            case .some:
                let read = EchoStamp.now
                batch.forEach { deliver(socket.read($0), read) }
            }
        }
        return false
    }

    private func deliver(_ datagram: EchoDatagram, _ read: EchoStamp) {
        guard case .echoReply(let echo) = try? ICMPMessage(decoding: datagram.message, socket.family),
            let member = member(echo.identifier, datagram.sender)
        else { return }
        hand(member.event(echo, datagram, read: read), to: member, at: read.monotonic)
    }

    private func hand(_ event: EchoEvent, to member: EchoMember, at now: Instant = .now) {
        guard let course = member.run?.course else { return }
        course.receive(event, at: now)
        guard !member.isUnsettled else { return }
        member.isUnsettled = true
        unsettled.append(member)
    }

    /// Empties the error queue; returns the last error of the own kernel, which belongs to the call that has just failed.
    @discardableResult
    private func readErrors() -> ICMPErrorReport? {
        var local: ICMPErrorReport?
        for _ in 0..<Self.mostErrors {
            guard let record = socket.nextQueuedError() else { break }
            guard let report = record.failure.icmp, report.origin != .local else {
                local = record.failure.icmp ?? local
                continue
            }
            // The queue also tells of redirects and source quench, which answer packets that went on.
            guard let echo = QuotedEcho(decoding: record.quoted[...], socket.family),
                let member = member(echo.identifier, record.destination), member.hasSent(echo, record),
                ICMPError.isError(type: report.type, socket.family)
            else { continue }
            hand(.error(sequence: echo.sequence, withOwnHostNamed(record.failure, report, of: member)), to: member)
        }
        return local
    }

    /// A shared socket has no peer and so no address of its own, by which to know errors that the own kernel tells itself.
    private func withOwnHostNamed(
        _ failure: SocketFailure, _ report: ICMPErrorReport, of member: EchoMember
    ) -> SocketFailure {
        guard isShared, let offender = report.offender, offender != member.address,
            offender == source(towards: member.address)
        else { return failure }
        let known = ICMPErrorReport(
            origin: report.origin, type: report.type, code: report.code, offender: offender, mtu: report.mtu,
            isFromOwnHost: true)
        return SocketFailure(code: failure.code, name: failure.name, icmp: known)
    }
}
