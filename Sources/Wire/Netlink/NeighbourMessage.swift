import NetValues

/// An entry of the ARP or neighbour table as RTM_NEWNEIGH tells it (struct ndmsg, linux/neighbour.h).
package struct NeighbourMessage: Hashable, Sendable {
    package let address: IPAddress
    package let interface: Int
    /// NUD_*: 1 incomplete, 2 reachable, 4 stale, 8 delay, 16 probe, 32 failed, 64 noarp, 128 permanent.
    package let state: UInt16
    /// NTF_ROUTER
    package let isRouter: Bool
    package let hardwareAddress: LinkAddress?

    /// - Parameter range: of a message's body, clamped to the bytes. Nil for other families (a bridge's table of link addresses) and without
    ///   an address.
    package init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard let family = bytes.family(ofHeader: 12, in: range) else { return nil }
        let start = range.lowerBound
        interface = Int(Int32(bitPattern: bytes.hostUInt32(at: start + 4)))
        state = bytes.hostUInt16(at: start + 8)
        isRouter = bytes[start + 10] & 0x80 != 0
        var found: IPAddress?
        var link: LinkAddress?
        var attributes = NetlinkAttributes(start + 12..<range.upperBound)
        while let attribute = attributes.next(in: bytes) {
            switch attribute.type {
            case 1: found = bytes.ipAddress(attribute.value)
            case 2: link = bytes.ethernetAddress(attribute.value)
            default: break
            }
        }
        guard let found, found.family == family else { return nil }
        address = found
        hardwareAddress = link
    }
}
