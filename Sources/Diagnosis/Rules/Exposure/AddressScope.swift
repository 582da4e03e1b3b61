import Wire

/// What the form of an address says of where it is, for who sees what passes between.
extension PacketAddress {
    private func isWithin(ipv4 prefix: UInt64, _ length: UInt64) -> Bool {
        !isIPv6 && low >> (32 - length) == prefix >> (32 - length)
    }

    var isLoopback: Bool { isIPv6 ? high == 0 && low == 1 : isWithin(ipv4: 0x7f00_0000, 8) }

    /// Instance metadata services of Azure, AWS, Google (169.254.169.254; AWS over IPv6 fd00:ec2::254) and Alibaba.
    var isMetadata: Bool {
        isIPv6
            ? high == 0xfd00_0ec2_0000_0000 && low == 0x254
            : low == 0xa9fe_a9fe || low == 0x6464_64c8
    }

    /// None of loopback, link-local, private (RFC 1918, RFC 6598, RFC 4193), multicast and unspecified.
    var isInternet: Bool {
        guard !isLoopback, !isMetadata, high | low != 0 else { return false }
        if isIPv6 { return high >> 61 == 1 }
        let isPrivate =
            isWithin(ipv4: 0x0a00_0000, 8) || isWithin(ipv4: 0xac10_0000, 12) || isWithin(ipv4: 0xc0a8_0000, 16)
            || isWithin(ipv4: 0x6440_0000, 10)
        return !isPrivate && !isWithin(ipv4: 0xa9fe_0000, 16) && low < 0xe000_0000
    }
}
