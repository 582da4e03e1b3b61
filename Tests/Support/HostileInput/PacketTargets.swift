import PacketBuilding
import Wire

extension FuzzTarget {
    private static let linkTypes: [LinkType] = [
        .ethernet, .linuxCooked, .linuxCooked2, .raw, .null, .loop, .ipv4, .ipv6,
    ]

    /// The first byte chooses the link type, the second one how much longer the frame was on the wire.
    static let frame = FuzzTarget(
        "frame",
        seeds: {
            let frames: [(LinkType, [UInt8])] = [
                (.ethernet, PacketBytes.frame(tcpSample, vlans: [7, 8])),
                (.linuxCooked, PacketBytes.linuxCooked(tcpSample)),
                (.linuxCooked2, PacketBytes.linuxCooked2(udp6Sample)), (.raw, udp6Sample),
                (.null, PacketBytes.loopback(tcpSample)), (.loop, PacketBytes.loopback(udp6Sample, isBigEndian: true)),
                (.ipv4, tcpSample), (.ipv6, udp6Sample),
            ]
            let carried = tunnelSamples.map { (LinkType.ethernet, $0) }
            return (frames + carried).map { linkType, bytes in
                [UInt8(linkTypes.firstIndex(of: linkType) ?? 0), 0] + bytes
            }
        }
    ) { bytes in
        guard bytes.count >= 2 else { return }
        let frame = [UInt8](bytes.dropFirst(2))
        var decoder = FrameDecoder()
        let linkType = linkTypes[Int(bytes[0]) % linkTypes.count]
        let length = frame.count + Int(bytes[1])
        let found = decoder.collect(frame, linkType: linkType, length: length)
        try hold(found.packets.count + found.arps.count + found.others.count > 0, "nothing was visited")
        for (index, visited) in found.packets.enumerated() {
            try check(visited, within: length)
            try hold(Int(visited.packet.depth) >= index, "packets of one frame at the same depth")
        }
        for arp in found.arps { try hold((0...frame.count).contains(arp.offset), "ARP behind the frame") }
    }

    /// As `frame`: what a capture without payload keeps of it is never more than the frame, and never less than the headers that
    /// are taken apart.
    static let headerLength = FuzzTarget("header-length", seeds: { frame.seeds() + headerSeeds }) { bytes in
        guard bytes.count >= 2 else { return }
        let frame = [UInt8](bytes.dropFirst(2))
        let linkType = linkTypes[Int(bytes[0]) % linkTypes.count]
        let captured = CapturedFrame(
            number: 1, time: 0, length: frame.count + Int(bytes[1]), linkType: linkType)
        let kept = HeaderLength.of(captured, frame.span)
        try hold((0...frame.count).contains(kept), "\(kept) bytes of headers in a frame of \(frame.count)")
        var decoder = FrameDecoder()
        let found = decoder.collect(frame, linkType: linkType, length: captured.length)
        for visited in found.packets {
            let ends = [
                visited.packet.payloadOffset, visited.tcp?.payloadOffset ?? 0, visited.udp?.payloadOffset ?? 0,
            ]
            for end in ends { try hold(kept >= min(end, frame.count), "\(kept) bytes kept of headers of \(end)") }
        }
        for arp in found.arps {
            try hold(kept >= min(arp.offset + 28, frame.count), "\(kept) bytes kept of ARP up to \(arp.offset + 28)")
        }
    }

    /// LLC with SNAP, and an authentication header upon IPv6.
    private static var headerSeeds: [[UInt8]] {
        let snap: [UInt8] = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0] + tcpSample
        return [
            [0, 0] + PacketBytes.ethernet(UInt16(snap.count), snap),
            [0, 0]
                + PacketBytes.ethernet(
                    0x86dd,
                    PacketBytes.internet(
                        "fd00:18::1", "fd00:18::2", 51,
                        [6, 4, 0, 0] + [UInt8](repeating: 0, count: 20) + tcpSample[28...])),
        ]
    }

    /// Frames one after another, each behind its length in two bytes and the seconds since the one before in one.
    static let fragments = FuzzTarget(
        "fragments",
        seeds: {
            let four = PacketBytes.fragments(
                "198.18.0.1", "198.18.0.2", 17,
                PacketBytes.udpDatagram("198.18.0.1:40000", "198.18.0.2:53", [UInt8](repeating: 7, count: 50)), size: 16
            )
            let six = PacketBytes.fragments("fd00:18::1", "fd00:18::2", 4, tcpSample, size: 24)
            return [four, four.reversed(), six, six + four, [four[0], four[0], six[1], four[1]]].map { frames in
                frames.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 0xff), 1] + $0 }
            }
        }
    ) { bytes in
        var decoder = FrameDecoder()
        var at = 0
        var time: Int64 = 0
        var frames = 0
        while at + 3 <= bytes.count {
            let length = Int(bytes[at]) << 8 | Int(bytes[at + 1])
            time += Int64(bytes[at + 2]) * 1_000_000_000
            let end = min(bytes.count, at + 3 + length)
            let frame = [UInt8](bytes[at + 3..<end])
            at = end
            frames += 1
            let found = decoder.collect(frame, linkType: .raw, length: length, time: time)
            for visited in found.packets { try check(visited, within: max(length, 65_535)) }
            try hold(decoder.abandonedDatagrams <= 4 * frames, "more datagrams given up than there were fragments")
        }
    }

    /// A TCP segment, options and all; the first byte is how much longer it was on the wire.
    static let tcpSegment = FuzzTarget(
        "tcp-segment",
        seeds: {
            let options: [[TCPOptionBytes]] = [
                [], [.mss(1460), .sackPermitted, .timestamps(1, echo: 2), .noOperation, .windowScale(7)],
                [.noOperation, .noOperation, .sack([(1, 2), (3, 4), (5, 6), (7, 8)])], [.raw([30, 4, 1, 0])],
            ]
            return options.map { options in
                let packet = PacketBytes.tcp("198.18.0.1:40000", "198.18.0.2:443", .syn, options: options, payload: [1])
                return [0] + packet.dropFirst(20)
            }
        }
    ) { bytes in
        guard let first = bytes.first else { return }
        let segment = [UInt8](bytes.dropFirst())
        let length = segment.count + Int(first)
        let packet = NetworkPacket(
            source: "198.18.0.1", destination: "198.18.0.2", protocolNumber: IPProtocol.tcp, hopLimit: 64,
            totalLength: 20 + length, payloadOffset: 0, payloadLength: length)
        guard let found = try? TCPSegment(decoding: packet, segment.span) else { return }
        try hold(found.payloadOffset + found.payloadLength == length, "the payload does not end with the segment")
        try hold(found.payloadOffset >= 0 && found.payloadLength >= 0, "a payload of \(found.payloadLength) bytes")
        try hold(found.options.sackCount <= 4, "\(found.options.sackCount) SACK blocks")
        try hold(found.options.windowScale ?? 0 <= 14, "a shift of \(found.options.windowScale ?? 0)")
        try hold(found.areOptionsCut == (found.payloadOffset > segment.count && found.dataOffset > 5), "cut or not")
    }

    /// Quoted by an ICMP error, or of an answer.
    static let segmentStart = FuzzTarget(
        "segment-start",
        seeds: {
            let packet = PacketBytes.tcp(
                "198.18.0.1:40000", "198.18.0.2:443", [.syn, .ack],
                options: [.mss(1460), .sackPermitted, .timestamps(1, echo: 2), .noOperation, .windowScale(7)])
            let segment = [UInt8](packet.dropFirst(20))
            return [segment, Array(segment.prefix(8)), segment.prefix(8) + [UInt8](repeating: 0, count: 32)]
        }
    ) { bytes in
        guard let start = try? SegmentStart(decoding: bytes[...]) else {
            return try hold(bytes.count < 8, "ports and sequence number of \(bytes.count) bytes are not read")
        }
        try hold(bytes.count >= 8, "\(bytes.count) bytes")
        try hold((start.flags == nil) == (start.acknowledgement == nil), "half of a header")
        try hold(start.flags != nil || start.options == TCPOptions(), "options without a header")
        try hold(start.flags == nil || bytes.count >= 20, "a header of \(bytes.count) bytes")
    }

    /// - Parameter length: of the frame, or of the longest datagram that is put together.
    private static func check(_ visited: PacketCollector.Visited, within length: Int) throws {
        let packet = visited.packet
        try hold(packet.payloadOffset >= 0 && packet.payloadLength >= 0, "a payload of \(packet.payloadLength) bytes")
        try hold(packet.payloadOffset + packet.payloadLength <= length, "a payload behind the frame")
        try hold(packet.totalLength >= 20 && packet.totalLength <= length + 65_575, "\(packet.totalLength) bytes")
        try hold(packet.depth < 4, "\(packet.depth) packets around one")
        for end in [
            visited.tcp.map { $0.payloadOffset + $0.payloadLength },
            visited.udp.map { $0.payloadOffset + $0.payloadLength },
        ] {
            try hold(end ?? 0 <= packet.payloadOffset + packet.payloadLength, "a payload behind its packet")
        }
    }

    private static let tcpSample = PacketBytes.tcp(
        "198.18.0.1:40000", "198.18.0.2:443", .syn, options: [.mss(1460), .windowScale(7)], payload: [1, 2, 3],
        PacketBytes.Internet(options: [131, 7, 4, 198, 18, 0, 9, 0]))
    private static let udp6Sample = PacketBytes.internet(
        "fd00:18::1", "fd00:18::2", 0,
        PacketBytes.extensionHeader(next: 43) + PacketBytes.extensionHeader(next: 60, [0, 1])
            + PacketBytes.extensionHeader(next: 17)
            + PacketBytes.udpDatagram("[fd00:18::1]:40000", "[fd00:18::2]:53", [1, 2, 3]))

    private static var tunnelSamples: [[UInt8]] {
        let inner = PacketBytes.frame(tcpSample)
        func ip(_ number: UInt8, _ payload: [UInt8]) -> [UInt8] {
            PacketBytes.frame(PacketBytes.internet("198.18.1.1", "198.18.1.2", number, payload))
        }
        func udp(_ port: UInt16, _ payload: [UInt8]) -> [UInt8] {
            PacketBytes.frame(PacketBytes.udp("198.18.1.1:50000", PacketEndpoint("198.18.1.2", port), payload))
        }
        return [
            ip(4, tcpSample), ip(41, udp6Sample), ip(47, PacketBytes.gre(inner, type: 0x6558, key: 1, sequence: 2)),
            udp(4789, PacketBytes.vxlan(inner, network: 1)), udp(8472, PacketBytes.vxlan(inner, network: 1)),
            udp(6081, PacketBytes.geneve(inner, network: 1, options: [1, 2, 3, 0])),
            PacketBytes.ethernet(0x8847, PacketBytes.mpls(tcpSample, labels: [1, 2])),
            PacketBytes.ethernet(0x8847, PacketBytes.mpls([0, 0, 0, 0] + inner, labels: [1])),
            PacketBytes.ethernet(0x8864, PacketBytes.pppoe(udp6Sample, session: 1)),
            ip(51, [6, 4, 0, 0] + [UInt8](repeating: 0, count: 20) + tcpSample[28...]),
        ]
    }
}
