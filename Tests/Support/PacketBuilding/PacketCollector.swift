import Wire

/// Keeps what a decoder finds, for tests that look at it.
package struct PacketCollector: PacketVisitor {
    package struct Visited {
        package var packet: NetworkPacket
        package var frame: CapturedFrame
        /// Its payload as far as it was captured.
        package var payload: [UInt8]
        /// Set where the packet is TCP or UDP, whole, and its header decodes.
        package var tcp: TCPSegment?
        package var udp: UDPDatagram?
    }

    package private(set) var packets: [Visited] = []
    package private(set) var arps: [(offset: Int, link: LinkHeader)] = []
    package private(set) var others: [UndecodedFrame] = []

    package init() {}

    package mutating func visit(_ packet: NetworkPacket, in frame: CapturedFrame, _ bytes: Span<UInt8>) {
        let end = min(bytes.count, packet.payloadOffset + packet.payloadLength)
        let payload = packet.payloadOffset < end ? (packet.payloadOffset..<end).map { bytes[$0] } : []
        var visited = Visited(packet: packet, frame: frame, payload: payload)
        if packet.fragment == nil, packet.protocolNumber == IPProtocol.tcp {
            visited.tcp = try? TCPSegment(decoding: packet, bytes)
        }
        if packet.fragment == nil, packet.protocolNumber == IPProtocol.udp {
            visited.udp = try? UDPDatagram(decoding: packet, bytes)
        }
        packets.append(visited)
    }

    package mutating func visitARP(at offset: Int, link: LinkHeader, in frame: CapturedFrame, _ bytes: Span<UInt8>) {
        arps.append((offset, link))
    }

    package mutating func visitOther(_ other: UndecodedFrame, in frame: CapturedFrame) {
        others.append(other)
    }
}

extension FrameDecoder {
    /// Decodes one frame, whole unless `length` says more.
    package mutating func collect(
        _ bytes: [UInt8], linkType: LinkType = .ethernet, length: Int? = nil, time: Int64 = 0
    ) -> PacketCollector {
        var collector = PacketCollector()
        let frame = CapturedFrame(number: 1, time: time, length: length ?? bytes.count, linkType: linkType)
        decode(frame, bytes.span, into: &collector)
        return collector
    }
}
