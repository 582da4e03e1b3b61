/// A stretch of sequence numbers: a segment that waits for its acknowledgement, or a hole in what was seen.
struct SequenceRange {
    var start: UInt32
    var end: UInt32
    /// When it was sent; of a hole, what the segment behind it was (`HoleMark`).
    var mark: Int64
    var older: UInt32
    var newer: UInt32

    static let none = UInt32.max
}

/// All ranges of all conversations, in lists, so that a conversation without any costs nothing and all together are bounded.
struct SegmentPool {
    /// 12 MB. tshark keeps 10 000 for each direction of each conversation for ever.
    static let most = 1 << 19

    private var ranges: [SequenceRange] = []
    private var vacant = SequenceRange.none
    private(set) var used = 0

    var isFull: Bool { used >= Self.most }

    subscript(place: UInt32) -> SequenceRange {
        @inline(__always) get { ranges[Int(place)] }
        @inline(__always) _modify { yield &ranges[Int(place)] }
    }

    /// The pool must not be full.
    mutating func take(_ range: SequenceRange) -> UInt32 {
        used += 1
        guard vacant != SequenceRange.none else {
            ranges.append(range)
            return UInt32(ranges.count - 1)
        }
        let place = vacant
        vacant = ranges[Int(place)].older
        ranges[Int(place)] = range
        return place
    }

    mutating func give(_ place: UInt32) {
        used -= 1
        ranges[Int(place)].older = vacant
        vacant = place
    }
}

/// Ranges of one direction, in order of time.
struct SequenceList {
    var oldest = SequenceRange.none
    var newest = SequenceRange.none
    var count: UInt16 = 0

    var isEmpty: Bool { newest == SequenceRange.none }

    /// - Returns: whether there was room. When all room is taken, a list that has anything gives up its oldest.
    mutating func append(start: UInt32, end: UInt32, mark: Int64, in pool: inout SegmentPool) {
        if pool.isFull {
            if isEmpty { return }
            remove(oldest, in: &pool)
        }
        let place = pool.take(
            SequenceRange(start: start, end: end, mark: mark, older: newest, newer: SequenceRange.none))
        if isEmpty { oldest = place } else { pool[newest].newer = place }
        newest = place
        count += 1
    }

    mutating func remove(_ place: UInt32, in pool: inout SegmentPool) {
        let range = pool[place]
        if range.older == SequenceRange.none { oldest = range.newer } else { pool[range.older].newer = range.newer }
        if range.newer == SequenceRange.none { newest = range.older } else { pool[range.newer].older = range.older }
        pool.give(place)
        count -= 1
    }

    mutating func removeAll(in pool: inout SegmentPool) {
        while !isEmpty { remove(oldest, in: &pool) }
    }
}
