import CLinux
import Glibc
import LinuxIO
import NetValues
import Observations

/// An address that takes DNS questions, over UDP and TCP, and never answers: as a server behind a filter that drops
/// everything looks.
package struct SilentNameServer: Sendable {
    private let datagrams: OwnedSocket
    private let connections: SilentPort
    package var endpoint: Endpoint { connections.endpoint }

    package init(on address: IPAddress) throws(Inability) {
        let connections = try SilentPort(on: address)
        do throws(SystemCallFailure) {
            // Bound and never read: the kernel takes datagrams and nobody sees them.
            datagrams = try OwnedSocket(family: address.family, type: Int32(SOCK_DGRAM.rawValue), protocol: 0)
            try datagrams.bind(to: connections.endpoint)
        } catch {
            throw error.inability(to: "bind UDP on \(connections.endpoint)")
        }
        self.connections = connections
    }
}
