import NetValues

/// What a socket call answered instead of success, with the ICMP error behind it where the kernel told us.
package struct SocketFailure: Hashable, Sendable {
    package let code: Int32
    /// `ECONNREFUSED`
    package let name: String
    /// From the socket's error queue (ip(7), IP_RECVERR); nil when there was none, as with a reset.
    package let icmp: ICMPErrorReport?

    package init(code: Int32, name: String, icmp: ICMPErrorReport? = nil) {
        self.code = code
        self.name = name
        self.icmp = icmp
    }

    package var isReset: Bool { name == "ECONNRESET" }
}

/// An ICMP error that reached one of our sockets, and who sent it.
package struct ICMPErrorReport: Hashable, Sendable {
    /// Made by the own kernel (no neighbour, packet too big for the own link) or received in a packet.
    package enum Origin: String, Hashable, Sendable { case local, icmp, icmpv6 }

    package let origin: Origin
    package let type: UInt8
    package let code: UInt8
    package let offender: IPAddress?
    /// Next-hop MTU of "fragmentation needed" and "packet too big".
    package let mtu: Int?
    /// The offender is the own end of the socket and not the peer: the own kernel tells itself, as of a neighbour that does
    /// not answer.
    package let isFromOwnHost: Bool
    /// TTL or hop limit with which the error itself arrived; nil where nobody asked the socket for it.
    package let hopLimit: Int?

    package init(
        origin: Origin, type: UInt8, code: UInt8, offender: IPAddress?, mtu: Int? = nil, isFromOwnHost: Bool = false,
        hopLimit: Int? = nil
    ) {
        self.hopLimit = hopLimit
        self.origin = origin
        self.type = type
        self.code = code
        self.offender = offender
        self.mtu = mtu
        self.isFromOwnHost = isFromOwnHost
    }
}

extension ICMPErrorReport {
    /// The packet's hop limit ran out on the way (RFC 792 type 11 code 0, RFC 4443 type 3 code 0).
    package var isTimeExceeded: Bool {
        switch origin {
        case .icmp: type == 11 && code == 0
        case .icmpv6: type == 3 && code == 0
        case .local: false
        }
    }

    /// Port unreachable (RFC 792 3/3, RFC 4443 1/4).
    package var isPortUnreachable: Bool {
        switch origin {
        case .icmp: type == 3 && code == 3
        case .icmpv6: type == 1 && code == 4
        case .local: false
        }
    }
}
