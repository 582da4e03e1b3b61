/// A UDP header (RFC 768) and where its payload lies.
package struct UDPDatagram: Hashable, Sendable {
    package var sourcePort: UInt16
    package var destinationPort: UInt16
    /// In the bytes; may lie behind what was captured.
    package var payloadOffset: Int
    /// By the length fields: the smaller of the header's own and what the packet has room for.
    package var payloadLength: Int
    /// 0 over IPv4 stands for none.
    package var checksum: UInt16

    package init(
        sourcePort: UInt16, destinationPort: UInt16, payloadOffset: Int = 0, payloadLength: Int = 0,
        checksum: UInt16 = 0
    ) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.payloadOffset = payloadOffset
        self.payloadLength = payloadLength
        self.checksum = checksum
    }

    /// The header at the start of a packet's payload. A length of 0 reaches to the end of the packet (RFC 2675 section 4).
    /// - Throws: `.malformed` when the length is below that of the header or the packet has no room for one, `.cutShort` when it
    ///   was not captured.
    package init(decoding packet: NetworkPacket, _ bytes: Span<UInt8>) throws(UndecodedFrame) {
        guard packet.payloadLength >= 8 else { throw .malformed }
        guard bytes.holds(8, at: packet.payloadOffset) else { throw .cutShort }
        let header = bytes.extracting(packet.payloadOffset..<packet.payloadOffset &+ 8)
        let stated = Int(header.uint16(at: 4))
        guard stated == 0 || stated >= 8 else { throw .malformed }
        let length = stated == 0 ? packet.payloadLength : min(stated, packet.payloadLength)
        self.init(
            sourcePort: header.uint16(at: 0), destinationPort: header.uint16(at: 2),
            payloadOffset: packet.payloadOffset &+ 8, payloadLength: length &- 8, checksum: header.uint16(at: 6))
    }
}
