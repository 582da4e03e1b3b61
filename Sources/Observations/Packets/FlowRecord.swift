import NetValues
import Wire

/// One conversation: all packets between two endpoints over one protocol. `a` sent the first packet, or for TCP the SYN.
package struct FlowRecord: Sendable {
    package let protocolNumber: UInt8
    package let a: PacketEndpoint
    package let b: PacketEndpoint
    package var fromA = FlowDirection()
    package var fromB = FlowDirection()
    package var firstAt: WallTime
    package var lastAt: WallTime
    package var tunnel: Tunnel?
    package var vlan: UInt16?
    /// Nil for anything but TCP. Boxed: most flows of a busy capture are short, and are sorted and handed on.
    package var tcp: TCPRecord?
    /// What its payload was recognised as.
    package var application: Application?
    /// SNI, HTTP host, or the name that an earlier DNS answer in the capture gave to `b`.
    package var name: String?
    /// ICMP errors that quote a packet of this flow, in order; bounded.
    package var icmpErrors: [QuotedError] = []
    /// The first packets in order, for flows of probes (`--evidence`) only; bounded.
    package var events: [PacketEvent] = []

    package enum Application: String, Hashable, Sendable, CaseIterable {
        case dns, mdns, tls, http, quic, dhcp, ntp, ssh, wireguard, esp, vxlan, geneve, postgres, mysql, redis, smtp,
            ldap
    }

    package init(
        protocolNumber: UInt8, a: PacketEndpoint, b: PacketEndpoint, firstAt: WallTime, lastAt: WallTime
    ) {
        self.protocolNumber = protocolNumber
        self.a = a
        self.b = b
        self.firstAt = firstAt
        self.lastAt = lastAt
    }

    package var packets: Int { fromA.packets + fromB.packets }
    package var bytes: Int { fromA.bytes + fromB.bytes }
    package var duration: Duration { lastAt - firstAt }
}

/// One direction of a flow, whatever the protocol.
package struct FlowDirection: Hashable, Sendable {
    package var packets = 0
    /// Of the frames, link headers included; within a tunnel of the inner datagram.
    package var bytes = 0
    /// Of the transport payload.
    package var payloadBytes = 0
    /// TTL or hop limit: the least and the most that was seen; nil without packets.
    package var hopLimits: ClosedRange<UInt8>?
    /// Copies of a packet that came before: same addresses, IP identification, length and transport checksum.
    package var duplicates = 0
    /// Packets that the capture saw a second time on their way through the host: with another hop limit, at another interface, in
    /// another direction or with other link addresses. Forwarding, and no fault; tshark takes them for retransmissions.
    package var secondSights = 0
    /// As their sender sent them: copies by the network and what was seen again count once.
    package var distinctPackets: Int { packets - secondSights - duplicates }

    package init() {}
}

/// An ICMP error about a packet of a flow.
package struct QuotedError: Hashable, Sendable {
    package let frame: Int
    package let at: WallTime
    package let sender: PacketAddress
    package let type: UInt8
    package let code: UInt8
    /// Next-hop MTU of "fragmentation needed" and "packet too big".
    package let mtu: Int?
    /// TTL of the ICMP error itself.
    package let hopLimit: UInt8

    package init(
        frame: Int, at: WallTime, sender: PacketAddress, type: UInt8, code: UInt8, mtu: Int?, hopLimit: UInt8
    ) {
        self.frame = frame
        self.at = at
        self.sender = sender
        self.type = type
        self.code = code
        self.mtu = mtu
        self.hopLimit = hopLimit
    }
}

/// One packet of a flow, as a finding quotes it.
package struct PacketEvent: Hashable, Sendable {
    package let at: WallTime
    package let isFromA: Bool
    package let hopLimit: UInt8
    package let payloadLength: Int
    /// Nil for anything but TCP.
    package let flags: TCPFlags?
    package let window: UInt16
    /// Relative to the first of its direction.
    package let sequence: UInt32
    package let direction: LinkHeader.Direction

    package init(
        at: WallTime, isFromA: Bool, hopLimit: UInt8, payloadLength: Int, flags: TCPFlags?, window: UInt16,
        sequence: UInt32, direction: LinkHeader.Direction
    ) {
        self.at = at
        self.isFromA = isFromA
        self.hopLimit = hopLimit
        self.payloadLength = payloadLength
        self.flags = flags
        self.window = window
        self.sequence = sequence
        self.direction = direction
    }
}
