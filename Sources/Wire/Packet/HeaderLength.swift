/// How much of a frame is headers: link, VLAN, MPLS, PPPoE, IP with its options and extensions, tunnels, and TCP, UDP, SCTP or
/// ICMP. With an ICMP error come the headers that it quotes; ARP and neighbour discovery are headers as a whole. What programs
/// said to each other is none: a capture without payload keeps this much.
package enum HeaderLength {
    /// - Parameter bytes: as captured.
    /// - Returns: at most their count.
    package static func of(_ frame: CapturedFrame, _ bytes: Span<UInt8>) -> Int {
        var walk = HeaderWalk(end: bytes.count)
        walk.link(frame.linkType, bytes)
        return min(walk.at, bytes.count)
    }
}

/// Goes from header to header. `at` is the end of those that were passed; behind `end` there is nothing to read.
private struct HeaderWalk {
    var at = 0
    let end: Int
    /// Headers passed; a packet that nests deeper is no packet.
    private var depth = 0
    private static let deepest = 32

    init(end: Int) {
        self.end = end
    }

    private func has(_ count: Int) -> Bool { end - at >= count }

    private func word(_ bytes: Span<UInt8>, _ offset: Int) -> UInt16 {
        UInt16(bytes[at + offset]) << 8 | UInt16(bytes[at + offset + 1])
    }

    /// False where the packet ends or nests too deep: then all that is there counts as headers.
    private mutating func enter(_ count: Int) -> Bool {
        depth += 1
        guard depth <= Self.deepest, has(count) else {
            at = end
            return false
        }
        return true
    }

    mutating func link(_ type: LinkType, _ bytes: Span<UInt8>) {
        switch type {
        case .ethernet: ethernet(bytes)
        case .linuxCooked: cooked(16, typeAt: 14, bytes)
        case .linuxCooked2: cooked(20, typeAt: 0, bytes)
        case .null, .loop:
            guard enter(4) else { return }
            at += 4
            ip(bytes)
        case .raw, .ipv4, .ipv6: ip(bytes)
        // Nothing is known of it, so that nothing is known to be payload; 64 bytes hold the headers of most.
        default: at = min(end, 64)
        }
    }

    private mutating func ethernet(_ bytes: Span<UInt8>) {
        guard enter(14) else { return }
        let type = word(bytes, 12)
        at += 14
        network(type, bytes)
    }

    private mutating func cooked(_ length: Int, typeAt offset: Int, _ bytes: Span<UInt8>) {
        guard enter(length) else { return }
        let type = word(bytes, offset)
        at += length
        network(type, bytes)
    }

    private mutating func network(_ type: UInt16, _ bytes: Span<UInt8>) {
        switch type {
        case 0x0800, 0x86dd: ip(bytes)
        // ARP of Ethernet and IPv4.
        case 0x0806: at = min(end, at + 28)
        case 0x8100, 0x88a8, 0x9100:
            guard enter(4) else { return }
            let inner = word(bytes, 2)
            at += 4
            network(inner, bytes)
        case 0x8847, 0x8848: mpls(bytes)
        // PPPoE session: six bytes, then the protocol of PPP.
        case 0x8864:
            guard enter(8) else { return }
            let inner = word(bytes, 6)
            at += 8
            if inner == 0x0021 || inner == 0x0057 { ip(bytes) }
        case 0x6558: ethernet(bytes)
        case 0...1500: logicalLink(bytes)
        default: break
        }
    }

    /// IEEE 802.2 with SNAP (RFC 1042).
    private mutating func logicalLink(_ bytes: Span<UInt8>) {
        guard has(8), word(bytes, 0) == 0xaaaa, word(bytes, 2) == 0x0300, word(bytes, 4) & 0xff00 == 0, enter(8) else {
            return
        }
        let type = word(bytes, 6)
        at += 8
        if type > 1500 { network(type, bytes) }
    }

    private mutating func mpls(_ bytes: Span<UInt8>) {
        while enter(4) {
            let isLast = bytes[at + 2] & 1 == 1
            at += 4
            // Ethernet behind a control word (RFC 4448 section 4.6), or IP.
            if isLast, has(1), bytes[at] >> 4 == 0 {
                at = min(end, at + 4)
                return ethernet(bytes)
            }
            if isLast { return ip(bytes) }
        }
    }

    /// Of either version, by the first half byte.
    private mutating func ip(_ bytes: Span<UInt8>) {
        guard enter(1) else { return }
        switch bytes[at] >> 4 {
        case 4: ipv4(bytes)
        case 6: ipv6(bytes)
        default: break
        }
    }

    private mutating func ipv4(_ bytes: Span<UInt8>) {
        guard enter(20) else { return }
        let length = Int(bytes[at] & 0x0f) * 4
        let number = bytes[at + 9]
        let isFirst = word(bytes, 6) & 0x1fff == 0
        guard length >= 20, has(length) else { return at = end }
        at += length
        if isFirst { transport(number, bytes) }
    }

    private mutating func ipv6(_ bytes: Span<UInt8>) {
        guard enter(40) else { return }
        var number = bytes[at + 6]
        at += 40
        while [0, 43, 44, 51, 60, 135].contains(number) {
            guard enter(8) else { return }
            let next = bytes[at]
            let units = Int(bytes[at + 1])
            switch number {
            case 44:
                let isFirst = word(bytes, 2) & 0xfff8 == 0
                at += 8
                if !isFirst { return }
            // The length of AH counts in words of four bytes (RFC 4302 section 2.2).
            case 51: at = min(end, at + (units + 2) * 4)
            default: at = min(end, at + (units + 1) * 8)
            }
            number = next
        }
        transport(number, bytes)
    }

    private mutating func transport(_ number: UInt8, _ bytes: Span<UInt8>) {
        switch number {
        case IPProtocol.tcp:
            guard enter(20) else { return }
            at = min(end, at + max(20, Int(bytes[at + 12] >> 4) * 4))
        case IPProtocol.udp: udp(bytes)
        case IPProtocol.icmp: icmp(bytes)
        case IPProtocol.icmpv6: icmpv6(bytes)
        case IPProtocol.ipv4, IPProtocol.ipv6: ip(bytes)
        case IPProtocol.gre: gre(bytes)
        // Over IPv4; over IPv6 it is one of the extensions.
        case IPProtocol.authentication:
            guard enter(12) else { return }
            let next = bytes[at]
            at = min(end, at + (Int(bytes[at + 1]) + 2) * 4)
            transport(next, bytes)
        case IPProtocol.esp: at = min(end, at + 8)
        case IPProtocol.sctp: at = min(end, at + 12)
        default: break
        }
    }

    private mutating func udp(_ bytes: Span<UInt8>) {
        guard enter(8) else { return }
        let port = word(bytes, 2)
        at += 8
        switch port {
        // VXLAN (RFC 7348 section 5), and where Linux had it before.
        case 4789, 8472:
            guard enter(8) else { return }
            at += 8
            ethernet(bytes)
        // Geneve (RFC 8926 section 3.4).
        case 6081:
            guard enter(8) else { return }
            let inner = word(bytes, 2)
            at = min(end, at + 8 + Int(bytes[at] & 0x3f) * 4)
            network(inner, bytes)
        default: break
        }
    }

    /// RFC 2784 and RFC 2890.
    private mutating func gre(_ bytes: Span<UInt8>) {
        guard enter(4) else { return }
        let flags = word(bytes, 0)
        let inner = word(bytes, 2)
        let optional = [0x8000, 0x2000, 0x1000].count { flags & $0 != 0 }
        at = min(end, at + 4 + 4 * optional)
        // Version 1 is PPTP's.
        if flags & 7 == 0 { network(inner, bytes) }
    }

    private mutating func icmp(_ bytes: Span<UInt8>) {
        guard enter(8) else { return }
        let type = bytes[at]
        at += 8
        // Unreachable, source quench, redirect, time exceeded, parameter problem quote what they are about.
        if [3, 4, 5, 11, 12].contains(type) { ip(bytes) }
    }

    private mutating func icmpv6(_ bytes: Span<UInt8>) {
        guard enter(8) else { return }
        let type = bytes[at]
        switch type {
        case 1...4:
            at += 8
            ip(bytes)
        // Neighbour discovery (RFC 4861).
        case 133...137: at = end
        default: at += 8
        }
    }
}
