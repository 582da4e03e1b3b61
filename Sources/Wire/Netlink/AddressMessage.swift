import NetValues

/// An address of an interface as RTM_NEWADDR tells it (struct ifaddrmsg, linux/if_addr.h).
package struct AddressMessage: Hashable, Sendable {
    package let family: IPAddress.Family
    package let prefixLength: Int
    /// RT_SCOPE_*: 0 everywhere, 253 the link, 254 this host.
    package let scope: UInt8
    package let interface: Int
    package private(set) var address: IPAddress
    /// The other end of a point-to-point link; nil elsewhere.
    package private(set) var peer: IPAddress?
    private var flags: UInt32

    /// IFA_F_SECONDARY (IPv4), which is IFA_F_TEMPORARY (IPv6).
    package var isSecondary: Bool { flags & 0x01 != 0 }
    /// IFA_F_DADFAILED, IFA_F_DEPRECATED; IFA_F_TENTATIVE without IFA_F_OPTIMISTIC, which may be used already.
    package var isDuplicate: Bool { flags & 0x08 != 0 }
    package var isDeprecated: Bool { flags & 0x20 != 0 }
    package var isTentative: Bool { flags & 0x44 == 0x40 }

    /// - Parameter range: of a message's body, clamped to the bytes. Nil for other families and without an address.
    package init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard let family = bytes.family(ofHeader: 8, in: range) else { return nil }
        let start = range.lowerBound
        self.family = family
        prefixLength = min(Int(bytes[start + 1]), family == .v4 ? 32 : 128)
        flags = UInt32(bytes[start + 2])
        scope = bytes[start + 3]
        interface = Int(Int32(bitPattern: bytes.hostUInt32(at: start + 4)))
        var far: IPAddress?
        var local: IPAddress?
        var attributes = NetlinkAttributes(start + 8..<range.upperBound)
        while let attribute = attributes.next(in: bytes) {
            switch attribute.type {
            case 1: far = bytes.ipAddress(attribute.value)
            case 2: local = bytes.ipAddress(attribute.value)
            case 8: flags = bytes.hostUInt32(attribute.value) ?? flags
            default: break
            }
        }
        // IFA_ADDRESS is the peer's where IFA_LOCAL differs from it, and the own one otherwise.
        guard let own = local ?? far, own.family == family else { return nil }
        address = own
        if let far, far != own, far.family == family { peer = far }
    }
}
