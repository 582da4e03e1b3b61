/// Which bytes of a direction were seen, with the holes between them.
struct StreamTracker {
    /// Behind the last byte that was seen; of the bytes before it the holes were not.
    private var end: UInt32 = 0
    private var start: UInt32 = 0
    private var hasBegun = false
    private var holes = SequenceList()
    /// Segments with payload so far.
    private var segments: UInt32 = 0
    /// By how many segments the latest one came late.
    private(set) var furthestReordering: UInt32 = 0
    /// Segments that came so soon after a hole that they look reordered, and that were sent after those behind the hole.
    private(set) var quickRepairs: UInt32 = 0

    /// More holes than this are a stream of which too little was seen to speak of order.
    private static let mostHoles: UInt16 = 64

    /// What a segment brought.
    struct Arrival {
        /// From the first byte of the stream, modulo 2^32.
        let offset: UInt32
        /// Payload bytes that were not seen before.
        var fresh: UInt32
        /// The payload's leading bytes that were seen before.
        var repeated: UInt32
        /// Bytes are missing before it.
        var followsHole = false
        /// It came after segments that follow it in the stream.
        var fillsHole = false
    }

    /// - Parameters:
    ///   - identification: of the IP packet, to tell a late segment from one that was sent again; 0 is unknown.
    ///   - isYoung: it came so soon that it can hardly have been sent again.
    mutating func add(
        _ sequence: UInt32, length: UInt32, identification: UInt16, isYoung: Bool, in pool: inout SegmentPool
    ) -> Arrival {
        segments &+= 1
        let next = sequence &+ length
        if !hasBegun { begin(at: sequence) }
        let offset = sequence &- start
        if sequence == end {
            end = next
            return Arrival(offset: offset, fresh: length, repeated: 0)
        }
        if sequence.isAfter(end) {
            let mark = HoleMark(segments: segments, identification: identification)
            if holes.count >= Self.mostHoles { holes.remove(holes.oldest, in: &pool) }
            holes.append(start: end, end: sequence, mark: mark.rawValue, in: &pool)
            end = next
            return Arrival(offset: offset, fresh: length, repeated: 0, followsHole: true)
        }
        return addBehind(
            sequence, next, Arrival(offset: offset, fresh: 0, repeated: length),
            HoleMark(segments: segments, identification: identification), isYoung, in: &pool)
    }

    /// The first byte that comes, for a direction whose SYN was seen.
    mutating func begin(at sequence: UInt32) {
        hasBegun = true
        start = sequence
        end = sequence
    }

    /// Where an acknowledgement of the other side stands in the stream; 0 while nothing was seen of it.
    func offset(of acknowledgement: UInt32) -> UInt32 { hasBegun ? acknowledgement &- start : 0 }

    /// A segment that begins before the end of what was seen.
    private mutating func addBehind(
        _ sequence: UInt32, _ next: UInt32, _ arrival: Arrival, _ mark: HoleMark, _ isYoung: Bool,
        in pool: inout SegmentPool
    ) -> Arrival {
        var arrival = arrival
        if next.isAfter(end) {
            arrival.fresh = next &- end
            arrival.repeated = end &- sequence
            end = next
        }
        var place = holes.newest
        var isRepair = false
        while place != SequenceRange.none {
            let hole = pool[place]
            let from = sequence.isAfter(hole.start) ? sequence : hole.start
            let to = next.isBefore(hole.end) ? next : hole.end
            if from.isBefore(to) {
                arrival.fillsHole = true
                arrival.fresh &+= to &- from
                if from == sequence { arrival.repeated = 0 }
                let opened = HoleMark(rawValue: hole.mark)
                if opened.followsOnWire(mark) ?? isYoung {
                    furthestReordering = max(furthestReordering, mark.segments &- opened.segments)
                } else {
                    isRepair = isYoung
                }
                cut(place, hole, from, to, in: &pool)
            }
            place = hole.older
        }
        if isRepair { quickRepairs &+= 1 }
        return arrival
    }

    private mutating func cut(
        _ place: UInt32, _ hole: SequenceRange, _ from: UInt32, _ to: UInt32, in pool: inout SegmentPool
    ) {
        switch (from == hole.start, to == hole.end) {
        case (true, true): holes.remove(place, in: &pool)
        case (true, false): pool[place].start = to
        case (false, true): pool[place].end = from
        case (false, false):
            pool[place].end = from
            if holes.count < Self.mostHoles { holes.append(start: to, end: hole.end, mark: hole.mark, in: &pool) }
        }
    }

    mutating func removeAll(in pool: inout SegmentPool) {
        holes.removeAll(in: &pool)
    }
}

/// What the segment was that showed a hole.
struct HoleMark: RawRepresentable {
    let rawValue: Int64

    init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    init(segments: UInt32, identification: UInt16) {
        rawValue = Int64(segments) << 16 | Int64(identification)
    }

    /// How many segments its direction had sent by then.
    var segments: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 16) }
    private var identification: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

    /// Whether the other, which fills the hole, was sent before this: Linux numbers the packets of a connection upwards. Nil where
    /// one has no number.
    func followsOnWire(_ other: HoleMark) -> Bool? {
        guard identification != 0, other.identification != 0 else { return nil }
        return Int16(bitPattern: other.identification &- identification) < 0
    }
}
