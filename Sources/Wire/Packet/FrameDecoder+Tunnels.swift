extension FrameDecoder {
    /// Ethernet or IP within UDP: VXLAN and Geneve by their ports.
    mutating func overlay(
        _ outer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>, into visitor: inout some PacketVisitor
    ) {
        guard outer.holds(16, bytes) else { return }
        let header = bytes.extracting(outer.offset..<outer.offset + 8)
        let port = header.uint16(at: 2)
        guard port == Self.vxlanPort || port == Self.linuxVXLANPort || port == Self.genevePort else { return }
        var layer = outer.behind(8)
        let length = Int(header.uint16(at: 4))
        if length >= 8 { layer.end = min(layer.end, outer.offset + length) }
        guard layer.holds(8, bytes) else { return }
        if port == Self.genevePort {
            geneve(layer, frame, bytes, into: &visitor)
        } else {
            vxlan(layer, isOwnPort: port == Self.vxlanPort, frame, bytes, into: &visitor)
        }
    }

    private static var vxlanPort: UInt16 { 4789 }
    /// Of Linux before the number was given out, and so of flannel.
    private static var linuxVXLANPort: UInt16 { 8472 }
    private static var genevePort: UInt16 { 6081 }

    /// RFC 7348 section 5: the I flag and the network. At another port, which others use too, all the rest must be 0.
    private mutating func vxlan(
        _ layer: FrameLayer, isOwnPort: Bool, _ frame: CapturedFrame, _ bytes: Span<UInt8>,
        into visitor: inout some PacketVisitor
    ) {
        let header = bytes.extracting(layer.offset..<layer.offset + 8)
        guard header[0] & 0x08 != 0, isOwnPort || header.uint32(at: 0) == 0x0800_0000 && header[7] == 0 else { return }
        var inner = layer.behind(8)
        inner.tunnel = Tunnel(.vxlan, identifier: header.uint24(at: 4))
        ethernet(inner, frame, bytes, into: &visitor)
    }

    /// RFC 8926 section 3.4: version 0, the length of the options in words, the protocol, the network.
    private mutating func geneve(
        _ layer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>, into visitor: inout some PacketVisitor
    ) {
        let header = bytes.extracting(layer.offset..<layer.offset + 8)
        guard header[0] >> 6 == 0 else { return }
        let length = 8 + Int(header[0] & 0x3f) * 4
        guard length <= layer.length else { return visitor.visitOther(.malformed, in: frame) }
        var inner = layer.behind(length)
        inner.tunnel = Tunnel(.geneve, identifier: header.uint24(at: 4))
        etherType(header.uint16(at: 2), inner, frame, bytes, into: &visitor)
    }

    /// RFC 2784 and 2890: checksum, key and sequence where the flags say so. NVGRE (RFC 7637) is a key and Ethernet. What has a
    /// source route (RFC 1701) or another version (PPTP) is not looked into.
    mutating func gre(
        _ layer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>, into visitor: inout some PacketVisitor
    ) {
        guard layer.holds(4, bytes) else { return visitor.visitOther(.cutShort, in: frame) }
        let flags = bytes.uint16(at: layer.offset)
        let type = bytes.uint16(at: layer.offset + 2)
        guard flags & 0x4007 == 0 else { return visitor.visitOther(.etherType(type), in: frame) }
        let hasChecksum = flags & 0x8000 != 0
        let hasKey = flags & 0x2000 != 0
        let hasSequence = flags & 0x1000 != 0
        let length = 4 + (hasChecksum ? 4 : 0) + (hasKey ? 4 : 0) + (hasSequence ? 4 : 0)
        guard layer.holds(length, bytes) else { return visitor.visitOther(.cutShort, in: frame) }
        let key = hasKey ? bytes.uint32(at: layer.offset + (hasChecksum ? 8 : 4)) : nil
        var inner = layer.behind(length)
        inner.tunnel = Tunnel(.gre, identifier: key)
        guard type > EtherType.mostLength else { return visitor.visitOther(.etherType(type), in: frame) }
        etherType(type, inner, frame, bytes, into: &visitor)
    }
}
