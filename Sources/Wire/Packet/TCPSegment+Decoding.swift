extension TCPSegment {
    /// The header at the start of a packet's payload (RFC 9293 section 3.1). Options are read as far as they were captured. A data
    /// offset below 5 is let through, with the header taken to end where it says.
    /// - Throws: `.malformed` when the header is longer than the payload, `.cutShort` when its fixed part was not captured.
    package init(decoding packet: NetworkPacket, _ bytes: Span<UInt8>) throws(UndecodedFrame) {
        guard packet.payloadLength >= 20 else { throw .malformed }
        guard bytes.holds(20, at: packet.payloadOffset) else { throw .cutShort }
        let header = bytes.extracting(packet.payloadOffset..<packet.payloadOffset &+ 20)
        let dataOffset = header[12] >> 4
        let headerLength = Int(dataOffset) * 4
        guard headerLength <= packet.payloadLength else { throw .malformed }
        self.init(
            sourcePort: header.uint16(at: 0), destinationPort: header.uint16(at: 2), sequence: header.uint32(at: 4),
            acknowledgement: header.uint32(at: 8), flags: TCPFlags(rawValue: header[13]),
            window: header.uint16(at: 14), urgent: header.uint16(at: 18), dataOffset: dataOffset,
            payloadOffset: packet.payloadOffset &+ headerLength, payloadLength: packet.payloadLength &- headerLength)
        guard headerLength > 20 else { return }
        let end = min(bytes.count, packet.payloadOffset &+ headerLength)
        options = TCPOptions(bytes.extracting(packet.payloadOffset &+ 20..<end))
        areOptionsCut = end < packet.payloadOffset &+ headerLength
    }
}

extension TCPOptions {
    /// Reads up to the first thing that cannot be; options of a wrong length are passed over.
    init(_ bytes: Span<UInt8>) {
        var at = 0
        while at < bytes.count {
            let kind = bytes[at]
            if kind == 0 { return }
            if kind == 1 {
                at &+= 1
                continue
            }
            guard bytes.count &- at >= 2 else { return }
            let length = Int(bytes[at &+ 1])
            guard length >= 2, length <= bytes.count &- at else { return }
            read(kind, bytes.extracting(at..<at &+ length))
            at &+= length
        }
    }

    private mutating func read(_ kind: UInt8, _ option: Span<UInt8>) {
        switch (kind, option.count) {
        case (2, 4): mss = option.uint16(at: 2)
        case (3, 3): windowScale = min(option[2], 14)
        case (4, 2): isSACKPermitted = true
        case (5, 10), (5, 18), (5, 26), (5, 34): readSACK(option)
        case (8, 10):
            timestamp = option.uint32(at: 2)
            timestampEcho = option.uint32(at: 6)
        case (30, 3...): hasMPTCP = true
        default: break
        }
    }

    private mutating func readSACK(_ option: Span<UInt8>) {
        sackCount = UInt8((option.count - 2) / 8)
        sackEdges.0 = option.uint32(at: 2)
        sackEdges.1 = option.uint32(at: 6)
        if sackCount > 1 {
            sackEdges.2 = option.uint32(at: 10)
            sackEdges.3 = option.uint32(at: 14)
        }
        if sackCount > 2 {
            sackEdges.4 = option.uint32(at: 18)
            sackEdges.5 = option.uint32(at: 22)
        }
        if sackCount > 3 {
            sackEdges.6 = option.uint32(at: 26)
            sackEdges.7 = option.uint32(at: 30)
        }
    }
}
