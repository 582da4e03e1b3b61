extension FrameDecoder {
    /// A stack of labels (RFC 3032) upon IP, or upon Ethernet behind a control word (RFC 4448 section 4.6). Nothing in the stack
    /// says which: the first four bits do, as for every router.
    mutating func mpls(
        _ outer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>, into visitor: inout some PacketVisitor
    ) {
        var layer = outer
        var isBottom = false
        while !isBottom {
            guard layer.layers < Self.mostLayers else { return visitor.visitOther(.malformed, in: frame) }
            guard layer.holds(4, bytes) else { return visitor.visitOther(.cutShort, in: frame) }
            let entry = bytes.uint32(at: layer.offset)
            isBottom = entry >> 8 & 1 == 1
            // The last one says what is carried; those above it change on the way.
            layer.tunnel = Tunnel(.mpls, identifier: entry >> 12)
            layer = layer.behind(4)
        }
        guard layer.holds(1, bytes) else { return visitor.visitOther(.cutShort, in: frame) }
        switch bytes[layer.offset] >> 4 {
        case 4: ipv4(layer, frame, bytes, into: &visitor)
        case 6: ipv6(layer, frame, bytes, into: &visitor)
        case 0: ethernet(layer.behind(4), frame, bytes, into: &visitor)
        default: visitor.visitOther(.etherType(EtherType.mpls), in: frame)
        }
    }

    /// A session (RFC 2516 section 4): version and type 1, code 0, session identifier, length, then PPP (RFC 1661 section 2).
    mutating func pppoe(
        _ outer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>, into visitor: inout some PacketVisitor
    ) {
        guard outer.holds(8, bytes) else { return visitor.visitOther(.cutShort, in: frame) }
        let header = bytes.extracting(outer.offset..<outer.offset + 8)
        guard header[0] == 0x11, header[1] == 0 else { return visitor.visitOther(.malformed, in: frame) }
        var layer = outer.behind(6)
        layer.end = min(layer.end, layer.offset + Int(header.uint16(at: 4)))
        layer.tunnel = Tunnel(.pppoe, identifier: UInt32(header.uint16(at: 2)))
        guard layer.length >= 2 else { return visitor.visitOther(.malformed, in: frame) }
        layer.offset += 2
        switch header.uint16(at: 6) {
        case 0x0021: ipv4(layer, frame, bytes, into: &visitor)
        case 0x0057: ipv6(layer, frame, bytes, into: &visitor)
        default: visitor.visitOther(.etherType(EtherType.pppoeSession), in: frame)
        }
    }
}
