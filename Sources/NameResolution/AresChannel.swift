import CAres
import CLinux
import Glibc
import LinuxIO
import NetValues
import Observations
import ProbeKit
import Wire

/// One c-ares channel: one server, one transport, one source address. Used on the reactor's thread only, as c-ares 1.18
/// has no locks of its own; its callbacks run within our calls to it.
final class AresChannel {
    /// What queries must have in common to share a channel.
    struct Key: Hashable {
        let server: Endpoint
        let source: IPAddress?
        let transport: DNSFact.Transport
        /// c-ares' own timer in milliseconds: only an upper bound, since each query has a deadline of its own.
        let timer: Int32
    }

    let key: Key
    let reactor: Reactor
    private var handle: OpaquePointer?
    private(set) var outstanding: [UInt16: OutstandingQuery] = [:]
    private var ids = QueryIDs()
    /// That c-ares is about to send.
    private var leaving: OutstandingQuery?
    /// Queries whose askers wait: counted by them before they send.
    var waiting = 0
    var sockets: [Int32: AresSocket] = [:]
    /// Opened since the caller last looked; the reactor does not watch them yet.
    var unwatched: [AresSocket] = []
    /// A socket was opened, or c-ares wants to write to one, since the caller last looked.
    var hasUnsettledSocket = false
    /// Why the socket that the present query needs is not there.
    var obstacle: Obstacle?
    private var lastStray: Stray?
    /// A question was given up just now: who asks it again shall have the same socket, so that a late answer finds it.
    var lingers = false

    enum Obstacle {
        case ours(Inability)
        case network(SocketFailure)
    }

    init(_ key: Key, reactor: Reactor) throws(Inability) {
        self.key = key
        self.reactor = reactor
        try open()
    }

    /// Otherwise another channel, and so another socket, takes the next query: the answers to what is in flight must fit one
    /// receive buffer, and half of all ids are enough to be used of one socket.
    var hasRoom: Bool { waiting < 128 && ids.count < 32_768 }

    private func open() throws(Inability) {
        guard aresLibraryStatus == 0 else { throw Self.inability(aresLibraryStatus) }
        let status = withAresOptions(key, stateData: pointerToSelf) { options, mask in
            ares_init_options(&handle, &options, mask)
        }
        guard status == ARES_SUCCESS, let handle else { throw Self.inability(status) }
        let code = ares_set_servers_ports_csv(handle, Self.csv(key.server))
        guard code == ARES_SUCCESS else {
            close()
            throw Self.inability(code)
        }
        ares_set_socket_functions(handle, aresSocketHooks, pointerToSelf)
    }

    // SAFETY: c-ares keeps this pointer until ares_destroy in `close()`, which the owner calls before letting go of us.
    private var pointerToSelf: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    /// Without a zone, which c-ares cannot read: our own hook connects, and it knows the zone.
    private static func csv(_ server: Endpoint) -> String {
        guard case .v6(let address) = server.address else { return server.description }
        return Endpoint(.v6(IPv6Address(high: address.high, low: address.low)), server.port).description
    }

    private static func inability(_ status: Int32) -> Inability {
        let reason = ares_strerror(status).map { String(cString: $0) } ?? "status \(status)"
        let code: Inability.Code = status == ARES_ENOMEM ? .noMemory : .internalFault
        return Inability(
            code, action: "open a resolver channel", reason: "c-ares: \(reason)",
            fix: "please report this with the command line")
    }

    /// Ends everything: c-ares calls back for what is still outstanding and closes its sockets.
    func close() {
        guard let handle else { return }
        self.handle = nil
        ares_destroy(handle)
    }

    // MARK: Queries

    func freshID() -> UInt16 { ids.next() }

    func send(_ packet: [UInt8], for query: OutstandingQuery) {
        guard let handle else { return query.finish(.timedOut, at: .now) }
        outstanding[query.id] = query
        obstacle = nil
        if key.transport == .tcp { query.sentAt = .now }
        leaving = query
        defer {
            leaving = nil
            query.source = sockets.values.first?.localEndpoint
        }
        // SAFETY: the retained box is released in `aresAnswered`, which c-ares calls exactly once for each accepted query.
        ares_send(handle, packet, Int32(packet.count), aresAnswered, Unmanaged.passRetained(query).toOpaque())
    }

    /// The query that a packet of ours holds.
    func query(in packet: UnsafeRawBufferPointer) -> OutstandingQuery? {
        guard packet.count >= 2 else { return nil }
        let id = UInt16(packet[0]) << 8 | UInt16(packet[1])
        return leaving?.id == id ? leaving : outstanding[id]
    }

    /// c-ares is done with the query. An answer was already seen in the receive hook, so what is left here is failure.
    fileprivate func complete(_ query: OutstandingQuery, status: Int32) {
        outstanding[query.id] = nil
        guard !query.isFinished else { return }
        switch obstacle {
        case .ours(let inability): query.interrupt(.unable(inability))
        case .network(let failure): query.finish(.failed(failure), at: .now)
        case nil: query.expire(at: .now)
        }
    }

    func expire(at now: Instant) -> Instant? {
        var earliest: Instant?
        for query in outstanding.values where !query.isFinished {
            if query.deadline <= now {
                query.expire(at: now)
                lingers = key.transport == .udp
            } else {
                earliest = min(earliest ?? query.deadline, query.deadline)
            }
        }
        return earliest
    }

    // MARK: Events

    /// Lets c-ares read or write until the socket has no more for it, or for one turn's worth.
    /// - Returns: whether there is more to do at once.
    func process(_ socket: AresSocket, _ interest: Interest) -> Bool {
        socket.burst = 0
        repeat {
            guard let handle, socket.isOpen else { return false }
            socket.isDrained = true
            switch interest {
            case .readable: ares_process_fd(handle, socket.descriptor, ARES_SOCKET_BAD)
            case .writable:
                socket.flush()
                ares_process_fd(handle, ARES_SOCKET_BAD, socket.descriptor)
            }
        } while !socket.isDrained && socket.burst < AresChannel.burstLimit
        return socket.isOpen && !socket.isDrained
    }

    /// So many reads, then the reactor's other work has its turn: a peer that never stops cannot hold the thread.
    static let burstLimit = 256

    func tick() {
        guard let handle else { return }
        for socket in sockets.values { socket.flush() }
        ares_process_fd(handle, ARES_SOCKET_BAD, ARES_SOCKET_BAD)
    }

    // MARK: What came

    func stray(since start: Instant) -> Stray? {
        lastStray.flatMap { $0.arrivedAt >= start ? $0 : nil }
    }

    /// A datagram or a TCP message from the server, seen before c-ares sees it.
    func received(_ bytes: [UInt8], at now: Instant) {
        guard bytes.count >= 12 else {
            lastStray = Stray("\(bytes.count) bytes are too few for a DNS message", bytes, at: now)
            return
        }
        let id = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        guard let query = outstanding[id] else {
            if !ids.contains(id) { lastStray = Stray("an answer to a query id that was never used", bytes, at: now) }
            return
        }
        if !query.isFinished {
            judge(bytes, for: query, at: now)
        } else if let asked = waiting(since: query) {
            judge(bytes, for: asked, at: now)
        }
    }

    /// An answer to a datagram that was given up, while its asker waits for the answer to the next: a slow server is not a
    /// silent one. The time counts from the first datagram. The same question with less EDNS is another one.
    private func waiting(since late: OutstandingQuery) -> OutstandingQuery? {
        let next = outstanding.values.first {
            !$0.isFinished && $0.question == late.question && $0.offeredSize == late.offeredSize
        }
        next?.sentAt = late.sentAt ?? next?.sentAt
        return next
    }

    private func judge(_ bytes: [UInt8], for query: OutstandingQuery, at now: Instant) {
        do throws(WireError) {
            let message = try DNSMessage(decoding: bytes)
            if !message.isResponse {
                query.finish(
                    .malformed(reason: "a question came back in place of an answer", bytes: Array(bytes.prefix(64))),
                    at: now)
            } else if message.opcode != 0 {
                query.stray = Stray("the answer has opcode \(message.opcode), not that of a query", bytes, at: now)
            } else if message.answers(query.question) {
                query.finish(.answered(message), at: now)
            } else {
                query.stray = Stray("the answer is for another question", bytes, at: now)
            }
        } catch {
            query.finish(.malformed(reason: error.description, bytes: Array(bytes.prefix(64))), at: now)
        }
    }

    func interrupt(_ interruption: ProbeInterruption) {
        for query in outstanding.values { query.interrupt(interruption) }
    }

    /// An error of the whole connection or socket: of the query that the kernel quotes, or of all.
    func failed(_ failure: SocketFailure, quoting quoted: [UInt8] = []) {
        let now = Instant.now
        if quoted.count >= 2 {
            outstanding[UInt16(quoted[0]) << 8 | UInt16(quoted[1])]?.finish(.failed(failure), at: now)
        } else {
            for query in outstanding.values { query.finish(.failed(failure), at: now) }
        }
    }

    /// The server ended the TCP connection before its answer was whole.
    func closedByPeer(after partial: [UInt8]) {
        let reason =
            partial.isEmpty
            ? "the server closed the connection without an answer"
            : "the server closed the connection within its answer"
        for query in outstanding.values {
            query.finish(.malformed(reason: reason, bytes: Array(partial.prefix(64))), at: .now)
        }
    }
}

extension DNSMessage {
    /// Old servers send FORMERR and the like as a bare header, without the question.
    fileprivate func answers(_ question: DNSQuestion) -> Bool {
        guard let first = questions.first else { return rcode != .noError }
        return questions.count == 1 && first.type == question.type && first.recordClass == question.recordClass
            && (first.name == question.name || first.name.canonical == question.name.canonical)
    }
}

/// Called by c-ares within `ares_send`, `ares_process_fd` and `ares_destroy`: it only records, it never calls c-ares.
private let aresAnswered: ares_callback = { pointer, status, _, _, _ in
    guard let pointer else { return }
    // SAFETY: balances passRetained in `send`; c-ares calls back exactly once.
    let query = Unmanaged<OutstandingQuery>.fromOpaque(pointer).takeRetainedValue()
    query.channel.complete(query, status: status)
}
