import NetValues

/// A route of one table (RTM_GETROUTE).
package struct RouteState: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case unicast, local, broadcast, anycast, multicast, blackhole, unreachable, prohibit, `throw`, other
    }

    package var kind: Kind
    package var family: IPAddress.Family
    /// Length 0 for a default route.
    package var destination: AddressRange
    /// Of a route with several ways the first; all of them are in `nextHops`.
    package var gateway: IPAddress?
    package var interface: String?
    package var preferredSource: IPAddress?
    package var metric: Int
    package var mtu: Int?
    /// 254 is `main`, 255 `local`.
    package var table: Int
    /// IPv6: the route holds only for packets from these addresses (`from`).
    package var source: AddressRange?
    /// Two or more ways that share the flows; empty for a route with one.
    package var nextHops: [NextHop]
    /// RTNH_F_DEAD, RTNH_F_LINKDOWN: its interface is down, or has no carrier.
    package var isDead: Bool
    package var hasNoCarrier: Bool
    /// `kernel`, `static`, `ra`, `dhcp`, `bird`; the number where it has no name (rtnetlink(7), rtm_protocol).
    package var origin: String

    package init(
        kind: Kind, family: IPAddress.Family, destination: AddressRange, gateway: IPAddress? = nil,
        interface: String? = nil, preferredSource: IPAddress? = nil, metric: Int = 0, mtu: Int? = nil, table: Int = 254,
        source: AddressRange? = nil, nextHops: [NextHop] = [], isDead: Bool = false, hasNoCarrier: Bool = false,
        origin: String = "static"
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
        self.source = source
        self.nextHops = nextHops
        self.isDead = isDead
        self.hasNoCarrier = hasNoCarrier
        self.origin = origin
    }

    package struct NextHop: Hashable, Sendable {
        package var gateway: IPAddress?
        package var interface: String?
        package var weight: Int
        package var isDead: Bool
        package var hasNoCarrier: Bool

        package init(
            gateway: IPAddress? = nil, interface: String? = nil, weight: Int = 1, isDead: Bool = false,
            hasNoCarrier: Bool = false
        ) {
            self.gateway = gateway
            self.interface = interface
            self.weight = weight
            self.isDead = isDead
            self.hasNoCarrier = hasNoCarrier
        }
    }
}

extension RouteState {
    package var isDefault: Bool { destination.length == 0 }

    /// One, or all of a route with several.
    package var hops: [NextHop] {
        nextHops.isEmpty
            ? [NextHop(gateway: gateway, interface: interface, isDead: isDead, hasNoCarrier: hasNoCarrier)] : nextHops
    }
}

extension RouteState: CustomStringConvertible {
    /// As `ip route` writes it: `default via 198.18.0.1 dev eth0 metric 100`, `prohibit 198.18.2.2/32 table 100`.
    package var description: String {
        var words = kind == .unicast ? "" : "\(kind.rawValue) "
        words += isDefault ? "default" : destination.description
        if let source { words += " from \(source)" }
        if nextHops.isEmpty {
            words += Self.words(gateway, interface)
        } else {
            words += nextHops.map { " nexthop\(Self.words($0.gateway, $0.interface))" }.joined()
        }
        if metric > 0 { words += " metric \(metric)" }
        if let mtu { words += " mtu \(mtu)" }
        return table == 254 ? words : words + " table \(RoutingTable.name(table))"
    }

    private static func words(_ gateway: IPAddress?, _ interface: String?) -> String {
        (gateway.map { " via \($0)" } ?? "") + (interface.map { " dev \($0)" } ?? "")
    }
}

/// Tables by number, as linux/rtnetlink.h names them.
package enum RoutingTable {
    package static let `default` = 253
    package static let main = 254
    package static let local = 255

    package static func name(_ number: Int) -> String {
        switch number {
        case `default`: "default"
        case main: "main"
        case local: "local"
        default: "\(number)"
        }
    }
}
