import CLinux
import Glibc
import LinuxIO
import NetValues
import ProbeKit
import Wire

/// A DNS server on a loopback address, UDP and TCP on one port, that answers, errs and stays silent by name.
package actor DNSFaultServer {
    /// One question as it arrived.
    package struct Seen: Hashable, Sendable {
        package let question: DNSQuestion
        package let isTCP: Bool
        package let client: Endpoint
        package let hadEDNS: Bool
    }

    private let reactor: Reactor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.executor.asUnownedSerialExecutor() }

    private let address: IPAddress
    private let faults: [String: DNSFault]
    private let listensOnTCP: Bool
    private var datagrams: OwnedSocket?
    private var listener: OwnedSocket?
    private var tasks: [Task<Void, Never>] = []
    private var counts: [String: Int] = [:]
    private var questions: [Seen] = []

    /// - Parameter faults: by canonical name (lower case, no trailing dot); `*` is for all others, which otherwise get
    ///   NXDOMAIN with the zone's SOA.
    package init(
        reactor: Reactor, address: IPAddress = .v4(IPv4Address(bits: 0x7f00_0001)), listensOnTCP: Bool = true,
        faults: [String: DNSFault]
    ) {
        self.reactor = reactor
        self.address = address
        self.listensOnTCP = listensOnTCP
        self.faults = faults
    }

    /// What was asked so far, the newest 100,000.
    package var seen: [Seen] { questions }

    /// Opens the sockets and begins to answer.
    /// - Returns: where; the port was free when it was chosen.
    @discardableResult
    package func start() async throws(SystemCallFailure) -> Endpoint {
        var last = SystemCallFailure("bind", code: EADDRINUSE)
        // A port free for TCP may be taken for UDP: then another one.
        for _ in 0..<16 {
            do throws(SystemCallFailure) { return try open() } catch { last = error }
            guard last.code == EADDRINUSE else { throw last }
        }
        throw last
    }

    private func open() throws(SystemCallFailure) -> Endpoint {
        let udp = try OwnedSocket(family: address.family, type: Int32(SOCK_DGRAM.rawValue), protocol: 0)
        try udp.bind(to: Endpoint(address, 0))
        enlargeBuffer(of: udp)
        guard let endpoint = udp.localEndpoint else { throw SystemCallFailure("getsockname") }
        if listensOnTCP { try openListener(endpoint) }
        try register(udp)
        datagrams = udp
        tasks.append(Task { await serveDatagrams(udp) })
        return endpoint
    }

    /// For bursts of thousands of questions: beyond net.core.rmem_max where we may.
    private func enlargeBuffer(of socket: OwnedSocket) {
        for option in [SO_RCVBUF, SO_RCVBUFFORCE] { try? socket.set(SOL_SOCKET, option, to: 8 << 20) }
    }

    private func openListener(_ endpoint: Endpoint) throws(SystemCallFailure) {
        let tcp = try OwnedSocket(family: address.family, type: Int32(SOCK_STREAM.rawValue), protocol: 0)
        try tcp.bind(to: endpoint)
        guard listen(tcp.descriptor, 1024) == 0 else { throw SystemCallFailure("listen") }
        try register(tcp)
        listener = tcp
        tasks.append(Task { await acceptConnections(tcp) })
    }

    private func register(_ socket: OwnedSocket) throws(SystemCallFailure) {
        let descriptor = socket.descriptor
        do {
            try reactor.assumeIsolated { try $0.register(descriptor) }
        } catch {
            throw error as? SystemCallFailure ?? SystemCallFailure("epoll_ctl", code: EINVAL)
        }
    }

    /// Ends every task and closes every socket; returns when that is done.
    package func stop() async {
        let running = tasks
        tasks = []
        for task in running { task.cancel() }
        for task in running { await task.value }
        for socket in [datagrams, listener].compactMap(\.self) { await reactor.unregister(socket.descriptor) }
        datagrams = nil
        listener = nil
    }

    // MARK: UDP

    private func serveDatagrams(_ socket: OwnedSocket) async {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var turn = 0
        while !Task.isCancelled {
            turn += 1
            // The clients of a demonstration live on the same thread: let them read.
            if turn % 32 == 0 { await Task.yield() }
            var datagram = leadsman_datagram()
            let code = leadsman_receive_datagrams(socket.descriptor, &datagram, &buffer, UInt32(buffer.count), 1)
            if code == 1, let client = Endpoint(datagram.sender) {
                take(Array(buffer.prefix(Int(datagram.length))), from: client, socket)
            } else if code == 0 {
                do { try await reactor.wait(for: .readable, on: socket.descriptor) } catch { return }
            }
        }
    }

    private func take(_ bytes: [UInt8], from client: Endpoint, _ socket: OwnedSocket) {
        guard let (action, delay) = decide(bytes, from: client, isTCP: false), case .reply(let reply) = action else {
            return
        }
        guard delay > .zero else { return send(reply, to: client, socket) }
        tasks.append(
            Task {
                try? await reactor.sleep(until: .now + delay)
                if !Task.isCancelled { send(reply, to: client, socket) }
            })
    }

    private func send(_ reply: [UInt8], to client: Endpoint, _ socket: OwnedSocket) {
        // Loopback takes it at once or drops it: either is a network's right.
        _ = SocketAddress(client).withPointer {
            sendto(socket.descriptor, reply, reply.count, Int32(MSG_NOSIGNAL), $0, $1)
        }
    }

    private func decide(_ bytes: [UInt8], from client: Endpoint, isTCP: Bool) -> (DNSServerAction, Duration)? {
        guard let query = try? DNSMessage(decoding: bytes), let question = query.questions.first else { return nil }
        let name = question.name.canonical
        if questions.count < 100_000 {
            questions.append(Seen(question: question, isTCP: isTCP, client: client, hadEDNS: query.edns != nil))
        }
        let fault = faults[name] ?? faults["*"] ?? .rcode(.nxDomain)
        let count = counts[name, default: 0]
        counts[name] = count + 1
        return (fault.action(for: query, isTCP: isTCP, seen: count), fault.delay)
    }

    // MARK: TCP

    private func acceptConnections(_ socket: OwnedSocket) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let descriptor = accept(socket.descriptor, nil, nil)
                if descriptor >= 0 {
                    // accept4 is hidden from Swift (_GNU_SOURCE).
                    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
                    let connection = OwnedSocket(adopting: descriptor)
                    group.addTask { await self.serve(connection) }
                } else if errno == EAGAIN {
                    do { try await reactor.wait(for: .readable, on: socket.descriptor) } catch { return }
                } else if errno != EINTR && errno != ECONNABORTED {
                    // Out of descriptors as a rule: try again when some may be free.
                    try? await reactor.sleep(until: .now + .milliseconds(20))
                }
            }
        }
    }

    private func serve(_ connection: OwnedSocket) async {
        do { try register(connection) } catch { return }
        await converse(connection)
        await reactor.unregister(connection.descriptor)
    }

    /// Answers questions in turn until the client or a fault ends the connection.
    private func converse(_ connection: OwnedSocket) async {
        let client = peer(of: connection)
        while let size = await read(2, from: connection),
            let bytes = await read(Int(size[0]) << 8 | Int(size[1]), from: connection)
        {
            guard let (action, delay) = decide(bytes, from: client, isTCP: true) else { return }
            if delay > .zero { try? await reactor.sleep(until: .now + delay) }
            switch action {
            case .close: return
            case .nothing: continue
            case .stream(let fault, let reply): return await play(fault, reply, on: connection)
            case .reply(let reply):
                guard await send(reply, through: connection) else { return }
            }
        }
    }

    private func send(_ reply: [UInt8], through connection: OwnedSocket) async -> Bool {
        let message = [UInt8(truncatingIfNeeded: reply.count >> 8), UInt8(truncatingIfNeeded: reply.count)] + reply
        return await write(message, to: connection)
    }

    /// - Returns: false when the server is being stopped.
    func nap(_ span: Duration) async -> Bool {
        do { try await reactor.sleep(until: .now + span) } catch { return false }
        return !Task.isCancelled
    }

    private func peer(of connection: OwnedSocket) -> Endpoint {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: sockaddr_storage is made to hold any socket address, and `length` says how long it is.
        _ = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getpeername(connection.descriptor, $0, &length)
            }
        }
        return Endpoint(storage) ?? Endpoint(address, 0)
    }

    func read(_ count: Int, from connection: OwnedSocket) async -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: max(1, count))
        while bytes.count < count {
            let got = recv(connection.descriptor, &buffer, count - bytes.count, 0)
            if got > 0 {
                bytes += buffer[..<got]
            } else if got < 0, errno == EAGAIN {
                do { try await reactor.wait(for: .readable, on: connection.descriptor) } catch { return nil }
            } else {
                return nil
            }
        }
        return bytes
    }

    func write(_ bytes: [UInt8], to connection: OwnedSocket) async -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            // SAFETY: the pointer is used within the closure only.
            let sent = rest.withUnsafeBytes {
                Glibc.send(connection.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if sent > 0 {
                rest = rest.dropFirst(sent)
            } else if errno == EAGAIN {
                do { try await reactor.wait(for: .writable, on: connection.descriptor) } catch { return false }
            } else {
                return false
            }
        }
        return true
    }
}
