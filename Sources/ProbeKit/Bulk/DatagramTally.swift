import NetValues
import Wire

/// Counts the datagrams of one stream by their numbers, as iperf3 does: a gap is loss, until what is missing comes late. Other than
/// iperf3 it knows a copy from one that comes late.
package struct DatagramTally: Hashable, Sendable {
    /// Each number once.
    package private(set) var received = 0
    /// The highest number.
    package private(set) var highest: UInt64 = 0
    /// Came for the first time, and behind one with a higher number.
    package private(set) var late = 0
    /// Came again.
    package private(set) var copies = 0
    private var missing: UInt64 = 0
    /// Of the numbers next below the highest a bit each: whether it came. Empty before the first.
    private var seen: [UInt64] = []
    /// Nanoseconds.
    private var jitterValue = 0.0
    private var transit: Int64?
    /// Handed to the kernel by this side.
    package var sent = 0

    /// What comes later than so many others is taken for late as long as any is missing. 10 Gbit/s send that many in 75 ms.
    private static let window: UInt64 = 65_536

    package init() {}

    /// - Returns: false of a copy of one that came before.
    @discardableResult
    package mutating func add(_ datagram: IperfDatagram, receivedAt wall: Int64) -> Bool {
        let number = datagram.number
        if number > highest {
            missing += number - highest - 1
            forget(from: highest, to: number)
            highest = number
        } else {
            guard !isCopy(number) else {
                copies += 1
                return false
            }
            late += 1
            if missing > 0 { missing -= 1 }
        }
        received += 1
        mark(number)
        note(wall, sentAt: datagram.sentAt)
        return true
    }

    /// RFC 1889 section 6.3.1; the difference of two clocks, of which only the change counts.
    private mutating func note(_ wall: Int64, sentAt: Int64) {
        let (now, isOdd) = wall.subtractingReportingOverflow(sentAt)
        guard !isOdd else { return }
        if let transit {
            let (change, overflow) = now.subtractingReportingOverflow(transit)
            if !overflow { jitterValue += (Double(change.magnitude) - jitterValue) / 16 }
        }
        transit = now
    }

    // MARK: What came

    private static func place(_ number: UInt64) -> (word: Int, bit: UInt64) {
        (Int(number % window / 64), 1 << (number % 64))
    }

    private mutating func mark(_ number: UInt64) {
        guard highest - number < Self.window else { return }
        let place = Self.place(number)
        seen[place.word] |= place.bit
    }

    private func isCopy(_ number: UInt64) -> Bool {
        guard !seen.isEmpty, highest - number < Self.window else { return missing == 0 }
        let place = Self.place(number)
        return seen[place.word] & place.bit != 0
    }

    /// The numbers behind `last` up to `number` take the places of older ones.
    private mutating func forget(from last: UInt64, to number: UInt64) {
        guard !seen.isEmpty, number - last < Self.window else {
            return seen = Array(repeating: 0, count: Int(Self.window / 64))
        }
        for fresh in last + 1...number {
            let place = Self.place(fresh)
            seen[place.word] &= ~place.bit
        }
    }

    package var lost: Int { Int(clamping: missing) }
    /// How many were sent, as far as what came shows.
    package var expected: Int { Int(clamping: highest) }
    package var jitter: Duration { .nanoseconds(Int64(min(jitterValue, 1e15))) }
}
