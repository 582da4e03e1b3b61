extension FrameDecoder {
    /// IEEE 802.3 section 3: two addresses, then an ethertype, or a length for what LLC carries.
    mutating func ethernet(
        _ layer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>, into visitor: inout some PacketVisitor
    ) {
        guard layer.holds(14, bytes) else { return visitor.visitOther(.cutShort, in: frame) }
        let header = bytes.extracting(layer.offset..<layer.offset + 14)
        var inner = layer.behind(14)
        inner.link = LinkHeader(
            source: header.linkAddress(at: 6), destination: header.linkAddress(at: 0), direction: layer.link.direction)
        etherType(header.uint16(at: 12), inner, frame, bytes, into: &visitor)
    }

    /// What an ethertype announces, behind any VLAN tags (IEEE 802.1Q, 802.1ad, and 0x9100 of older switches).
    mutating func etherType(
        _ first: UInt16, _ outer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>,
        into visitor: inout some PacketVisitor
    ) {
        var type = first
        var layer = outer
        while type == EtherType.vlan || type == EtherType.serviceVLAN || type == EtherType.oldServiceVLAN {
            guard layer.layers < Self.mostLayers else { return visitor.visitOther(.malformed, in: frame) }
            guard layer.holds(4, bytes) else { return visitor.visitOther(.cutShort, in: frame) }
            if layer.link.vlan == nil { layer.link.vlan = bytes.uint16(at: layer.offset) & 0xfff }
            type = bytes.uint16(at: layer.offset + 2)
            layer = layer.behind(4)
        }
        guard layer.layers < Self.mostLayers else { return visitor.visitOther(.malformed, in: frame) }
        switch type {
        case EtherType.ipv4: ipv4(layer, frame, bytes, into: &visitor)
        case EtherType.ipv6: ipv6(layer, frame, bytes, into: &visitor)
        case EtherType.arp: visitor.visitARP(at: layer.offset, link: layer.link, in: frame, bytes)
        case EtherType.mpls, EtherType.mplsMulticast: mpls(layer, frame, bytes, into: &visitor)
        case EtherType.pppoeSession: pppoe(layer, frame, bytes, into: &visitor)
        case EtherType.ethernet: ethernet(layer, frame, bytes, into: &visitor)
        case 0...EtherType.mostLength: logicalLink(length: type, layer, frame, bytes, into: &visitor)
        default: visitor.visitOther(.etherType(type), in: frame)
        }
    }

    /// IEEE 802.2 with SNAP (RFC 1042): an ethertype behind aa aa 03 and an organisation of zeros.
    private mutating func logicalLink(
        length: UInt16, _ outer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>,
        into visitor: inout some PacketVisitor
    ) {
        var layer = outer
        layer.end = min(layer.end, layer.offset + Int(length))
        guard layer.holds(8, bytes), bytes.uint24(at: layer.offset) == 0xaaaa03, bytes.uint24(at: layer.offset + 3) == 0
        else { return visitor.visitOther(.etherType(length), in: frame) }
        let type = bytes.uint16(at: layer.offset + 6)
        guard type > EtherType.mostLength else { return visitor.visitOther(.etherType(type), in: frame) }
        etherType(type, layer.behind(8), frame, bytes, into: &visitor)
    }

    /// https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html: packet type, ARPHRD type, address length, address, protocol.
    mutating func linuxCooked(
        _ layer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>, into visitor: inout some PacketVisitor
    ) {
        guard layer.holds(16, bytes) else { return visitor.visitOther(.cutShort, in: frame) }
        let header = bytes.extracting(layer.offset..<layer.offset + 16)
        var inner = layer.behind(16)
        inner.link.direction = direction(header.uint16(at: 0))
        if header.uint16(at: 4) == 6 { inner.link.source = header.linkAddress(at: 6) }
        cooked(header.uint16(at: 14), hardware: header.uint16(at: 2), inner, frame, bytes, into: &visitor)
    }

    /// https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html: protocol, interface, ARPHRD type, packet type, address.
    mutating func linuxCooked2(
        _ layer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>, into visitor: inout some PacketVisitor
    ) {
        guard layer.holds(20, bytes) else { return visitor.visitOther(.cutShort, in: frame) }
        let header = bytes.extracting(layer.offset..<layer.offset + 20)
        var inner = layer.behind(20)
        inner.link.interfaceIndex = header.uint32(at: 4)
        inner.link.direction = direction(UInt16(header[10]))
        if header[11] == 6 { inner.link.source = header.linkAddress(at: 12) }
        cooked(header.uint16(at: 0), hardware: header.uint16(at: 8), inner, frame, bytes, into: &visitor)
    }

    /// The protocol is an ethertype but for what Linux has its own small numbers for, and for netlink.
    private mutating func cooked(
        _ type: UInt16, hardware: UInt16, _ layer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>,
        into visitor: inout some PacketVisitor
    ) {
        guard hardware != Self.netlinkHardware else { return visitor.visitOther(.linkType, in: frame) }
        switch type {
        case Self.cookedLogicalLink: logicalLink(length: EtherType.mostLength, layer, frame, bytes, into: &visitor)
        case 0...EtherType.mostLength: visitor.visitOther(.etherType(type), in: frame)
        default: etherType(type, layer, frame, bytes, into: &visitor)
        }
    }

    /// ARPHRD_NETLINK and ETH_P_802_2 (linux/if_arp.h, linux/if_ether.h).
    private static var netlinkHardware: UInt16 { 824 }
    private static var cookedLogicalLink: UInt16 { 4 }

    /// PACKET_HOST and so on (linux/if_packet.h).
    private func direction(_ packetType: UInt16) -> LinkHeader.Direction {
        switch packetType {
        case 0: .incoming
        case 1: .broadcast
        case 2: .multicast
        case 3: .forwarded
        case 4: .outgoing
        default: .unknown
        }
    }

    /// NULL has the address family in the byte order of the machine that captured, LOOP in network order; no family that is
    /// looked for reads as another one in the wrong order, so that both are read alike.
    mutating func loopback(
        _ layer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>, into visitor: inout some PacketVisitor
    ) {
        guard layer.holds(4, bytes) else { return visitor.visitOther(.cutShort, in: frame) }
        let family = bytes.uint32(at: layer.offset)
        switch family > 0xffff ? family.byteSwapped : family {
        case 2: ipv4(layer.behind(4), frame, bytes, into: &visitor)
        // Linux, NetBSD and OpenBSD, FreeBSD, Darwin.
        case 10, 24, 28, 30: ipv6(layer.behind(4), frame, bytes, into: &visitor)
        default: visitor.visitOther(.linkType, in: frame)
        }
    }

    /// IP of the version that its first four bits say.
    mutating func internet(
        _ layer: FrameLayer, _ frame: CapturedFrame, _ bytes: Span<UInt8>, into visitor: inout some PacketVisitor
    ) {
        guard layer.holds(1, bytes) else { return visitor.visitOther(.cutShort, in: frame) }
        switch bytes[layer.offset] >> 4 {
        case 4: ipv4(layer, frame, bytes, into: &visitor)
        case 6: ipv6(layer, frame, bytes, into: &visitor)
        default: visitor.visitOther(.malformed, in: frame)
        }
    }
}

/// https://www.iana.org/assignments/ieee-802-numbers, those that are looked into.
enum EtherType {
    static let ipv4: UInt16 = 0x0800
    static let arp: UInt16 = 0x0806
    /// Transparent Ethernet bridging, in GRE and Geneve.
    static let ethernet: UInt16 = 0x6558
    static let vlan: UInt16 = 0x8100
    static let ipv6: UInt16 = 0x86dd
    static let mpls: UInt16 = 0x8847
    static let mplsMulticast: UInt16 = 0x8848
    static let pppoeSession: UInt16 = 0x8864
    static let serviceVLAN: UInt16 = 0x88a8
    static let oldServiceVLAN: UInt16 = 0x9100
    /// Up to here it is a length.
    static let mostLength: UInt16 = 1500
}
