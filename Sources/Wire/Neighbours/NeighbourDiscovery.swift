/// What a neighbour discovery message says of who has which address (RFC 4861 section 4).
package struct NeighbourDiscovery: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable {
        case routerSolicitation = 133
        case routerAdvertisement = 134
        case solicitation = 135
        case advertisement = 136
        case redirect = 137
    }

    package let kind: Kind
    /// Of solicitations, advertisements and redirects.
    package private(set) var target: PacketAddress?
    /// Of a redirect: who was sent another way.
    package private(set) var redirected: PacketAddress?
    package private(set) var sourceLink: LinkAddress?
    package private(set) var targetLink: LinkAddress?
    /// Of advertisements: answers a solicitation, and may replace what a neighbour knows. Anycast and proxies leave `overrides` unset
    /// (section 7.2.7).
    package private(set) var isSolicited = false
    package private(set) var overrides = false
    /// The fields before the options, and all options that the capture holds, are as they must be.
    package private(set) var isWellFormed = true

    /// More than any message has.
    private static let mostOptions = 32

    /// - Parameter bytes: from the first byte of the ICMPv6 header on, no more than the length fields say.
    /// Nil for other messages, and when the capture ends before the options.
    package init?(_ bytes: Span<UInt8>) {
        guard bytes.holds(8, at: 0), let kind = Kind(rawValue: bytes[0]), bytes[1] == 0 else { return nil }
        self.kind = kind
        let fixed =
            switch kind {
            case .routerSolicitation: 8
            case .routerAdvertisement: 16
            case .solicitation, .advertisement: 24
            case .redirect: 40
            }
        guard bytes.holds(fixed, at: 0) else { return nil }
        if fixed >= 24 { target = Self.address(bytes, at: 8) }
        if kind == .redirect { redirected = Self.address(bytes, at: 24) }
        if kind == .advertisement {
            isSolicited = bytes[4] & 0x40 != 0
            overrides = bytes[4] & 0x20 != 0
        }
        readOptions(bytes, from: fixed)
    }

    private static func address(_ bytes: Span<UInt8>, at offset: Int) -> PacketAddress {
        PacketAddress(high: bytes.uint64(at: offset), low: bytes.uint64(at: offset + 8))
    }

    /// Section 4.6: type, length in units of eight bytes; a length of 0 makes the message void.
    private mutating func readOptions(_ bytes: Span<UInt8>, from start: Int) {
        var offset = start
        for _ in 0..<Self.mostOptions where bytes.holds(2, at: offset) {
            let length = Int(bytes[offset + 1]) * 8
            guard length > 0 else {
                isWellFormed = false
                return
            }
            guard bytes.holds(length, at: offset) else { return }
            switch bytes[offset] {
            case 1: sourceLink = sourceLink ?? bytes.linkAddress(at: offset + 2)
            case 2: targetLink = targetLink ?? bytes.linkAddress(at: offset + 2)
            default: break
            }
            offset += length
        }
    }
}
