/// A set of numbers below a bound, a bit each: classes of pods, and behind them regions of addresses. Only the words from the first to the
/// last that was ever needed are there, since of a hundred thousand regions a rule means a few.
struct ClassSet: Sendable {
    private let bound: Int
    private var first = 0
    private var words: [UInt64] = []

    /// Empty, for numbers below `bound`.
    init(bound: Int) {
        self.bound = bound
    }

    init(_ numbers: Range<Int>, bound: Int) {
        self.init(bound: bound)
        insert(numbers)
    }

    mutating func insert(_ number: Int) {
        precondition(number < bound)
        let index = number >> 6
        widen(index..<(index + 1))
        words[index - first] |= 1 << UInt64(number & 63)
    }

    mutating func insert(_ numbers: Range<Int>) {
        guard let last = numbers.last else { return }
        widen((numbers.lowerBound >> 6)..<(last >> 6 + 1))
        for number in numbers { insert(number) }
    }

    mutating func remove(_ numbers: Range<Int>) {
        let known = numbers.clamped(to: (first << 6)..<((first + words.count) << 6))
        for number in known { words[number >> 6 - first] &= ~(1 << UInt64(number & 63)) }
    }

    func contains(_ number: Int) -> Bool { word(number >> 6) & (1 << UInt64(number & 63)) != 0 }

    /// Whether it holds a number that is not below another.
    func hasNumber(from number: Int) -> Bool {
        let index = number >> 6
        return word(index) >> UInt64(number & 63) != 0
            || words.dropFirst(max(0, index + 1 - first)).contains { $0 != 0 }
    }

    mutating func formUnion(_ other: ClassSet) {
        guard !words.isEmpty else {
            self = other
            return
        }
        widen(other.first..<(other.first + other.words.count))
        for (index, word) in other.words.enumerated() { words[other.first + index - first] |= word }
    }

    mutating func formIntersection(_ other: ClassSet) {
        for index in words.indices { words[index] &= other.word(first + index) }
    }

    mutating func subtract(_ other: ClassSet) {
        for index in words.indices { words[index] &= ~other.word(first + index) }
    }

    /// In ascending order.
    var numbers: [Int] {
        var found: [Int] = []
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                found.append((first + index) << 6 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
        return found
    }

    private func word(_ index: Int) -> UInt64 { words.indices.contains(index - first) ? words[index - first] : 0 }

    /// Makes room for words.
    private mutating func widen(_ wanted: Range<Int>) {
        guard !wanted.isEmpty else { return }
        if words.isEmpty { first = wanted.lowerBound }
        if wanted.lowerBound < first {
            words.insert(contentsOf: repeatElement(0, count: first - wanted.lowerBound), at: 0)
            first = wanted.lowerBound
        }
        let missing = wanted.upperBound - (first + words.count)
        if missing > 0 { words.append(contentsOf: repeatElement(0, count: missing)) }
    }
}
