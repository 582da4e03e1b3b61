import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit

/// ICMP echo over ping sockets (icmp(7), `ping_group_range`), or over shared raw sockets where those are not allowed.
package actor EchoOpener: EchoOpening {
    private nonisolated let reactor: Reactor
    /// Those that are in use: a hub is kept by its sessions, and its socket is closed with the last of them.
    private var hubs: [Key: OpenHub] = [:]
    /// Rights do not change while we run: a thousand series need not ask a thousand times.
    private var familiesWithoutPing: Set<IPAddress.Family> = []

    /// What series must have in common to share a raw socket.
    private struct Key: Hashable {
        let family: IPAddress.Family
        let source: IPAddress?
        let hopLimit: Int?
        let dontFragment: Bool
    }

    private struct OpenHub {
        weak var hub: EchoHub?
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    package init(reactor: Reactor) {
        self.reactor = reactor
    }

    package func open(
        to address: IPAddress, source: IPAddress?, settings: EchoSettings
    ) throws(ProbeInterruption) -> any EchoSession {
        do throws(SystemCallFailure) {
            guard let socket = try pingSocket(address.family) else {
                return try hub(address.family, source, settings).session(to: address, size: settings.size)
            }
            return try EchoHub(socket, source, settings, reactor: reactor).session(to: address, size: settings.size)
        } catch {
            throw .unable(Self.inability(after: error, address: address, source: source))
        }
    }

    /// Nil where the system does not allow them.
    private func pingSocket(_ family: IPAddress.Family) throws(SystemCallFailure) -> EchoSocket? {
        guard !familiesWithoutPing.contains(family) else { return nil }
        do throws(SystemCallFailure) {
            return try EchoSocket(.ping, family)
        } catch {
            // EPROTONOSUPPORT: a kernel or sandbox without ping sockets.
            guard [EACCES, EPERM, EPROTONOSUPPORT].contains(error.code) else { throw error }
            familiesWithoutPing.insert(family)
            return nil
        }
    }

    private func hub(
        _ family: IPAddress.Family, _ source: IPAddress?, _ settings: EchoSettings
    ) throws(SystemCallFailure) -> EchoHub {
        let key = Key(
            family: family, source: source, hopLimit: settings.hopLimit, dontFragment: settings.dontFragment)
        if let hub = hubs[key]?.hub, hub.isOpen, hub.hasRoom { return hub }
        let hub = try EchoHub(EchoSocket(.raw, family), source, settings, reactor: reactor)
        hubs[key] = OpenHub(hub: hub)
        return hub
    }

    static func inability(after failure: SystemCallFailure, address: IPAddress, source: IPAddress?) -> Inability {
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
