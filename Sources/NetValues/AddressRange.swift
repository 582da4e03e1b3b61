/// A CIDR range: `10.0.0.0/8`, `fd00::/8`.
package struct AddressRange: Hashable, Sendable {
    package let address: IPAddress
    package let length: Int

    /// Bits behind the prefix must be zero, or it was meant otherwise. A bare address is a range of one.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        let width = address.bytes.count * 8
        var length = width
        if parts.count == 2 {
            guard let number = UInt16(decimal: parts[1]), Int(number) <= width else { return nil }
            length = Int(number)
        }
        self.address = address
        self.length = length
        guard address.bytes.enumerated().allSatisfy({ $1 & ~Self.mask($0, length) == 0 }) else { return nil }
    }

    /// The range that `address` lies in: bits behind the prefix become zero, and a length beyond the address's own width its width.
    package init(around address: IPAddress, length: Int) {
        let bytes = address.bytes
        self.length = min(max(0, length), bytes.count * 8)
        var masked: [UInt8] = []
        for (index, byte) in bytes.enumerated() { masked.append(byte & Self.mask(index, self.length)) }
        self.address = IPAddress(bytes: masked) ?? address
    }

    /// Whether every address of the other range is one of this.
    package func contains(_ other: AddressRange) -> Bool { other.length >= length && contains(other.address) }

    /// Of two ranges that have an address in common one lies within the other.
    package func overlaps(_ other: AddressRange) -> Bool { contains(other) || other.contains(self) }

    /// Of one address.
    package var isSingle: Bool { length == address.bytes.count * 8 }

    package func contains(_ other: IPAddress) -> Bool {
        guard other.family == address.family else { return false }
        return zip(address.bytes, other.bytes).enumerated().allSatisfy {
            ($1.0 ^ $1.1) & Self.mask($0, length) == 0
        }
    }

    /// Of the byte at `index`: the bits within the prefix.
    private static func mask(_ index: Int, _ length: Int) -> UInt8 {
        let bits = max(0, min(8, length - index * 8))
        return bits == 0 ? 0 : UInt8.max << UInt8(8 - bits)
    }
}

extension AddressRange: CustomStringConvertible {
    package var description: String { "\(address)/\(length)" }
}
