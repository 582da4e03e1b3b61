import NetValues
import Wire

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
    /// The bridge, bond or VRF that it is a part of.
    package var master: String?
    package var assignments: [AddressAssignment]
    /// What holds of net.ipv4.conf.all.rp_filter and the interface's own: 0 none, 1 strict, 2 loose; nil when it cannot be read.
    package var reversePathFilter: Int?

    package init(
        index: Int, name: String, isUp: Bool, hasCarrier: Bool, isLoopback: Bool, mtu: Int, kind: String? = nil,
        hardwareAddress: LinkAddress? = nil, addresses: [AddressRange] = [], master: String? = nil,
        reversePathFilter: Int? = nil
    ) {
        self.index = index
        self.name = name
        self.isUp = isUp
        self.hasCarrier = hasCarrier
        self.isLoopback = isLoopback
        self.mtu = mtu
        self.kind = kind
        self.hardwareAddress = hardwareAddress
        self.master = master
        self.reversePathFilter = reversePathFilter
        assignments = addresses.map { AddressAssignment($0.address, prefixLength: $0.length) }
    }

    /// The networks that the addresses lie in: `198.18.0.0/24` of the address 198.18.0.2/24. The addresses themselves are in
    /// `assignments`.
    package var addresses: [AddressRange] { assignments.map(\.network) }
}

/// An address of an interface (RTM_GETADDR).
package struct AddressAssignment: Hashable, Sendable {
    package enum State: String, Hashable, Sendable {
        case usable
        /// Duplicate detection goes on (RFC 4862): nothing is sent from it yet.
        case tentative
        /// Another machine on the link has it (IFA_F_DADFAILED).
        case duplicate
        /// Its preferred lifetime is over: no new connection takes it.
        case deprecated
    }

    package var address: IPAddress
    package var prefixLength: Int
    /// Of a point-to-point link; nil elsewhere.
    package var peer: IPAddress?
    package var state: State
    /// RT_SCOPE_LINK or narrower: not used towards other networks.
    package var isLinkScope: Bool
    /// Another of the same network stands before it (IPv4), or it is a privacy address (IPv6): IFA_F_SECONDARY, IFA_F_TEMPORARY.
    package var isSecondary: Bool

    package init(
        _ address: IPAddress, prefixLength: Int, peer: IPAddress? = nil, state: State = .usable,
        isLinkScope: Bool = false, isSecondary: Bool = false
    ) {
        self.address = address
        self.prefixLength = prefixLength
        self.peer = peer
        self.state = state
        self.isLinkScope = isLinkScope
        self.isSecondary = isSecondary
    }

    /// What is reached without a router because of it.
    package var network: AddressRange { AddressRange(around: peer ?? address, length: prefixLength) }
}
