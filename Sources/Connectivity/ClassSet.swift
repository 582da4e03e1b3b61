/// A set of numbers, a bit each, kept from its least word to its greatest: classes of one namespace stand side by side.
struct ClassSet: Sendable {
    /// The place of the first of `words` among all words.
    private var start = 0
    private var words: [UInt64] = []

    init() {}

    init(_ numbers: Range<Int>) {
        for number in numbers { insert(number) }
    }

    private var end: Int { start + words.count }

    mutating func insert(_ number: Int) {
        let place = number >> 6
        cover(place..<place + 1)
        words[place - start] |= 1 << UInt64(number & 63)
    }

    private mutating func cover(_ places: Range<Int>) {
        guard !words.isEmpty else {
            start = places.lowerBound
            words = [UInt64](repeating: 0, count: places.count)
            return
        }
        if places.upperBound > end { words.append(contentsOf: repeatElement(0, count: places.upperBound - end)) }
        if places.lowerBound < start {
            words.insert(contentsOf: repeatElement(0, count: start - places.lowerBound), at: 0)
            start = places.lowerBound
        }
    }

    func contains(_ number: Int) -> Bool {
        let place = (number >> 6) - start
        return words.indices.contains(place) && words[place] & (1 << UInt64(number & 63)) != 0
    }

    mutating func formUnion(_ other: ClassSet) {
        guard !other.words.isEmpty else { return }
        guard !words.isEmpty else {
            self = other
            return
        }
        cover(other.start..<other.end)
        let shift = other.start - start
        for place in other.words.indices { words[place + shift] |= other.words[place] }
    }

    mutating func formIntersection(_ other: ClassSet) {
        let (lower, upper) = (max(start, other.start), min(end, other.end))
        guard lower < upper else {
            words = []
            return
        }
        words = (lower..<upper).map { words[$0 - start] & other.words[$0 - other.start] }
        start = lower
    }

    mutating func subtract(_ other: ClassSet) {
        let (lower, upper) = (max(start, other.start), min(end, other.end))
        guard lower < upper else { return }
        for place in lower..<upper { words[place - start] &= ~other.words[place - other.start] }
    }

    /// In ascending order.
    func forEach(_ body: (Int) -> Void) {
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                body((index + start) << 6 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
    }
}
