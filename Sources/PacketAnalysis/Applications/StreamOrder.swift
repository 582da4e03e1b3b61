import Wire

/// Which packet, and when.
struct PacketMoment {
    let frame: Int
    /// Nanoseconds since 1970.
    let time: Int64
}

/// Puts the bytes of one direction into order: what came before is passed over, what is ahead waits within bounds. Nothing is
/// kept as long as segments come in order.
struct StreamOrder {
    enum Arrival: Equatable {
        /// All of it was there before, or is of no interest.
        case old
        /// Next, but for so many of its first bytes.
        case next(dropping: Int)
        case ahead
    }

    private struct Waiting {
        let position: Int64
        let length: Int
        let moment: PacketMoment
        let bytes: [UInt8]
    }

    /// Segments, and bytes of them, that wait for those before them.
    static let mostWaiting = 16
    static let mostBytes = 32_768

    /// The first byte that is still wanted, counted without wrapping.
    private(set) var next: Int64
    /// The furthest byte seen, by which positions are unwrapped.
    private var furthest: Int64
    private var waiting: [Waiting] = []

    private(set) var heldBytes = 0

    /// What comes before is of no interest.
    init(from place: UInt32) {
        next = Int64(place)
        furthest = next
    }

    /// Whether the segment's bytes have not been on the wire before; counts them as seen.
    mutating func advances(to place: UInt32, length: Int) -> Bool {
        let end = unwrapped(place) &+ Int64(length)
        guard end > furthest else { return false }
        furthest = end
        return true
    }

    func arrival(_ place: UInt32, length: Int) -> Arrival {
        let position = unwrapped(place)
        if position > next { return .ahead }
        let known = next &- position
        return known >= Int64(length) ? .old : .next(dropping: Int(known))
    }

    private func unwrapped(_ place: UInt32) -> Int64 {
        furthest &+ Int64(Int32(bitPattern: place &- UInt32(truncatingIfNeeded: furthest)))
    }

    /// So many bytes are behind us, and so many more need not be seen.
    mutating func advance(by count: Int, passing: Int64 = 0) {
        next = next &+ Int64(count) &+ passing
    }

    /// Keeps a segment that is ahead.
    /// - Returns: false when there is no room for it.
    mutating func keep(_ payload: Span<UInt8>, _ place: UInt32, length: Int, _ moment: PacketMoment) -> Bool {
        guard waiting.count < Self.mostWaiting, heldBytes + payload.count <= Self.mostBytes else { return false }
        let position = unwrapped(place)
        let index = waiting.firstIndex { $0.position > position } ?? waiting.count
        waiting.insert(
            Waiting(position: position, length: length, moment: moment, bytes: payload.copy(0..<payload.count)),
            at: index)
        heldBytes += payload.count
        return true
    }

    /// Whether something waits for bytes that the other side has acknowledged: those were not captured.
    func isHoleAcknowledged(_ acknowledged: UInt32) -> Bool {
        guard let first = waiting.first else { return false }
        let distance = Int32(bitPattern: acknowledged &- UInt32(truncatingIfNeeded: next))
        return distance > 0 && first.position > next
    }

    /// Gives up on the bytes before the first that waits, or before `place` when nothing does.
    mutating func giveUp(before place: UInt32) {
        let position = unwrapped(place)
        next = max(next, min(waiting.first?.position ?? position, position))
    }

    /// What waited and is next now.
    mutating func takeReady() -> (bytes: [UInt8], length: Int, moment: PacketMoment)? {
        while let first = waiting.first, first.position <= next {
            waiting.removeFirst()
            heldBytes -= first.bytes.count
            let known = next &- first.position
            guard known < Int64(first.length) else { continue }
            let dropped = min(Int(known), first.bytes.count)
            return (Array(first.bytes[dropped...]), first.length - Int(known), first.moment)
        }
        return nil
    }

    mutating func forget() {
        waiting = []
        heldBytes = 0
    }
}
