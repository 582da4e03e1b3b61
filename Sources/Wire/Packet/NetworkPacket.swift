/// One IP packet in a frame: what its headers say, and where its payload lies in the bytes that come with it. A frame of an
/// overlay network holds several: the outer one first.
package struct NetworkPacket: Hashable, Sendable {
    package var source: PacketAddress
    package var destination: PacketAddress
    /// Behind IPv6 extension headers (https://www.iana.org/assignments/protocol-numbers).
    package var protocolNumber: UInt8
    /// TTL or hop limit.
    package var hopLimit: UInt8
    /// DSCP and ECN.
    package var trafficClass: UInt8
    /// IPv4 identification, or that of the IPv6 fragment header; 0 without.
    package var identification: UInt32
    /// Of the whole datagram by its own length fields, headers included.
    package var totalLength: Int
    /// Where the transport header begins in the bytes.
    package var payloadOffset: Int
    /// By the length fields, clamped to the layer around it, never by what was captured: the bytes may end before.
    package var payloadLength: Int
    /// A fragment that could not be put together with the others: only the first one has a transport header.
    package var fragment: Fragment?
    /// How it was carried; nil directly upon the link.
    package var tunnel: Tunnel?
    /// 0 for the outermost.
    package var depth: UInt8
    package var link: LinkHeader

    package struct Fragment: Hashable, Sendable {
        package var isFirst: Bool { offset == 0 }
        /// In bytes of the datagram's payload.
        package var offset: Int

        package init(offset: Int) {
            self.offset = offset
        }
    }

    package init(
        source: PacketAddress, destination: PacketAddress, protocolNumber: UInt8, hopLimit: UInt8,
        trafficClass: UInt8 = 0, identification: UInt32 = 0, totalLength: Int, payloadOffset: Int, payloadLength: Int,
        fragment: Fragment? = nil, tunnel: Tunnel? = nil, depth: UInt8 = 0, link: LinkHeader = LinkHeader()
    ) {
        self.source = source
        self.destination = destination
        self.protocolNumber = protocolNumber
        self.hopLimit = hopLimit
        self.trafficClass = trafficClass
        self.identification = identification
        self.totalLength = totalLength
        self.payloadOffset = payloadOffset
        self.payloadLength = payloadLength
        self.fragment = fragment
        self.tunnel = tunnel
        self.depth = depth
        self.link = link
    }
}

/// What the link layer says of a frame.
package struct LinkHeader: Hashable, Sendable {
    /// Which way the frame went past the capturing host, where the link type says so (Linux cooked).
    package enum Direction: UInt8, Hashable, Sendable {
        case unknown, incoming, broadcast, multicast, forwarded, outgoing
    }

    package var source: LinkAddress?
    package var destination: LinkAddress?
    package var direction: Direction
    /// The outermost VLAN identifier.
    package var vlan: UInt16?
    /// Of the capturing host, where the link type says so (Linux cooked v2); 0 is unknown.
    package var interfaceIndex: UInt32 = 0

    package init(
        source: LinkAddress? = nil, destination: LinkAddress? = nil, direction: Direction = .unknown,
        vlan: UInt16? = nil
    ) {
        self.source = source
        self.destination = destination
        self.direction = direction
        self.vlan = vlan
    }
}

/// What an inner packet was wrapped in.
package struct Tunnel: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case gre, ipInIP = "ipip", mpls, vxlan, geneve, pppoe
    }

    package var kind: Kind
    /// VXLAN and Geneve network identifier, GRE key, lowest MPLS label, PPPoE session; nil where there is none.
    package var identifier: UInt32?

    package init(_ kind: Kind, identifier: UInt32? = nil) {
        self.kind = kind
        self.identifier = identifier
    }
}

/// IP protocol numbers that are looked into.
package enum IPProtocol {
    package static let icmp: UInt8 = 1
    package static let ipv4: UInt8 = 4
    package static let tcp: UInt8 = 6
    package static let udp: UInt8 = 17
    package static let ipv6: UInt8 = 41
    package static let gre: UInt8 = 47
    package static let esp: UInt8 = 50
    package static let icmpv6: UInt8 = 58
    package static let sctp: UInt8 = 132
}

/// Takes what is found in frames, from the outside in. `bytes` are those that the packet's offsets count in: the frame, or a
/// datagram that was put together from fragments.
package protocol PacketVisitor {
    mutating func visit(_ packet: NetworkPacket, in frame: CapturedFrame, _ bytes: Span<UInt8>)
    /// An ARP packet's own bytes begin at `offset`.
    mutating func visitARP(at offset: Int, link: LinkHeader, in frame: CapturedFrame, _ bytes: Span<UInt8>)
    /// Nothing that is looked into: another ethertype or link type, or headers cut short or wrong.
    mutating func visitOther(_ other: UndecodedFrame, in frame: CapturedFrame)
}

/// Why a frame, or what a tunnel carried, brought no packet.
package enum UndecodedFrame: Error, Hashable, Sendable {
    case linkType
    case etherType(UInt16)
    /// The capture or the frame ends within a header.
    case cutShort
    /// What a header says cannot be.
    case malformed
}
