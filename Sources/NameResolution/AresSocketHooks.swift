import CAres
import CLinux
import Glibc
import LinuxIO
import NetValues
import Observations

// c-ares calls these in place of the system calls, always within one of our calls to it and so on the reactor's thread.
// SAFETY: the user data is the channel, which outlives its c-ares handle (`AresChannel.close`).

private func channel(_ pointer: UnsafeMutableRawPointer?) -> AresChannel? {
    pointer.map { Unmanaged<AresChannel>.fromOpaque($0).takeUnretainedValue() }
}

/// Returns an errno as a C function does; last, since anything between could change it.
private func fail(_ code: Int32) -> Int {
    errno = code
    return -1
}

let aresSocketState: ares_sock_state_cb = { pointer, descriptor, _, writable in
    guard let channel = channel(pointer) else { return }
    channel.sockets[descriptor]?.wantsWrite = writable != 0
    if writable != 0 { channel.hasUnsettledSocket = true }
}

private let socketHooks = ares_socket_functions(
    asocket: { _, type, _, pointer in
        guard let channel = channel(pointer) else { return Int32(fail(EINVAL)) }
        return channel.openSocket(isStream: type == Int32(SOCK_STREAM.rawValue)).map { $0.descriptor }
            ?? Int32(fail(EMFILE))
    },
    aclose: { descriptor, pointer in
        channel(pointer)?.closeSocket(descriptor)
        return 0
    },
    aconnect: { descriptor, _, _, pointer in
        let code = channel(pointer)?.connect(descriptor) ?? EINVAL
        return code == 0 ? 0 : Int32(fail(code))
    },
    arecvfrom: { descriptor, buffer, length, flags, from, fromLength, pointer in
        guard let channel = channel(pointer), let buffer, let socket = channel.sockets[descriptor] else {
            return fail(EBADF)
        }
        let count = channel.receive(socket) { recvfrom(descriptor, buffer, length, flags, from, fromLength) }
        guard count > 0 else { return count == 0 ? 0 : fail(Int32(-count)) }
        channel.took(Array(UnsafeRawBufferPointer(start: buffer, count: count)), from: socket)
        return count
    },
    asendv: { descriptor, vectors, count, pointer in
        guard let channel = channel(pointer), let vectors, let socket = channel.sockets[descriptor] else {
            return fail(EBADF)
        }
        let sent = channel.transmit(UnsafeBufferPointer(start: vectors, count: Int(count)), through: socket)
        return sent >= 0 ? sent : fail(Int32(-sent))
    })

/// c-ares keeps the pointer, not the functions behind it.
// SAFETY: allocated once for the life of the process and never written again.
nonisolated(unsafe) let aresSocketHooks: UnsafePointer<ares_socket_functions> = {
    let pointer = UnsafeMutablePointer<ares_socket_functions>.allocate(capacity: 1)
    pointer.initialize(to: socketHooks)
    return UnsafePointer(pointer)
}()

extension AresChannel {
    // MARK: Opening

    func openSocket(isStream: Bool) -> AresSocket? {
        let type = Int32((isStream ? SOCK_STREAM : SOCK_DGRAM).rawValue)
        do throws(SystemCallFailure) {
            let owned = try OwnedSocket(family: key.server.address.family, type: type, protocol: 0)
            try owned.reportICMPErrors(key.server.address.family)
            if isStream { try owned.set(Int32(IPPROTO_TCP), TCP_NODELAY, to: 1) }
            // The kernel cuts it to net.core.rmem_max.
            if !isStream { try owned.set(SOL_SOCKET, SO_RCVBUF, to: 1 << 20) }
            if let source = key.source { try owned.bind(to: Endpoint(source, 0)) }
            let socket = AresSocket(owned, isStream: isStream)
            sockets[owned.descriptor] = socket
            unwatched.append(socket)
            hasUnsettledSocket = true
            return socket
        } catch {
            // No such family on this host (IPv6 switched off) is how the network is here; the rest is our own lack.
            obstacle =
                error.code == EAFNOSUPPORT
                ? .network(SocketFailure(code: error.code, name: errnoName(error.code)))
                : .ours(error.inability(to: "ask \(key.server)\(key.source.map { " from \($0)" } ?? "")"))
            return nil
        }
    }

    func connect(_ descriptor: Int32) -> Int32 {
        guard let socket = sockets[descriptor] else { return EBADF }
        let code = socket.owned.connect(to: key.server)
        if code != 0, code != EINPROGRESS { obstacle = .network(socket.owned.failure(code)) }
        return code
    }

    func closeSocket(_ descriptor: Int32) {
        guard let socket = sockets.removeValue(forKey: descriptor) else { return }
        unwatched.removeAll { $0 === socket }
        socket.isOpen = false
        if socket.isWatched { reactor.assumeIsolated { $0.unregister(descriptor) } }
    }

    // MARK: Receiving

    /// The bytes read, or minus the errno that c-ares shall see.
    func receive(_ socket: AresSocket, _ read: () -> Int) -> Int {
        socket.burst += 1
        guard socket.isStream || socket.burst < Self.burstLimit else {
            socket.isDrained = false
            return Int(-EAGAIN)
        }
        let count = read()
        guard count < 0 else {
            socket.isDrained = false
            if count == 0 { endOrNothing(socket) }
            return count
        }
        let code = errno
        if code == EAGAIN || code == EINTR {
            socket.isDrained = code == EAGAIN
            if socket.isStream { takeConnectError(of: socket) }
            return Int(-EAGAIN)
        }
        return socket.isStream ? streamFailed(socket, code) : datagramFailed(socket, code)
    }

    /// Zero bytes: the end of a stream, or a datagram without content.
    private func endOrNothing(_ socket: AresSocket) {
        if socket.isStream { closedByPeer(after: socket.unread) } else { received([], at: .now) }
    }

    /// An ICMP error that came while the kernel itself held the socket (as on loopback) is only in the queue: the connect
    /// would go on trying until its deadline. Of an established connection such errors are no end.
    private func takeConnectError(of socket: AresSocket) {
        guard outstanding.values.contains(where: { !$0.isConnected }) else { return }
        while let record = socket.owned.nextQueuedError() {
            if record.failure.code != EMSGSIZE { failed(record.failure) }
        }
    }

    private func streamFailed(_ socket: AresSocket, _ code: Int32) -> Int {
        failed(socket.owned.failure(code))
        return Int(-code)
    }

    /// The socket stays good, so c-ares is not told: it would fail every query that shares the socket.
    private func datagramFailed(_ socket: AresSocket, _ code: Int32) -> Int {
        if !drainErrors(of: socket) { failed(SocketFailure(code: code, name: errnoName(code))) }
        socket.isDrained = false
        return Int(-EAGAIN)
    }

    /// Gives each error of the queue to the query whose packet it quotes.
    private func drainErrors(of socket: AresSocket) -> Bool {
        var found = false
        while let record = socket.owned.nextQueuedError() {
            found = true
            failed(record.failure, quoting: record.quoted)
        }
        return found
    }

    func took(_ bytes: [UInt8], from socket: AresSocket) {
        let now = Instant.now
        guard socket.isStream else { return received(bytes, at: now) }
        socket.unread += bytes
        while let message = socket.nextMessage() { received(message, at: now) }
    }

    // MARK: Sending

    /// The bytes sent, or minus the errno.
    func transmit(_ vectors: UnsafeBufferPointer<iovec>, through socket: AresSocket) -> Int {
        socket.isStream ? transmitStream(vectors, socket) : transmitDatagram(vectors, socket)
    }

    private func transmitStream(_ vectors: UnsafeBufferPointer<iovec>, _ socket: AresSocket) -> Int {
        let sent = sendOnce(vectors, socket)
        if sent >= 0 {
            for query in outstanding.values { query.isConnected = true }
        } else if sent != -EAGAIN, sent != -EINTR, sent != -ENOTCONN {
            failed(socket.owned.failure(Int32(-sent)))
        }
        return sent == -ENOTCONN ? Int(-EAGAIN) : sent
    }

    private func transmitDatagram(_ vectors: UnsafeBufferPointer<iovec>, _ socket: AresSocket) -> Int {
        guard let first = vectors.first, let base = first.iov_base else { return Int(-EINVAL) }
        let packet = UnsafeRawBufferPointer(start: base, count: first.iov_len)
        query(in: packet)?.sentAt = .now
        var sent = sendOnce(vectors, socket)
        // A connected socket tells the error of an earlier datagram on the next send: that one is not to blame.
        if sent < 0, sent != -EAGAIN, drainErrors(of: socket) { sent = sendOnce(vectors, socket) }
        if sent == -EAGAIN {
            socket.unsent.append(Array(packet))
            return packet.count
        }
        if sent < 0 { obstacle = .network(SocketFailure(code: Int32(-sent), name: errnoName(Int32(-sent)))) }
        return sent
    }

    private func sendOnce(_ vectors: UnsafeBufferPointer<iovec>, _ socket: AresSocket) -> Int {
        var message = msghdr()
        // SAFETY: sendmsg only reads through these pointers, and only during the call.
        message.msg_iov = UnsafeMutablePointer(mutating: vectors.baseAddress)
        message.msg_iovlen = vectors.count
        let sent = sendmsg(socket.descriptor, &message, Int32(MSG_NOSIGNAL))
        return sent >= 0 ? sent : Int(-errno)
    }
}
