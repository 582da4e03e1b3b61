import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit

/// A connected TCP socket on the reactor's thread. Let go without `close()`, it closes its descriptor all the same.
package actor TCPStream: ByteStream {
    private nonisolated let reactor: Reactor
    private var socket: OwnedSocket?
    /// Whether the reactor watches the descriptor: from the first wait on, since most connections are closed without one.
    private var isWatched: Bool
    /// The end that was already known when the stream was made.
    private let broken: SocketFailure?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    private static let largestRead = 65_536

    init(_ socket: OwnedSocket, reactor: Reactor, isWatched: Bool, isBrokenBy failure: SocketFailure? = nil) {
        self.socket = socket
        self.isWatched = isWatched
        self.reactor = reactor
        broken = failure
    }

    package func read(upTo count: Int, deadline: Instant) async throws(ProbeInterruption) -> StreamRead {
        guard let socket else { return .end(.closed) }
        if let broken { return .end(.failed(broken)) }
        while Instant.now < deadline {
            let (bytes, code) = socket.receive(upTo: min(max(count, 1), Self.largestRead))
            switch code {
            case 0: return bytes.isEmpty ? .end(.closed) : .bytes(bytes)
            case EINTR: continue
            case EAGAIN: break
            default: return .end(.failed(socket.failure(code)))
            }
            guard try await wait(for: .readable, on: socket, until: deadline) else { break }
        }
        return .end(.deadline)
    }

    package func write(_ bytes: [UInt8], deadline: Instant) async throws(ProbeInterruption) -> StreamEnd? {
        guard let socket else { return .closed }
        if let broken { return .failed(broken) }
        var rest = bytes[...]
        while !rest.isEmpty {
            guard Instant.now < deadline else { return .deadline }
            let (count, code) = socket.send(rest)
            rest = rest.dropFirst(count)
            if code == EAGAIN {
                guard try await wait(for: .writable, on: socket, until: deadline) else { return .deadline }
            } else if code != 0, code != EINTR {
                return .failed(socket.failure(code))
            }
        }
        return nil
    }

    private func wait(
        for interest: Interest, on socket: OwnedSocket, until deadline: Instant
    ) async throws(ProbeInterruption) -> Bool {
        if !isWatched {
            do throws(SystemCallFailure) {
                try reactor.executor.register(socket.descriptor)
            } catch { throw .unable(error.inability(to: "watch a socket")) }
            isWatched = true
        }
        return try await reactor.wait(for: interest, on: socket.descriptor, until: deadline)
    }

    package func close() {
        guard let socket = letGo() else { return }
        // A reader that still waits sees the end and lets go of the descriptor.
        _ = shutdown(socket.descriptor, Int32(SHUT_RDWR))
    }

    /// Ends the connection by a reset instead of FIN.
    package func reset() {
        guard let socket = letGo() else { return }
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(socket.descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Small messages one behind the other do not wait for each other's acknowledgement (tcp(7), TCP_NODELAY).
    func sendAtOnce() { try? socket?.set(Int32(IPPROTO_TCP), TCP_NODELAY, to: 1) }

    /// Both ends; nil after `close()`.
    func ends() -> (own: Endpoint, peer: Endpoint)? {
        guard let own = socket?.localEndpoint, let peer = socket?.peerEndpoint else { return nil }
        return (own, peer)
    }

    /// Hands the socket over to somebody who does not use the reactor; for this stream it is closed.
    func detach() -> OwnedSocket? { letGo() }

    private func letGo() -> OwnedSocket? {
        defer { socket = nil }
        if let socket, isWatched { reactor.executor.unregister(socket.descriptor) }
        return socket
    }

    /// TCP_INFO as of now; nil after `close()`.
    package func tcpFacts() -> TCPFacts? { socket?.tcpFacts() }

    package func progress() -> StreamProgress? { socket?.progress }

    package func isAcknowledged() -> Bool? { socket?.isAcknowledged }
}

extension OwnedSocket {
    /// The bytes and 0 (no bytes: the peer's end), or none and the errno.
    package func receive(upTo count: Int) -> (bytes: [UInt8], code: Int32) {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            // SAFETY: recv writes at most buffer.count bytes, and `used` is what it wrote.
            let length = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            used = max(0, length)
            if length < 0 { code = errno }
        }
        return (bytes, code)
    }

    /// How many bytes the kernel took, and 0 or the errno.
    package func send(_ bytes: ArraySlice<UInt8>) -> (count: Int, code: Int32) {
        // SAFETY: the pointer is used within the call only.
        let length = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        return length < 0 ? (0, errno) : (length, 0)
    }
}
