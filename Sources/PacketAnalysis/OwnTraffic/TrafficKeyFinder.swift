import Wire

/// Finds to which exchange, and to which talk about neighbours, a frame belongs.
struct TrafficKeyFinder: PacketVisitor {
    /// Ports of name servers: their datagrams share sockets, and are told apart by their ids.
    let dnsPorts: Set<UInt16>
    /// Of the innermost packet that has one.
    private(set) var key: TrafficKey?
    /// The address that ARP or neighbour discovery is about.
    private(set) var neighbour: PacketAddress?
    /// Who asks for that address.
    private(set) var asker: PacketAddress?
    /// Who opens a connection with this packet: its SYN.
    private(set) var opener: PacketEndpoint?
    /// DNS over UDP: what it says is no secret of an application's.
    private(set) var isDNS = false

    init(dnsPorts: Set<UInt16>) {
        self.dnsPorts = dnsPorts
    }

    mutating func visit(_ packet: NetworkPacket, in frame: CapturedFrame, _ bytes: Span<UInt8>) {
        if packet.fragment?.isFirst == false { return }
        let at = packet.payloadOffset
        switch packet.protocolNumber {
        case IPProtocol.tcp, IPProtocol.udp:
            guard let (source, destination) = ports(at, bytes) else { return }
            key = key(
                packet.protocolNumber, PacketEndpoint(packet.source, source),
                PacketEndpoint(packet.destination, destination), payloadAt: at + 8, bytes)
            opener = packet.protocolNumber == IPProtocol.tcp && isSYN(at, bytes) ? .init(packet.source, source) : nil
            isDNS =
                packet.protocolNumber == IPProtocol.udp
                && (dnsPorts.contains(source) || dnsPorts.contains(destination))
        case IPProtocol.icmp, IPProtocol.icmpv6: control(packet, at, bytes)
        default: break
        }
    }

    mutating func visitARP(at offset: Int, link: LinkHeader, in frame: CapturedFrame, _ bytes: Span<UInt8>) {
        // RFC 826 with Ethernet and IPv4: the sender's address, and the one that is asked for; a reply is about its sender.
        guard offset >= 0, let kind = number(offset + 6, bytes), offset + 28 <= bytes.count else { return }
        asker = kind == 1 ? address(offset + 14, isIPv6: false, bytes) : nil
        neighbour = address(kind == 2 ? offset + 14 : offset + 24, isIPv6: false, bytes)
    }

    mutating func visitOther(_ other: UndecodedFrame, in frame: CapturedFrame) {}

    // MARK: ICMP

    private mutating func control(_ packet: NetworkPacket, _ at: Int, _ bytes: Span<UInt8>) {
        guard at >= 0, at + 8 <= bytes.count else { return }
        let isIPv6 = packet.protocolNumber == IPProtocol.icmpv6
        switch (isIPv6, bytes[at]) {
        // To the target, or from it.
        case (false, 8), (true, 128): echo(with: packet.destination, at, bytes)
        case (false, 0), (true, 129): echo(with: packet.source, at, bytes)
        case (true, 135), (true, 136):
            neighbour = address(at + 8, isIPv6: true, bytes)
            asker = bytes[at] == 135 ? packet.source : nil
        case (false, 3), (false, 4), (false, 5), (false, 11), (false, 12): quotedIPv4(at + 8, bytes)
        case (true, 1...4): quotedIPv6(at + 8, bytes)
        default: break
        }
    }

    private mutating func echo(with target: PacketAddress, _ at: Int, _ bytes: Span<UInt8>) {
        guard let identifier = number(at + 4, bytes) else { return }
        key = .echo(with: target, identifier: identifier)
    }

    /// The packet that an error is about; without extension headers, which our own packets do not have.
    private mutating func quotedIPv4(_ at: Int, _ bytes: Span<UInt8>) {
        guard at + 20 <= bytes.count, bytes[at] >> 4 == 4, let target = address(at + 16, isIPv6: false, bytes),
            let source = address(at + 12, isIPv6: false, bytes)
        else { return }
        quoted(bytes[at + 9], source, target, at + Int(bytes[at] & 0x0f) * 4, bytes)
    }

    private mutating func quotedIPv6(_ at: Int, _ bytes: Span<UInt8>) {
        guard at + 40 <= bytes.count, bytes[at] >> 4 == 6, let target = address(at + 24, isIPv6: true, bytes),
            let source = address(at + 8, isIPv6: true, bytes)
        else { return }
        quoted(bytes[at + 6], source, target, at + 40, bytes)
    }

    private mutating func quoted(
        _ number: UInt8, _ source: PacketAddress, _ target: PacketAddress, _ at: Int, _ bytes: Span<UInt8>
    ) {
        switch number {
        case IPProtocol.tcp, IPProtocol.udp:
            guard let (from, to) = ports(at, bytes) else { return }
            key = key(number, PacketEndpoint(source, from), PacketEndpoint(target, to), payloadAt: at + 8, bytes)
        case IPProtocol.icmp, IPProtocol.icmpv6: echo(with: target, at, bytes)
        default: break
        }
    }

    /// SYN without ACK (RFC 9293 section 3.1).
    private func isSYN(_ at: Int, _ bytes: Span<UInt8>) -> Bool {
        at >= 0 && at + 14 <= bytes.count && bytes[at + 13] & 0x12 == 0x02
    }

    // MARK: Numbers

    private func key(
        _ protocolNumber: UInt8, _ source: PacketEndpoint, _ destination: PacketEndpoint, payloadAt at: Int,
        _ bytes: Span<UInt8>
    ) -> TrafficKey {
        let isShared = dnsPorts.contains(source.port) || dnsPorts.contains(destination.port)
        let id = protocolNumber == IPProtocol.udp && isShared ? number(at, bytes) : nil
        return TrafficKey(protocolNumber, source, destination, id: id ?? 0)
    }

    private func ports(_ at: Int, _ bytes: Span<UInt8>) -> (UInt16, UInt16)? {
        guard let source = number(at, bytes), let destination = number(at + 2, bytes) else { return nil }
        return (source, destination)
    }

    private func number(_ at: Int, _ bytes: Span<UInt8>) -> UInt16? {
        guard at >= 0, at + 2 <= bytes.count else { return nil }
        return UInt16(bytes[at]) << 8 | UInt16(bytes[at + 1])
    }

    private func address(_ at: Int, isIPv6: Bool, _ bytes: Span<UInt8>) -> PacketAddress? {
        guard at >= 0, at + (isIPv6 ? 16 : 4) <= bytes.count else { return nil }
        if isIPv6 { return PacketAddress(high: word(at, 8, bytes), low: word(at + 8, 8, bytes)) }
        return PacketAddress(ipv4: UInt32(truncatingIfNeeded: word(at, 4, bytes)))
    }

    private func word(_ at: Int, _ count: Int, _ bytes: Span<UInt8>) -> UInt64 {
        (0..<count).reduce(0) { $0 << 8 | UInt64(bytes[at + $1]) }
    }
}
