extension AddressRange {
    /// The fewest ranges that hold all of this one but the holes, in order of their addresses.
    package func without(_ holes: [AddressRange]) -> [AddressRange] {
        let within = holes.filter(overlaps)
        guard !within.isEmpty else { return [self] }
        guard !within.contains(where: { $0.contains(self) }) else { return [] }
        return halves.flatMap { $0.without(within) }
    }

    /// Of a single address there are none, and it is never asked: a hole in it holds all of it.
    private var halves: [AddressRange] {
        let width = address.bytes.count * 8
        guard length < width else { return [] }
        let upper = IPAddress(number: address.number | 1 << UInt128(width - length - 1), address.family)
        return [AddressRange(around: address, length: length + 1), AddressRange(around: upper, length: length + 1)]
    }
}
