/// Segments of one direction that nobody has acknowledged yet, for the round trips.
struct UnackedSegments {
    /// As tshark.
    static let most: UInt16 = 10_000

    private(set) var list = SequenceList()
    /// Each starts where the one before ends, or behind it: then only the oldest need be looked at.
    private var isAscending = true
    /// Nothing was appended since the last acknowledgement, which was this.
    private var isSettled = false
    private var settledAck: UInt32 = 0
    /// Segments that were walked past and stayed, less what taking segments out has earned.
    private var walked: UInt32 = 0

    /// Where this much was walked past in vain, nobody acknowledges what is sent: all of it is given up, so that ten thousand segments
    /// without order cost no capture ten thousand steps for each acknowledgement.
    private static let mostWalked: UInt32 = 1 << 22
    /// Half as many segments in flight, out of order, with two of them acknowledged at a time, are still told exactly.
    private static let earned: UInt32 = 2048

    var isFull: Bool { list.count >= Self.most }

    mutating func append(start: UInt32, end: UInt32, at time: Int64, in pool: inout SegmentPool) {
        if list.isEmpty {
            isAscending = true
        } else if isAscending {
            let last = pool[list.newest].end
            let first = pool[list.oldest].start
            isAscending = !start.isBefore(last) && !end.isBefore(start) && end &- first < 1 << 30
        }
        isSettled = false
        list.append(start: start, end: end, mark: time, in: &pool)
    }

    /// Takes out what `ack` covers.
    ///
    /// - Returns: when the segment was sent that ends where `ack` stands (the oldest of several), and the size of the largest that
    ///   it covers.
    mutating func acknowledge(_ ack: UInt32, in pool: inout SegmentPool) -> (sentAt: Int64?, largest: UInt32) {
        if list.isEmpty || isSettled && settledAck == ack { return (nil, 0) }
        isSettled = true
        settledAck = ack
        guard !isAscending else { return acknowledgeOldest(ack, in: &pool) }
        let count = UInt32(list.count)
        let found = acknowledgeAll(ack, in: &pool)
        let stayed = UInt32(list.count)
        let credit = (count - stayed) * Self.earned
        walked = walked + stayed > credit ? walked + stayed - credit : 0
        if walked > Self.mostWalked {
            removeAll(in: &pool)
            walked = 0
        }
        return found
    }

    /// As `acknowledgeAll`, of a list in which it can stop at the first that is not covered.
    private mutating func acknowledgeOldest(
        _ ack: UInt32, in pool: inout SegmentPool
    ) -> (sentAt: Int64?, largest: UInt32) {
        var largest: UInt32 = 0
        var place = list.oldest
        // Behind all of the list by half of the numbers, the comparisons turn round: only the long way says what tshark says.
        if ack &- pool[place].start >= 1 << 30, pool[place].start &- ack >= 1 << 30 {
            return acknowledgeAll(ack, in: &pool)
        }
        while place != SequenceRange.none {
            let range = pool[place]
            if range.end == ack {
                list.remove(place, in: &pool)
                return (range.mark, max(largest, range.end &- range.start))
            }
            if range.end.isAfter(ack) {
                if range.start.isBefore(ack) { pool[place].start = ack }
                break
            }
            largest = max(largest, range.end &- range.start)
            list.remove(place, in: &pool)
            place = range.newer
        }
        return (nil, largest)
    }

    /// From the newest to the oldest, as tshark does.
    private mutating func acknowledgeAll(
        _ ack: UInt32, in pool: inout SegmentPool
    ) -> (sentAt: Int64?, largest: UInt32) {
        var sentAt: Int64?
        var largest: UInt32 = 0
        var place = list.newest
        var follower: SequenceRange?
        isAscending = true
        while place != SequenceRange.none {
            var range = pool[place]
            let older = range.older
            if range.end == ack { sentAt = range.mark }
            let isPart = range.end != ack && range.start.isBefore(ack) && ack.isAtMost(range.end)
            if isPart || range.end != ack && range.end.isAfter(ack) {
                if isPart {
                    range.start = ack
                    pool[place].start = ack
                }
                if let follower {
                    isAscending =
                        isAscending && !follower.start.isBefore(range.end)
                        && pool[list.newest].end &- range.start < 1 << 30
                }
                follower = range
            } else {
                largest = max(largest, range.end &- range.start)
                list.remove(place, in: &pool)
            }
            place = older
        }
        return (sentAt, largest)
    }

    mutating func removeAll(in pool: inout SegmentPool) {
        list.removeAll(in: &pool)
    }
}
