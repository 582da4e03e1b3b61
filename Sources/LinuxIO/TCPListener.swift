import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit

/// A listening TCP socket on the reactor.
package actor TCPListener {
    private nonisolated let reactor: Reactor
    private var socket: OwnedSocket?
    /// Where it listens, with the port that the kernel chose.
    package nonisolated let endpoint: Endpoint

    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    /// Port 0 lets the kernel choose.
    package init(on endpoint: Endpoint, backlog: Int32 = 128, reactor: Reactor) async throws(SystemCallFailure) {
        let family = endpoint.address.family
        let socket = try OwnedSocket(family: family, type: Int32(SOCK_STREAM.rawValue), protocol: 0)
        try socket.set(SOL_SOCKET, SO_REUSEADDR, to: 1)
        if family == .v6 { try socket.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, to: 1) }
        try socket.bind(to: endpoint)
        guard listen(socket.descriptor, backlog) == 0 else { throw SystemCallFailure("listen") }
        guard let bound = socket.localEndpoint else { throw SystemCallFailure("getsockname") }
        try await reactor.register(socket.descriptor)
        self.socket = socket
        self.endpoint = bound
        self.reactor = reactor
    }

    /// The next connection, or nil when the listener was closed.
    package func accept() async throws(ProbeInterruption) -> TCPStream? {
        while let socket {
            let descriptor = Glibc.accept(socket.descriptor, nil, nil)
            if descriptor >= 0 { return try await adopt(OwnedSocket(adopting: descriptor)) }
            switch errno {
            case EAGAIN: try await reactor.wait(for: .readable, on: socket.descriptor)
            case EINTR, ECONNABORTED: continue
            case let code: throw .unable(SystemCallFailure("accept", code: code).inability(to: "accept on \(endpoint)"))
            }
        }
        return nil
    }

    private func adopt(_ accepted: OwnedSocket) async throws(ProbeInterruption) -> TCPStream {
        do throws(SystemCallFailure) {
            guard fcntl(accepted.descriptor, F_SETFL, O_NONBLOCK) == 0,
                fcntl(accepted.descriptor, F_SETFD, FD_CLOEXEC) == 0
            else { throw SystemCallFailure("fcntl") }
            try await reactor.register(accepted.descriptor)
        } catch {
            throw .unable(error.inability(to: "watch a connection to \(endpoint)"))
        }
        return TCPStream(accepted, reactor: reactor, isWatched: true)
    }

    package func close() async {
        guard let socket else { return }
        self.socket = nil
        await reactor.unregister(socket.descriptor)
    }
}
