import NetValues

/// An interface as RTM_NEWLINK tells it (struct ifinfomsg, linux/if_link.h).
package struct LinkMessage: Hashable, Sendable {
    package let index: Int
    /// IFF_UP, IFF_LOOPBACK, IFF_LOWER_UP (netdevice(7)).
    package let isUp: Bool
    package let isLoopback: Bool
    package let hasCarrier: Bool
    package private(set) var name = ""
    package private(set) var mtu = 0
    package private(set) var kind: String?
    package private(set) var hardwareAddress: LinkAddress?
    /// The index of the bridge, bond or VRF.
    package private(set) var master: Int?

    /// - Parameter range: of a message's body, clamped to the bytes.
    package init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard range.count >= 16, bytes.holds(range.count, at: range.lowerBound) else { return nil }
        let start = range.lowerBound
        index = Int(Int32(bitPattern: bytes.hostUInt32(at: start + 4)))
        let flags = bytes.hostUInt32(at: start + 8)
        isUp = flags & 0x1 != 0
        isLoopback = flags & 0x8 != 0
        hasCarrier = flags & 0x10000 != 0
        var attributes = NetlinkAttributes(start + 16..<range.upperBound)
        while let attribute = attributes.next(in: bytes) {
            switch attribute.type {
            case 1: hardwareAddress = bytes.ethernetAddress(attribute.value)
            case 3: name = bytes.name(attribute.value)
            case 4: mtu = bytes.hostInt(attribute.value).map { max(0, $0) } ?? 0
            case 10: master = bytes.hostInt(attribute.value)
            case 18: kind = Self.kind(bytes, attribute.value)
            default: break
            }
        }
        guard index > 0, !name.isEmpty else { return nil }
    }

    /// IFLA_INFO_KIND within IFLA_LINKINFO.
    private static func kind(_ bytes: Span<UInt8>, _ value: Range<Int>) -> String? {
        var attributes = NetlinkAttributes(value)
        while let attribute = attributes.next(in: bytes) {
            if attribute.type == 1 { return bytes.name(attribute.value) }
        }
        return nil
    }
}
