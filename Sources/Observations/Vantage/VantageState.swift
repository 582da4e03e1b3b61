import NetValues
import Wire

/// What the vantage itself is like at one instant, as its kernel tells without any right. What could not be read is nil or empty,
/// and `unread` says what and why: not known is not zero.
package struct VantageState: Sendable {
    package var interfaces: [NetworkInterfaceState] = []
    package var routes: [RouteState] = []
    /// By family, then in the order in which the kernel asks them.
    package var rules: [RoutingRuleState] = []
    package var neighbours: [NeighbourState] = []
    package var counters = KernelCounters()
    package var limits = VantageLimits()
    package var settings = NetworkSettings()
    package var rights = VantageRights()
    /// Nil where no control group is visible.
    package var cgroup: ControlGroupState?
    /// Of the whole machine (/proc/pressure).
    package var pressure: [PressureState] = []
    package var clock: ClockState?
    /// Sockets of this namespace by protocol and state (/proc/net/sockstat, sockstat6): `TCP.inuse`, `TCP.tw`, `UDP.inuse`.
    package var sockets: [String: Int] = [:]
    /// How many of each list there are that were left out, since so many are never looked at.
    package var omitted = Omissions()
    /// Families whose routes and rules were read to the end: only there is a route that is not listed none.
    package var familiesRouted: Set<IPAddress.Family> = []
    /// `neighbours: netlink answered EPERM`
    package var unread: [String] = []

    package init() {}

    package struct Omissions: Hashable, Sendable {
        package var interfaces = 0
        package var routes = 0
        package var rules = 0
        package var neighbours = 0

        package init() {}
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
    /// NTF_ROUTER: it says of itself that it is a router (IPv6).
    package var isRouter: Bool

    package init(
        address: IPAddress, interface: String, hardwareAddress: LinkAddress?, reachability: Reachability,
        isRouter: Bool = false
    ) {
        self.address = address
        self.interface = interface
        self.hardwareAddress = hardwareAddress
        self.reachability = reachability
        self.isRouter = isRouter
    }
}

/// Limits of the namespace and of the process that a run can come up against; nil where they cannot be read.
package struct VantageLimits: Hashable, Sendable {
    /// net.ipv4.ip_local_port_range; it holds for IPv6 too.
    package var localPorts: ClosedRange<UInt16>?
    /// net.ipv4.ip_local_reserved_ports as the kernel writes it: `8080,9148-9150`; empty when none is reserved.
    package var reservedPorts: String?
    /// net.netfilter.nf_conntrack_count and _max: the count of this network namespace, never of the node.
    package var trackedConnections: Int?
    package var mostTrackedConnections: Int?
    /// RLIMIT_NOFILE (the soft and the hard one), and how many are open.
    package var descriptors: Int?
    package var mostDescriptors: Int?
    package var openDescriptors: Int?
    /// RLIMIT_NPROC of this user, and how many threads this process has.
    package var processes: Int?
    package var threads: Int?
    /// pids.max and pids.current of the control group.
    package var groupTasks: Int?
    package var runningGroupTasks: Int?

    package init() {}
}

/// Settings of the network namespace (Documentation/networking/ip-sysctl.rst); nil where they cannot be read.
package struct NetworkSettings: Hashable, Sendable {
    /// net.ipv4.ping_group_range as the kernel writes it: the lowest and the highest group, `1 0` for none.
    package var pingGroups: String?
    /// net.ipv4.tcp_mtu_probing: 0 never, 1 when a black hole is suspected, 2 always.
    package var tcpMTUProbing: Int?
    /// net.ipv4.ip_forward and net.ipv6.conf.all.forwarding.
    package var forwardsIPv4: Bool?
    package var forwardsIPv6: Bool?
    /// net.ipv6.conf.all.disable_ipv6
    package var disablesIPv6: Bool?

    package init() {}
}

/// The vantage over a run: as it was at the start, and what its counters grew by until the end.
package struct VantageObservation: Sendable {
    package var start: VantageState
    /// Nil where it was read only once.
    package var end: VantageState?
    package var growth: KernelCounters
    /// Cluster, cloud and proxies as files and variables have them; nil where nobody looked.
    package var surroundings: VantageSurroundings?

    package init(
        start: VantageState = VantageState(), end: VantageState? = nil, growth: KernelCounters = KernelCounters(),
        surroundings: VantageSurroundings? = nil
    ) {
        self.surroundings = surroundings
        self.start = start
        self.end = end
        self.growth = growth
    }

    /// The later of what was read: what the run itself did to it shows there.
    package var latest: VantageState { end ?? start }
}
