/// Addresses of one family that follow each other, from the first to the last, none of which is ever listed to be counted.
package struct AddressSpan: Hashable, Sendable {
    package let first: IPAddress
    package let last: IPAddress

    /// Nil for two families, for zones (RFC 4007), and for a last that comes before the first.
    package init?(_ first: IPAddress, _ last: IPAddress) {
        guard first.family == last.family, first.zone == nil, last.zone == nil, first.number <= last.number else {
            return nil
        }
        self.first = first
        self.last = last
    }

    /// The hosts of a CIDR range: of IPv4 without the address of the network and that for broadcasts (RFC 922), where the range is
    /// more than a link between two (RFC 3021).
    package init(hostsOf range: AddressRange) {
        let width = range.address.family == .v4 ? 32 : 128
        let size = width - range.length
        let low = range.address.number
        let high = size == 128 ? UInt128.max : low | ((1 << UInt128(size)) - 1)
        let hasEnds = range.address.family == .v4 && size >= 2
        first = IPAddress(number: hasEnds ? low + 1 : low, range.address.family)
        last = IPAddress(number: hasEnds ? high - 1 : high, range.address.family)
    }

    /// As many as there are, or `Int.max`.
    package var count: Int {
        let distance = last.number - first.number
        return distance < UInt128(Int.max) ? Int(distance) + 1 : .max
    }

    /// The first of them, at most so many.
    package func addresses(upTo limit: Int) -> [IPAddress] {
        (0..<min(count, max(0, limit))).map { IPAddress(number: first.number + UInt128($0), first.family) }
    }
}

extension IPAddress {
    /// The bits, the most significant first.
    package var number: UInt128 {
        switch self {
        case .v4(let address): UInt128(address.bits)
        case .v6(let address): UInt128(address.high) << 64 | UInt128(address.low)
        }
    }

    /// - Parameter number: of IPv4 the lower 32 bits count.
    package init(number: UInt128, _ family: Family) {
        self =
            switch family {
            case .v4: .v4(IPv4Address(bits: UInt32(truncatingIfNeeded: number)))
            case .v6:
                .v6(
                    IPv6Address(
                        high: UInt64(truncatingIfNeeded: number >> 64), low: UInt64(truncatingIfNeeded: number)))
            }
    }

    fileprivate var zone: String? {
        if case .v6(let address) = self { address.zone } else { nil }
    }
}
