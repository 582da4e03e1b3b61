import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit

/// ICMP echo over ping sockets (icmp(7), `ping_group_range`), which many series share, or over shared raw sockets where those are
/// not allowed.
package actor EchoOpener: EchoOpening {
    private nonisolated let reactor: Reactor
    /// Those that are in use: a hub is kept by its sessions, and its socket is closed with the last of them.
    private var hubs: [Key: OpenHub] = [:]
    /// Of the series that have a ping socket to themselves.
    private var own: [OpenHub] = []
    /// Rights do not change while we run: a thousand series need not ask a thousand times.
    private var familiesWithoutPing: Set<IPAddress.Family> = []

    /// So many series have a ping socket to themselves, which tells of every reply that carries its identifier, whoever sent it.
    /// Further ones share theirs: a socket for each of ten thousand is more than most processes may open.
    private static let mostOwn = 64
    /// With some shared ones.
    package static let mostDescriptors = 80

    /// What series must have in common to share a socket.
    private struct Key: Hashable {
        let kind: EchoSocket.Kind
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
            if let hub = try pingHub(address, source, settings) {
                return hub.session(to: address, size: settings.size)
            }
            return try sharedHub(.raw, address, source, settings).session(to: address, size: settings.size)
        } catch {
            throw .unable(Self.inability(after: error, address: address, source: source))
        }
    }

    /// Nil where the system does not allow ping sockets.
    private func pingHub(
        _ address: IPAddress, _ source: IPAddress?, _ settings: EchoSettings
    ) throws(SystemCallFailure) -> EchoHub? {
        guard !familiesWithoutPing.contains(address.family) else { return nil }
        if own.count >= Self.mostOwn { own.removeAll { $0.hub?.isOpen != true } }
        do throws(SystemCallFailure) {
            if own.count >= Self.mostOwn, address.canShareEcho {
                return try sharedHub(.ping, address, source, settings)
            }
            let hub = try EchoHub(
                EchoSocket(.ping, address.family), source, settings, isShared: false, reactor: reactor)
            own.append(OpenHub(hub: hub))
            return hub
        } catch {
            // EPROTONOSUPPORT: a kernel or sandbox without ping sockets.
            guard error.call == "socket", [EACCES, EPERM, EPROTONOSUPPORT].contains(error.code) else { throw error }
            familiesWithoutPing.insert(address.family)
            return nil
        }
    }

    private func sharedHub(
        _ kind: EchoSocket.Kind, _ address: IPAddress, _ source: IPAddress?, _ settings: EchoSettings
    ) throws(SystemCallFailure) -> EchoHub {
        let key = Key(
            kind: kind, family: address.family, source: source, hopLimit: settings.hopLimit,
            dontFragment: settings.dontFragment)
        if let hub = hubs[key]?.hub, hub.isOpen, hub.hasRoom(for: address) { return hub }
        let hub = try EchoHub(EchoSocket(kind, address.family), source, settings, isShared: true, reactor: reactor)
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

extension IPAddress {
    /// Whether replies come from this very address, by which a shared ping socket knows whose they are.
    fileprivate var canShareEcho: Bool {
        switch self {
        case .v4(let address): !isUnspecified && address.bits >> 28 < 0xe
        case .v6(let address): !isUnspecified && address.zone == nil && address.high >> 56 != 0xff
        }
    }
}
