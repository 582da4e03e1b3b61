import CLinux
import Glibc
import NetValues

extension OwnedSocket {
    package enum Kind: Sendable {
        case stream, datagram

        fileprivate var type: Int32 { Int32(self == .stream ? SOCK_STREAM.rawValue : SOCK_DGRAM.rawValue) }
    }

    /// A socket for one peer: it asks for ICMP errors and is bound to the source address if there is one.
    package static func connecting(
        type kind: Kind, to endpoint: Endpoint, source: IPAddress?
    ) throws(SystemCallFailure) -> OwnedSocket {
        let family = endpoint.address.family
        let socket = try OwnedSocket(family: family, type: kind.type, protocol: 0)
        try socket.reportICMPErrors(family)
        guard let source else { return socket }
        guard source.family == family else { throw SystemCallFailure("bind", code: EINVAL) }
        // The port is chosen at connect(2), by the whole four-tuple, so that a source address does not halve the ports.
        try socket.set(Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, to: 1)
        try socket.bind(to: Endpoint(source, 0))
        return socket
    }
}
