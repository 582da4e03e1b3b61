extension FrameDecoder {
    /// RFC 791 section 3.1.
    mutating func ipv4(
        _ layer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>, into visitor: inout some PacketVisitor
    ) {
        guard layer.holds(20, bytes) else { return visitor.visitOther(.cutShort, in: frame) }
        let header = bytes.extracting(layer.offset..<layer.offset + 20)
        let headerLength = Int(header[0] & 0xf) * 4
        // Some captures call everything IPv4; tshark goes on as well.
        if header[0] >> 4 == 6 { return ipv6(layer, frame, bytes, into: &visitor) }
        guard header[0] >> 4 == 4, headerLength >= 20 else { return visitor.visitOther(.malformed, in: frame) }
        guard layer.holds(headerLength, bytes) else { return visitor.visitOther(.cutShort, in: frame) }
        // A packet that the network card was to cut up has no length that 16 bits could say: it is the rest of the frame.
        let stated = Int(header.uint16(at: 2))
        let totalLength = stated == 0 ? layer.length : stated
        guard totalLength >= headerLength else { return visitor.visitOther(.malformed, in: frame) }
        var inner = layer
        inner.offset += headerLength
        inner.end = min(layer.end, layer.offset + totalLength)
        inner.layers = 0
        var packet = NetworkPacket(
            source: PacketAddress(ipv4: header.uint32(at: 12)), destination: PacketAddress(ipv4: header.uint32(at: 16)),
            protocolNumber: header[9], hopLimit: header[8], trafficClass: header[1],
            identification: UInt32(header.uint16(at: 4)), totalLength: totalLength, payloadOffset: inner.offset,
            payloadLength: inner.length, tunnel: layer.tunnel, depth: layer.depth, link: layer.link)
        if headerLength > 20 {
            let options = bytes.extracting(layer.offset + 20..<layer.offset + headerLength)
            if let final = finalHop(options) { packet.destination = PacketAddress(ipv4: final) }
        }
        let field = header.uint16(at: 6)
        guard field & 0x3fff == 0 else {
            let part = FragmentPart(offset: Int(field & 0x1fff) * 8, isLast: field & 0x2000 == 0)
            return fragment(part, packet, inner, frame, bytes, into: &visitor)
        }
        authenticated(packet, inner, frame, bytes, into: &visitor)
    }

    /// An authentication header (RFC 4302 section 2) hides nothing.
    mutating func authenticated(
        _ outer: NetworkPacket, _ outerLayer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>,
        into visitor: inout some PacketVisitor
    ) {
        guard outer.protocolNumber == IPProtocol.authentication else {
            return payload(outer, outerLayer, frame, bytes, into: &visitor)
        }
        var packet = outer
        var layer = outerLayer
        guard layer.holds(12, bytes) else { return payload(packet, layer, frame, bytes, into: &visitor) }
        let length = (Int(bytes[layer.offset + 1]) + 2) * 4
        guard length >= 12, length <= layer.length else { return payload(packet, layer, frame, bytes, into: &visitor) }
        packet.protocolNumber = bytes[layer.offset]
        layer.offset += length
        packet.payloadOffset += length
        packet.payloadLength -= length
        payload(packet, layer, frame, bytes, into: &visitor)
    }

    /// The last address of a source route that is not used up (RFC 791 page 18): where the packet really goes.
    private func finalHop(_ options: Span<UInt8>) -> UInt32? {
        var at = 0
        while at < options.count {
            let kind = options[at]
            if kind == 0 { return nil }
            if kind == 1 {
                at += 1
                continue
            }
            guard at + 1 < options.count else { return nil }
            let length = Int(options[at + 1])
            guard length >= 2, at + length <= options.count else { return nil }
            if kind == 131 || kind == 137, length >= 7 {
                let pointer = Int(options[at + 2])
                let last = at + 3 + (length - 3) / 4 * 4 - 4
                return pointer >= 4 && pointer <= length ? options.uint32(at: last) : nil
            }
            at += length
        }
        return nil
    }
}
