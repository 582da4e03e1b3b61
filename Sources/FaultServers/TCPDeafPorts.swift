import CLinux
import Glibc
import LinuxIO
import NetValues
import Observations

/// A port that is taken but on which nobody listens: every connection is refused, and nobody else can come to listen there.
package struct ClosedPort: Sendable {
    private let socket: OwnedSocket
    package let endpoint: Endpoint

    package init(on address: IPAddress) throws(Inability) {
        do throws(SystemCallFailure) {
            (socket, endpoint) = try bound(to: address)
        } catch {
            throw error.inability(to: "bind a port on \(address)")
        }
    }
}

/// A port whose queue of connections is full and never emptied: the kernel drops every further SYN, so that it looks from
/// outside as if a filter dropped them.
package struct SilentPort: Sendable {
    private let listener: OwnedSocket
    private let waiting: [OwnedSocket]
    package let endpoint: Endpoint

    package init(on address: IPAddress) throws(Inability) {
        do throws(SystemCallFailure) {
            let (socket, endpoint) = try bound(to: address)
            guard listen(socket.descriptor, 0) == 0 else { throw SystemCallFailure("listen") }
            var waiting: [OwnedSocket] = []
            // A backlog of 0 holds one connection (net/sock.h, sk_acceptq_is_full); the others make sure of it.
            for _ in 0..<3 { waiting.append(try Self.connect(to: endpoint)) }
            (listener, self.waiting, self.endpoint) = (socket, waiting, endpoint)
        } catch {
            throw error.inability(to: "fill a port's queue on \(address)")
        }
    }

    private static func connect(to endpoint: Endpoint) throws(SystemCallFailure) -> OwnedSocket {
        let socket = try OwnedSocket.connecting(type: .stream, to: endpoint, source: nil)
        let code = socket.connect(to: endpoint)
        guard code == 0 || code == EINPROGRESS else { throw SystemCallFailure("connect", code: code) }
        return socket
    }
}

private func bound(to address: IPAddress) throws(SystemCallFailure) -> (OwnedSocket, Endpoint) {
    let socket = try OwnedSocket(family: address.family, type: Int32(SOCK_STREAM.rawValue), protocol: 0)
    try socket.bind(to: Endpoint(address, 0))
    guard let endpoint = socket.localEndpoint else { throw SystemCallFailure("getsockname") }
    return (socket, endpoint)
}
