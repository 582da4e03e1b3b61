import Wire

/// Tells the passage of a packet by a further interface from its first. A capture on `any` sees what a bridge or a router hands
/// on at each interface on its way, and what it takes for a packet that was sent again is the same one going out.
///
/// So each direction of a flow is looked at where it was seen first, and again elsewhere once it has been silent there. The room
/// is fixed: a flow whose place another one took is seen as often as it passes.
package struct Passages: Sendable {
    private struct Place {
        var flow: UInt64 = 0
        var interface = 0
        var direction: UInt8 = 0
        var seen: Int64 = .min
    }

    private static let bits = 16
    /// After so many nanoseconds without a packet there, a flow may be seen by another interface: its route has changed.
    private static let silence: Int64 = 500_000_000

    private var places: [Place] = []
    /// Frames that were passages.
    package private(set) var count = 0

    package init() {}

    /// True for whatever cannot be such a passage: another link type than that of `any`, and what is no IP.
    package mutating func isFirst(_ frame: CapturedFrame, _ bytes: Span<UInt8>) -> Bool {
        guard frame.linkType == .linuxCooked2, let flow = Self.flow(of: bytes) else { return true }
        if places.isEmpty { places = [Place](repeating: Place(), count: 1 << Self.bits) }
        let index = Int(truncatingIfNeeded: flow >> UInt64(64 - Self.bits))
        let place = places[index]
        // Packet type: to us, broadcast, multicast, for others, from us.
        let direction: UInt8 = bytes[10] == 4 ? 1 : 0
        let isHere = place.interface == frame.interface && place.direction == direction
        if place.flow == flow, !isHere, frame.time &- place.seen < Self.silence, frame.time >= place.seen {
            count += 1
            return false
        }
        places[index] = Place(flow: flow, interface: frame.interface, direction: direction, seen: frame.time)
        return true
    }

    /// The addresses, protocol and ports of one direction; nil for what is no IP. Linux cooked v2 has 20 bytes, of which the
    /// first two are the ethertype; that of a VLAN has its tag and the inner ethertype behind it, on one of the interfaces.
    private static func flow(of bytes: Span<UInt8>) -> UInt64? {
        guard bytes.count >= 44 else { return nil }
        let isTagged = (bytes[0] == 0x81 && bytes[1] == 0x00) || (bytes[0] == 0x88 && bytes[1] == 0xa8)
        let (type, start) = isTagged ? (22, 24) : (0, 20)
        switch (bytes[type], bytes[type + 1]) {
        case (0x08, 0x00):
            let header = Int(bytes[start] & 0x0f) * 4
            let isFirstFragment = bytes[start + 6] & 0x1f == 0 && bytes[start + 7] == 0
            return hash(
                bytes, addresses: start + 12..<start + 20, protocolAt: start + 9,
                ports: isFirstFragment ? start + header : nil)
        case (0x86, 0xdd):
            guard bytes.count >= start + 40 else { return nil }
            return hash(bytes, addresses: start + 8..<start + 40, protocolAt: start + 6, ports: start + 40)
        default: return nil
        }
    }

    /// FNV-1a, and a last mixing for its high bits, which choose the place.
    private static func hash(
        _ bytes: Span<UInt8>, addresses: Range<Int>, protocolAt: Int, ports: Int?
    ) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in addresses { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        hash = (hash ^ UInt64(bytes[protocolAt])) &* 0x100_0000_01b3
        if let ports, ports + 4 <= bytes.count,
            bytes[protocolAt] == IPProtocol.tcp || bytes[protocolAt] == IPProtocol.udp
        {
            for index in ports..<ports + 4 { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        }
        hash ^= hash >> 32
        hash = hash &* 0x9e37_79b9_7f4a_7c15
        return hash ^ hash >> 29
    }
}
