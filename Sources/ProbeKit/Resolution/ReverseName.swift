import NetValues

extension IPAddress {
    /// RFC 1035 section 3.5, RFC 3596 section 2.5.
    package var reverseName: DomainName? {
        switch self {
        case .v4(let address):
            DomainName(address.bytes.reversed().map(String.init).joined(separator: ".") + ".in-addr.arpa.")
        case .v6(let address):
            DomainName(
                address.bytes.reversed().flatMap { [$0 & 0x0f, $0 >> 4] }.map { String($0, radix: 16) }.joined(
                    separator: ".")
                    + ".ip6.arpa.")
        }
    }
}
