import Wire

/// Where a frame's headers end, for those who must not keep what applications say to each other. The messages of the network's
/// own protocols (DNS, DHCP, ICMP, ARP and neighbour discovery) count as headers: without them a capture explains little.
package struct HeaderCut: ~Copyable {
    private var decoder = FrameDecoder()

    package init() {}

    /// How many bytes from the start of the frame may be kept.
    package mutating func length(of frame: CapturedFrame, _ bytes: Span<UInt8>) -> Int {
        var extent = HeaderExtent(captured: bytes.count)
        decoder.decode(frame, bytes, into: &extent)
        return min(bytes.count, extent.end ?? HeaderExtent.unknown)
    }
}

private struct HeaderExtent: PacketVisitor {
    /// Kept of a frame in which no packet was found: its link header, and little more.
    static let unknown = 64

    let captured: Int
    var end: Int?

    init(captured: Int) {
        self.captured = captured
    }

    mutating func visit(_ packet: NetworkPacket, in frame: CapturedFrame, _ bytes: Span<UInt8>) {
        // A datagram put together from fragments: what is kept of the frame is decided by its own headers.
        guard bytes.count == captured else { return }
        end = max(end ?? 0, packet.payloadOffset + Self.kept(of: packet, bytes))
    }

    mutating func visitARP(at offset: Int, link: LinkHeader, in frame: CapturedFrame, _ bytes: Span<UInt8>) {
        end = captured
    }

    mutating func visitOther(_ other: UndecodedFrame, in frame: CapturedFrame) {}

    /// Of the payload of an IP packet: the transport header.
    private static func kept(of packet: NetworkPacket, _ bytes: Span<UInt8>) -> Int {
        if packet.fragment?.isFirst == false { return 0 }
        switch packet.protocolNumber {
        case IPProtocol.icmp, IPProtocol.icmpv6: return packet.payloadLength
        case IPProtocol.tcp:
            if hasNetworkPort(packet.payloadOffset, bytes) { return packet.payloadLength }
            let field = packet.payloadOffset + 12
            guard field >= 0, field < bytes.count else { return tcpHeader }
            return max(tcpHeader, Int(bytes[field] >> 4) * 4)
        case IPProtocol.udp:
            return hasNetworkPort(packet.payloadOffset, bytes) ? packet.payloadLength : udpHeader
        default: return other
        }
    }

    private static let tcpHeader = 20
    private static let udpHeader = 8
    private static let other = 16

    /// DNS, multicast DNS, DHCP and DHCPv6, from or to.
    private static func hasNetworkPort(_ offset: Int, _ bytes: Span<UInt8>) -> Bool {
        guard offset >= 0, offset + 4 <= bytes.count else { return false }
        return isNetworkPort(UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1]))
            || isNetworkPort(UInt16(bytes[offset + 2]) << 8 | UInt16(bytes[offset + 3]))
    }

    private static func isNetworkPort(_ port: UInt16) -> Bool {
        switch port {
        case 53, 67, 68, 546, 547, 5353: true
        default: false
        }
    }
}
