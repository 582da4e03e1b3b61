import NetValues

/// Tasks that wait, each under a ticket and perhaps with a deadline. A ticket is woken once; later wakes of it do nothing.
struct ParkingLot {
    typealias Ticket = UInt64

    private var parked: [Ticket: UnsafeContinuation<Wake, Never>] = [:]
    private var deadlines = DeadlineHeap()
    private var lastTicket: Ticket = 0

    mutating func newTicket() -> Ticket {
        lastTicket += 1
        return lastTicket
    }

    mutating func park(_ ticket: Ticket, until deadline: Instant?, _ continuation: UnsafeContinuation<Wake, Never>) {
        parked[ticket] = continuation
        guard let deadline else { return }
        deadlines.insert(deadline, ticket)
        // Most waits end before their deadline; sweep their entries out before they outnumber the living.
        if deadlines.count > 64, deadlines.count > 4 * parked.count { deadlines.keep { parked[$0] != nil } }
    }

    /// False when nobody waits under the ticket any more.
    @discardableResult
    mutating func wake(_ ticket: Ticket, _ reason: Wake) -> Bool {
        guard let continuation = parked.removeValue(forKey: ticket) else { return false }
        continuation.resume(returning: reason)
        return true
    }

    /// The earliest deadline of a task that still waits.
    var earliest: Instant? {
        mutating get {
            while let first = deadlines.first {
                if parked[first.ticket] != nil { return first.instant }
                deadlines.removeFirst()
            }
            return nil
        }
    }

    mutating func expire(at now: Instant) {
        while let first = deadlines.first, first.instant <= now {
            deadlines.removeFirst()
            wake(first.ticket, .deadline)
        }
    }
}

/// A binary min-heap by instant.
struct DeadlineHeap {
    struct Entry {
        let instant: Instant
        let ticket: ParkingLot.Ticket
    }

    private var entries: [Entry] = []

    var first: Entry? { entries.first }
    var count: Int { entries.count }

    mutating func insert(_ instant: Instant, _ ticket: ParkingLot.Ticket) {
        entries.append(Entry(instant: instant, ticket: ticket))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].instant < entries[parent].instant else { break }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() {
        guard let last = entries.popLast(), !entries.isEmpty else { return }
        entries[0] = last
        sink(0)
    }

    mutating func keep(_ isWanted: (ParkingLot.Ticket) -> Bool) {
        entries.removeAll { !isWanted($0.ticket) }
        for index in stride(from: entries.count / 2 - 1, through: 0, by: -1) { sink(index) }
    }

    private mutating func sink(_ start: Int) {
        var parent = start
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
                if entries[child].instant < entries[smallest].instant { smallest = child }
            }
            guard smallest != parent else { return }
            entries.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
