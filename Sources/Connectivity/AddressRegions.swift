import NetValues

/// The addresses outside the pods, cut at the borders of all ranges that policies name. A region is one such range without the
/// smaller ones in it; within a region policies make no difference.
package struct AddressRegions: Sendable {
    private struct Key: Hashable {
        let family: IPAddress.Family
        let length: Int
        let number: UInt128
    }

    /// Each before the ranges within it, which follow it without a gap.
    package let ranges: [AddressRange]
    /// Behind the last range within it.
    let ends: [Int]
    let parents: [Int?]
    /// False where the smaller ranges leave nothing of it.
    let hasRest: [Bool]
    private let places: [Key: Int]
    private let lengths: [Int]

    /// - Parameter named: in any order; the two that hold every address are always there.
    init(_ named: some Sequence<AddressRange>) {
        let roots = [AddressRange("0.0.0.0/0"), AddressRange("::/0")].compactMap(\.self)
        let ranges = Set(Array(named) + roots).sorted(by: Self.precedes)
        var ends = [Int](repeating: ranges.count, count: ranges.count)
        var parents: [Int?] = []
        var open: [Int] = []
        for (index, range) in ranges.enumerated() {
            while let last = open.last, !ranges[last].contains(range) { ends[open.removeLast()] = index }
            parents.append(open.last)
            open.append(index)
        }
        self.ranges = ranges
        self.ends = ends
        self.parents = parents
        hasRest = Self.rests(ranges, parents)
        places = Dictionary(
            ranges.enumerated().map { (Self.key($1.address, $1.length), $0) }, uniquingKeysWith: { first, _ in first })
        lengths = Set(ranges.map(\.length)).sorted(by: >)
    }

    package var count: Int { ranges.count }

    /// The region that a range lies in, but for the smaller named ones within it.
    func region(around range: AddressRange) -> Int {
        let family = range.address.family
        let number = range.address.number
        for length in lengths where length <= range.length {
            let bits = UInt128((family == .v4 ? 32 : 128) - length)
            let key = Key(family: family, length: length, number: bits == 128 ? 0 : (number >> bits) << bits)
            if let found = places[key] { return found }
        }
        return 0
    }

    /// The regions in which a range has addresses.
    func regions(of range: AddressRange) -> [Int] {
        let inside = places(within: range)
        let within = inside.filter { hasRest[$0] }
        let around = region(around: range)
        if inside.contains(around) { return within }
        return isCovered(range, by: inside) ? within : [around] + within
    }

    /// The named ranges within a range, itself among them where it is named.
    func places(within range: AddressRange) -> Range<Int> {
        let first = firstIndex(notBefore: range)
        var last = first
        while last < ranges.count, range.contains(ranges[last]) { last += 1 }
        return first..<last
    }

    /// Every region that is not empty.
    var all: [Int] { ranges.indices.filter { hasRest[$0] } }

    /// The regions of a named range and of all within it.
    func subtree(of range: AddressRange) -> Range<Int> {
        let place = place(of: range)
        return place..<ends[place]
    }

    /// The region of a named range.
    func place(of range: AddressRange) -> Int { places[Self.key(range.address, range.length)] ?? 0 }

    private func firstIndex(notBefore range: AddressRange) -> Int {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if Self.precedes(ranges[middle], range) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func isCovered(_ range: AddressRange, by places: Range<Int>) -> Bool {
        var sum: UInt128 = 0
        var next = places.lowerBound
        while next < places.upperBound {
            sum &+= Self.size(ranges[next])
            next = ends[next]
        }
        return !places.isEmpty && sum == Self.size(range)
    }

    private static func rests(_ ranges: [AddressRange], _ parents: [Int?]) -> [Bool] {
        var sums = [UInt128](repeating: 0, count: ranges.count)
        var hasParts = [Bool](repeating: false, count: ranges.count)
        for (range, parent) in zip(ranges, parents) {
            guard let parent else { continue }
            sums[parent] &+= size(range)
            hasParts[parent] = true
        }
        return ranges.indices.map { !hasParts[$0] || sums[$0] != size(ranges[$0]) }
    }

    /// In addresses; of all of IPv6 it wraps to zero, and so does the sum of its parts.
    private static func size(_ range: AddressRange) -> UInt128 {
        let bits = (range.address.family == .v4 ? 32 : 128) - range.length
        return bits == 128 ? 0 : 1 << UInt128(bits)
    }

    private static func key(_ address: IPAddress, _ length: Int) -> Key {
        Key(family: address.family, length: length, number: address.number)
    }

    private static func precedes(_ left: AddressRange, _ right: AddressRange) -> Bool {
        let (a, b) = (left.address, right.address)
        if a.family != b.family { return a.family == .v4 }
        return (a.number, left.length) < (b.number, right.length)
    }
}
