import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit
import Synchronization

/// ICMP echo over a ping socket (icmp(7), `ping_group_range`), or over a raw socket where those are not allowed.
package struct EchoOpener: EchoOpening {
    private let reactor: Reactor
    private let identifiers = IdentifierSource()

    package init(reactor: Reactor) {
        self.reactor = reactor
    }

    package func open(
        to address: IPAddress, source: IPAddress?, settings: EchoSettings
    ) async throws(ProbeInterruption) -> any EchoSession {
        do throws(SystemCallFailure) {
            let socket = try EchoSocket(to: address, rawIdentifier: identifiers.next())
            try socket.configure(settings)
            if let source { try socket.bind(to: source) }
            try await reactor.register(socket.descriptor)
            return EchoSocketSession(socket, size: settings.size, reactor: reactor)
        } catch {
            throw .unable(Self.inability(after: error, address: address, source: source))
        }
    }

    private static func inability(after failure: SystemCallFailure, address: IPAddress, source: IPAddress?) -> Inability
    {
        switch failure.code {
        case EACCES, EPERM:
            Inability(
                .notPermitted, action: "open an ICMP socket (neither a ping socket nor a raw socket)",
                reason: failure.description, fix: fixForRights)
        case EAFNOSUPPORT where failure.call == "socket":
            Inability(
                .addressUnavailable, action: "open an ICMP socket for \(address.family.rawValue)",
                reason: failure.description,
                fix:
                    "this host has no \(address.family.rawValue): choose the other family with -4 or -6, or family in the plan"
            )
        default:
            if let source, failure.call == "bind" {
                failure.inability(to: "send ICMP from \(source)")
            } else {
                failure.inability(to: "open an ICMP socket")
            }
        }
    }

    private static let fixForRights = """
        allow ping sockets with sysctl -w net.ipv4.ping_group_range="0 2147483647" (in Kubernetes an entry of that name in the \
        pod's securityContext.sysctls, a safe sysctl since 1.18), or give CAP_NET_RAW: setcap cap_net_raw+ep \
        /path/to/leadsman, docker run --cap-add NET_RAW, or capabilities.add: [NET_RAW] in the container's securityContext
        """
}

/// Raw sockets to one host all see each other's replies, so no two sessions of this process may share an identifier; where
/// it begins is random, so that two processes rarely do.
private final class IdentifierSource: Sendable {
    private let last = Atomic<UInt16>(UInt16.random(in: .min ... .max))

    func next() -> UInt16 { last.wrappingAdd(1, ordering: .relaxed).newValue }
}
