import NetValues

/// A route as RTM_NEWROUTE tells it (struct rtmsg, linux/rtnetlink.h).
package struct RouteMessage: Hashable, Sendable {
    /// One of the ways of a route (struct rtnexthop).
    package struct Hop: Hashable, Sendable {
        package var gateway: IPAddress?
        package var interface: Int?
        package var weight = 1
        fileprivate(set) var flags: UInt8 = 0

        /// RTNH_F_DEAD, RTNH_F_LINKDOWN
        package var isDead: Bool { flags & 1 != 0 }
        package var hasNoCarrier: Bool { flags & 16 != 0 }
    }

    package let family: IPAddress.Family
    /// RTN_*: 1 unicast, 2 local, 3 broadcast, 4 anycast, 5 multicast, 6 blackhole, 7 unreachable, 8 prohibit, 9 throw.
    package let type: UInt8
    /// RTPROT_*: 2 kernel, 3 boot, 4 static, 9 ra, 16 dhcp.
    package let origin: UInt8
    /// RTM_F_CLONED: no route, but what was learnt of a path.
    package let isCached: Bool
    package private(set) var destination: AddressRange
    package private(set) var source: AddressRange?
    package private(set) var table: Int
    package private(set) var metric = 0
    package private(set) var preferredSource: IPAddress?
    package private(set) var mtu: Int?
    /// The only way, or the first.
    package private(set) var hop: Hop
    /// All, where there are several.
    package private(set) var hops: [Hop] = []

    /// More ways than any route has.
    private static let mostHops = 256

    /// - Parameter range: of a message's body, clamped to the bytes. Nil for other families.
    package init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard let family = bytes.family(ofHeader: 12, in: range) else { return nil }
        let start = range.lowerBound
        self.family = family
        let lengths = (destination: Int(bytes[start + 1]), source: Int(bytes[start + 2]))
        table = Int(bytes[start + 4])
        origin = bytes[start + 5]
        type = bytes[start + 7]
        let flags = bytes.hostUInt32(at: start + 8)
        isCached = flags & 0x200 != 0
        hop = Hop(flags: UInt8(truncatingIfNeeded: flags))
        destination = AddressRange(around: family.unspecified, length: lengths.destination)
        var attributes = NetlinkAttributes(start + 12..<range.upperBound)
        while let attribute = attributes.next(in: bytes) { take(attribute, bytes, lengths) }
        if let first = hops.first {
            hop = first
            if hops.count == 1 { hops = [] }
        }
    }

    private mutating func take(
        _ attribute: NetlinkAttributes.Attribute, _ bytes: Span<UInt8>, _ lengths: (destination: Int, source: Int)
    ) {
        switch attribute.type {
        case 1: if let address = address(bytes, attribute) { destination = range(address, lengths.destination) }
        case 2: if let address = address(bytes, attribute) { source = range(address, lengths.source) }
        case 6: metric = bytes.hostUInt32(attribute.value).map { Int($0) } ?? 0
        case 7: preferredSource = address(bytes, attribute)
        case 8: mtu = Self.mtu(bytes, attribute.value)
        case 9: hops = Self.hops(bytes, attribute.value)
        case 15: table = bytes.hostUInt32(attribute.value).map { Int($0) } ?? table
        default: hop.take(attribute, bytes)
        }
    }

    private func range(_ address: IPAddress, _ length: Int) -> AddressRange {
        AddressRange(around: address, length: length)
    }

    private func address(_ bytes: Span<UInt8>, _ attribute: NetlinkAttributes.Attribute) -> IPAddress? {
        bytes.ipAddress(attribute.value).flatMap { $0.family == family ? $0 : nil }
    }

    /// RTAX_MTU within RTA_METRICS.
    private static func mtu(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Int? {
        var attributes = NetlinkAttributes(value)
        while let attribute = attributes.next(in: bytes) {
            if attribute.type == 2 { return bytes.hostUInt32(attribute.value).map { Int($0) } }
        }
        return nil
    }

    /// Each with a length of its own, then its attributes.
    private static func hops(_ bytes: Span<UInt8>, _ value: Range<Int>) -> [Hop] {
        var hops: [Hop] = []
        var position = value.lowerBound
        while hops.count < mostHops, value.upperBound - position >= 8, bytes.holds(8, at: position) {
            let length = Int(bytes.hostUInt16(at: position))
            guard length >= 8, length <= value.upperBound - position else { break }
            var hop = Hop(weight: Int(bytes[position + 3]) + 1, flags: bytes[position + 2])
            let index = Int(Int32(bitPattern: bytes.hostUInt32(at: position + 4)))
            hop.interface = index > 0 ? index : nil
            var attributes = NetlinkAttributes(position + 8..<position + length)
            while let attribute = attributes.next(in: bytes) { hop.take(attribute, bytes) }
            hops.append(hop)
            position += (length + 3) & ~3
        }
        return hops
    }
}

extension RouteMessage.Hop {
    /// RTA_OIF, RTA_GATEWAY, and RTA_VIA: a gateway of the other family, behind two bytes that say which.
    fileprivate mutating func take(_ attribute: NetlinkAttributes.Attribute, _ bytes: Span<UInt8>) {
        switch attribute.type {
        case 4: interface = bytes.hostInt(attribute.value)
        case 5: gateway = bytes.ipAddress(attribute.value)
        case 18 where attribute.value.count > 2:
            gateway = bytes.ipAddress(attribute.value.lowerBound + 2..<attribute.value.upperBound)
        default: break
        }
    }
}
