extension FrameDecoder {
    /// Hands on a packet, then what it carries if it is a tunnel.
    mutating func payload(
        _ packet: NetworkPacket, _ layer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>,
        into visitor: inout some PacketVisitor
    ) {
        visitor.visit(packet, in: frame, bytes)
        guard packet.depth + 1 < Self.mostPackets else { return }
        var inner = layer
        inner.depth += 1
        switch packet.protocolNumber {
        case IPProtocol.udp: overlay(inner, frame, bytes, into: &visitor)
        case IPProtocol.ipv4:
            inner.tunnel = Tunnel(.ipInIP)
            ipv4(inner, frame, bytes, into: &visitor)
        case IPProtocol.ipv6:
            inner.tunnel = Tunnel(.ipInIP)
            ipv6(inner, frame, bytes, into: &visitor)
        case IPProtocol.gre: gre(inner, frame, bytes, into: &visitor)
        default: break
        }
    }

    /// A fragment of a datagram.
    mutating func fragment(
        _ part: FragmentPart, _ outer: NetworkPacket, _ layer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>,
        into visitor: inout some PacketVisitor
    ) {
        var packet = outer
        packet.fragment = NetworkPacket.Fragment(isFirst: part.offset == 0)
        visitor.visit(packet, in: frame, bytes)
    }
}

/// Which part of a datagram a fragment is.
struct FragmentPart {
    /// In bytes.
    var offset: Int
    var isLast: Bool
}
