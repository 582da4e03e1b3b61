extension FrameDecoder {
    /// RFC 8200 section 3.
    mutating func ipv6(
        _ layer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>, into visitor: inout some PacketVisitor
    ) {
        guard layer.holds(40, bytes) else { return visitor.visitOther(.cutShort, in: frame) }
        let header = bytes.extracting(layer.offset..<layer.offset + 40)
        guard header[0] >> 4 == 6 else { return visitor.visitOther(.malformed, in: frame) }
        // 0 stands for a jumbogram (RFC 2675) and for what the network card was to cut up: both reach to the end of the frame.
        let stated = Int(header.uint16(at: 4))
        let totalLength = stated == 0 && header[6] != IPProtocol.noNext ? layer.length : 40 + stated
        var inner = layer
        inner.offset += 40
        inner.end = min(layer.end, layer.offset + totalLength)
        inner.layers = 0
        let packet = NetworkPacket(
            source: PacketAddress(high: header.uint64(at: 8), low: header.uint64(at: 16)),
            destination: PacketAddress(high: header.uint64(at: 24), low: header.uint64(at: 32)),
            protocolNumber: header[6], hopLimit: header[7], trafficClass: UInt8(header.uint16(at: 0) >> 4 & 0xff),
            totalLength: totalLength, payloadOffset: inner.offset, payloadLength: inner.length, tunnel: layer.tunnel,
            depth: layer.depth, link: layer.link)
        guard IPProtocol.isExtension(packet.protocolNumber) else {
            return payload(packet, inner, frame, bytes, into: &visitor)
        }
        extensions(packet, inner, frame, bytes, into: &visitor)
    }

    /// Extension headers (RFC 8200 section 4), in whatever order.
    mutating func extensions(
        _ outer: NetworkPacket, _ outerLayer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>,
        into visitor: inout some PacketVisitor
    ) {
        var packet = outer
        var layer = outerLayer
        while IPProtocol.isExtension(packet.protocolNumber) {
            guard layer.layers < Self.mostLayers else { return visitor.visitOther(.malformed, in: frame) }
            guard layer.holds(8, bytes) else { return visitor.visitOther(.cutShort, in: frame) }
            let header = bytes.extracting(layer.offset..<layer.offset + 8)
            let kind = packet.protocolNumber
            let length =
                switch kind {
                case IPProtocol.fragment: 8
                case IPProtocol.authentication: (Int(header[1]) + 2) * 4
                default: (Int(header[1]) + 1) * 8
                }
            guard length <= layer.length else { return visitor.visitOther(.malformed, in: frame) }
            guard layer.holds(length, bytes) else { return visitor.visitOther(.cutShort, in: frame) }
            if kind == IPProtocol.routing, let final = finalHop(bytes.extracting(layer.offset..<layer.offset + length))
            {
                packet.destination = final
            }
            packet.protocolNumber = header[0]
            layer = layer.behind(length)
            packet.payloadOffset = layer.offset
            packet.payloadLength = layer.length
            guard kind == IPProtocol.fragment else { continue }
            packet.identification = header.uint32(at: 4)
            let field = header.uint16(at: 2)
            // Offset 0 and nothing more: an atomic fragment (RFC 6946) is a whole packet.
            guard field & 0xfff9 == 0 else {
                let part = FragmentPart(offset: Int(field & 0xfff8), isLast: field & 1 == 0)
                return fragment(part, packet, layer, frame, bytes, into: &visitor)
            }
        }
        payload(packet, layer, frame, bytes, into: &visitor)
    }

    /// Where a packet really goes that has a routing header of type 0 or 2 with hops before it (RFC 5095, RFC 6275 section 6.4).
    private func finalHop(_ header: Span<UInt8>) -> PacketAddress? {
        guard header.count >= 24, header[2] == 0 || header[2] == 2, header[3] > 0 else { return nil }
        let last = 8 + (header.count - 8) / 16 * 16 - 16
        return PacketAddress(high: header.uint64(at: last), low: header.uint64(at: last + 8))
    }
}

extension IPProtocol {
    static let hopByHop: UInt8 = 0
    static let routing: UInt8 = 43
    static let fragment: UInt8 = 44
    static let authentication: UInt8 = 51
    static let noNext: UInt8 = 59
    static let destinationOptions: UInt8 = 60
    static let mobility: UInt8 = 135

    /// Of IPv6, and with a next header.
    static func isExtension(_ number: UInt8) -> Bool {
        switch number {
        case hopByHop, routing, fragment, authentication, destinationOptions, mobility: true
        default: false
        }
    }
}
