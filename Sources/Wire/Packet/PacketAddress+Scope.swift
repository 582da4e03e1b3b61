/// What the form of an address says of where it is (the special-purpose registries of RFC 6890).
extension PacketAddress {
    private func isWithin(ipv4 prefix: UInt64, _ length: UInt64) -> Bool {
        !isIPv6 && low >> (32 - length) == prefix >> (32 - length)
    }

    package var isUnspecified: Bool { high == 0 && low == 0 }
    package var isLoopback: Bool { isIPv6 ? high == 0 && low == 1 : isWithin(ipv4: 0x7f00_0000, 8) }
    /// RFC 5771; RFC 4291 section 2.7.
    package var isMulticast: Bool { isIPv6 ? high >> 56 == 0xff : isWithin(ipv4: 0xe000_0000, 4) }
    /// 169.254.0.0/16 (RFC 3927), fe80::/10 (RFC 4291 section 2.5.6).
    package var isLinkLocal: Bool { isIPv6 ? high >> 54 == 0x3fa : isWithin(ipv4: 0xa9fe_0000, 16) }
    /// RFC 1918, shared address space (RFC 6598), benchmarking (RFC 2544), unique local addresses (RFC 4193).
    package var isPrivate: Bool {
        if isIPv6 { return high >> 57 == 0x7e }
        return isWithin(ipv4: 0x0a00_0000, 8) || isWithin(ipv4: 0xac10_0000, 12) || isWithin(ipv4: 0xc0a8_0000, 16)
            || isWithin(ipv4: 0x6440_0000, 10) || isWithin(ipv4: 0xc612_0000, 15)
    }
    /// Instance metadata services of Azure, AWS, Google (169.254.169.254; AWS over IPv6 fd00:ec2::254) and Alibaba.
    package var isMetadata: Bool {
        isIPv6
            ? high == 0xfd00_0ec2_0000_0000 && low == 0x254
            : low == 0xa9fe_a9fe || low == 0x6464_64c8
    }
    /// Globally reachable, as far as its form says.
    package var isInternet: Bool {
        if isIPv6 { return high >> 61 == 1 }
        return !isUnspecified && !isLoopback && !isMulticast && !isLinkLocal && !isPrivate && !isMetadata
            && !isWithin(ipv4: 0xf000_0000, 4)
    }
}
