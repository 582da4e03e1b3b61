/// What the form of an address says of where it is (the special-purpose registries of RFC 6890).
extension IPAddress {
    /// Globally reachable as far as its form says: neither private (RFC 1918, RFC 6598, RFC 4193), of benchmarks (RFC 2544),
    /// link-local, loopback, multicast nor reserved. Instance metadata at 168.63.129.16 (Azure) has a public form and is none.
    package var isOfInternet: Bool {
        switch self {
        case .v6(let address): address.high >> 61 == 1
        case .v4(let address): !Self.special.contains { address.bits >> (32 - $1) == $0 >> (32 - $1) }
        }
    }

    /// Prefix and length.
    private static let special: [(UInt32, UInt32)] = [
        (0x0000_0000, 8), (0x0a00_0000, 8), (0x6440_0000, 10), (0x7f00_0000, 8), (0xa9fe_0000, 16), (0xac10_0000, 12),
        (0xc0a8_0000, 16), (0xc612_0000, 15), (0xe000_0000, 4), (0xf000_0000, 4), (0xa83f_8110, 32),
    ]
}
