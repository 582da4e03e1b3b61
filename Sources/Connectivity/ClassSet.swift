/// A set of numbers below a bound, a bit each: classes of pods, and behind them regions of addresses.
struct ClassSet: Hashable, Sendable {
    private var words: [UInt64]

    /// Empty, for numbers below `bound`.
    init(bound: Int) {
        words = [UInt64](repeating: 0, count: (bound + 63) / 64)
    }

    init(_ numbers: Range<Int>, bound: Int) {
        self.init(bound: bound)
        insert(numbers)
    }

    mutating func insert(_ number: Int) { words[number >> 6] |= 1 << UInt64(number & 63) }

    mutating func insert(_ numbers: Range<Int>) { for number in numbers { insert(number) } }

    mutating func remove(_ numbers: Range<Int>) {
        for number in numbers { words[number >> 6] &= ~(1 << UInt64(number & 63)) }
    }

    func contains(_ number: Int) -> Bool { words[number >> 6] & (1 << UInt64(number & 63)) != 0 }

    /// Whether it holds a number that is not below another.
    func hasNumber(from first: Int) -> Bool {
        let index = first >> 6
        guard index < words.count else { return false }
        return words[index] >> UInt64(first & 63) != 0 || words[(index + 1)...].contains { $0 != 0 }
    }

    mutating func formUnion(_ other: ClassSet) { for index in words.indices { words[index] |= other.words[index] } }

    mutating func formIntersection(_ other: ClassSet) {
        for index in words.indices { words[index] &= other.words[index] }
    }

    mutating func subtract(_ other: ClassSet) { for index in words.indices { words[index] &= ~other.words[index] } }

    /// In ascending order.
    var numbers: [Int] {
        var found: [Int] = []
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                found.append(index << 6 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
        return found
    }
}
