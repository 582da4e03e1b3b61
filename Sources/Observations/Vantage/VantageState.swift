import NetValues
import Wire

/// What the vantage itself is like at one instant, as its kernel tells without any right. What could not be read is nil or empty,
/// and `unread` says what and why: not known is not zero.
package struct VantageState: Sendable {
    package var interfaces: [NetworkInterfaceState] = []
    package var routes: [RouteState] = []
    package var neighbours: [NeighbourState] = []
    package var counters = KernelCounters()
    package var limits = VantageLimits()
    /// `neighbours: netlink answered EPERM`
    package var unread: [String] = []

    package init() {}
}

/// An interface (rtnetlink(7), RTM_GETLINK and RTM_GETADDR).
package struct NetworkInterfaceState: Hashable, Sendable {
    package var index: Int
    package var name: String
    /// IFF_UP and IFF_LOWER_UP (netdevice(7)).
    package var isUp: Bool
    package var hasCarrier: Bool
    package var isLoopback: Bool
    package var mtu: Int
    /// `veth`, `bridge`; nil for a device without a kind.
    package var kind: String?
    package var hardwareAddress: LinkAddress?
    package var addresses: [AddressRange]

    package init(
        index: Int, name: String, isUp: Bool, hasCarrier: Bool, isLoopback: Bool, mtu: Int, kind: String? = nil,
        hardwareAddress: LinkAddress? = nil, addresses: [AddressRange] = []
    ) {
        self.index = index
        self.name = name
        self.isUp = isUp
        self.hasCarrier = hasCarrier
        self.isLoopback = isLoopback
        self.mtu = mtu
        self.kind = kind
        self.hardwareAddress = hardwareAddress
        self.addresses = addresses
    }
}

/// A route of one table (RTM_GETROUTE).
package struct RouteState: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case unicast, local, broadcast, anycast, multicast, blackhole, unreachable, prohibit, `throw`, other
    }

    package var kind: Kind
    package var family: IPAddress.Family
    /// Length 0 for a default route.
    package var destination: AddressRange
    package var gateway: IPAddress?
    package var interface: String?
    package var preferredSource: IPAddress?
    package var metric: Int
    package var mtu: Int?
    /// 254 is `main`, 255 `local`.
    package var table: Int

    package init(
        kind: Kind, family: IPAddress.Family, destination: AddressRange, gateway: IPAddress? = nil,
        interface: String? = nil, preferredSource: IPAddress? = nil, metric: Int = 0, mtu: Int? = nil, table: Int = 254
    ) {
        self.kind = kind
        self.family = family
        self.destination = destination
        self.gateway = gateway
        self.interface = interface
        self.preferredSource = preferredSource
        self.metric = metric
        self.mtu = mtu
        self.table = table
    }
}

/// An entry of the ARP or neighbour table (RTM_GETNEIGH).
package struct NeighbourState: Hashable, Sendable {
    /// NUD_* of linux/neighbour.h.
    package enum Reachability: String, Hashable, Sendable {
        case incomplete, reachable, stale, delay, probe, failed, noarp, permanent, none
    }

    package var address: IPAddress
    package var interface: String
    package var hardwareAddress: LinkAddress?
    package var reachability: Reachability

    package init(
        address: IPAddress, interface: String, hardwareAddress: LinkAddress?, reachability: Reachability
    ) {
        self.address = address
        self.interface = interface
        self.hardwareAddress = hardwareAddress
        self.reachability = reachability
    }
}

/// Limits of the namespace and of the process that a run can come up against; nil where they cannot be read.
package struct VantageLimits: Hashable, Sendable {
    /// net.ipv4.ip_local_port_range
    package var localPorts: ClosedRange<UInt16>?
    /// net.netfilter.nf_conntrack_count and _max: of this network namespace, never of the node.
    package var trackedConnections: Int?
    package var mostTrackedConnections: Int?
    /// TCP sockets in TIME_WAIT, whose ports are not free yet (/proc/net/sockstat, `tw`).
    package var timeWaitSockets: Int?
    /// RLIMIT_NOFILE, and how many are open.
    package var descriptors: Int?
    package var openDescriptors: Int?

    package init() {}
}

/// The vantage over a run: as it was at the start, and what its counters grew by until the end.
package struct VantageObservation: Sendable {
    package var start: VantageState
    package var growth: KernelCounters

    package init(start: VantageState = VantageState(), growth: KernelCounters = KernelCounters()) {
        self.start = start
        self.growth = growth
    }
}
