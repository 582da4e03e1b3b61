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

    /// Hands on a fragment, or the datagram that it completes: then the bytes are the datagram's payload alone. What was captured
    /// in part is not put together, as tshark does not either.
    mutating func fragment(
        _ part: FragmentPart, _ outer: NetworkPacket, _ layer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>,
        into visitor: inout some PacketVisitor
    ) {
        var packet = outer
        let whole =
            layer.holds(layer.length, bytes) && layer.layers < Self.mostLayers
            ? fragments.add(
                part, of: FragmentKey(packet), protocolNumber: packet.protocolNumber, at: frame.time,
                bytes.extracting(layer.offset..<layer.end)) : nil
        guard let whole else {
            packet.fragment = NetworkPacket.Fragment(offset: part.offset)
            return visitor.visit(packet, in: frame, bytes)
        }
        var inner = layer
        inner.offset = 0
        inner.end = whole.payload.count
        inner.layers += 1
        packet.totalLength += inner.length - packet.payloadLength
        packet.protocolNumber = whole.protocolNumber
        packet.payloadOffset = 0
        packet.payloadLength = inner.length
        if packet.source.isIPv6 {
            extensions(packet, inner, frame, whole.payload.span, into: &visitor)
        } else {
            authenticated(packet, inner, frame, whole.payload.span, into: &visitor)
        }
    }
}

/// Which part of a datagram a fragment is.
struct FragmentPart {
    /// In bytes.
    var offset: Int
    var isLast: Bool
}
