import NetValues
import Wire

/// Counts the datagrams of one stream by their numbers, as iperf3 does: a gap is loss, until what is missing comes late.
package struct DatagramTally: Hashable, Sendable {
    package private(set) var received = 0
    /// The highest number.
    package private(set) var highest: UInt64 = 0
    package private(set) var late = 0
    private var missing: UInt64 = 0
    /// Nanoseconds.
    private var jitterValue = 0.0
    private var transit: Int64?
    /// Handed to the kernel by this side.
    package var sent = 0

    package init() {}

    package mutating func add(_ datagram: IperfDatagram, receivedAt wall: Int64) {
        received += 1
        if datagram.number > highest {
            missing += datagram.number - highest - 1
            highest = datagram.number
        } else {
            late += 1
            if missing > 0 { missing -= 1 }
        }
        // RFC 1889 section 6.3.1; the difference of two clocks, of which only the change counts.
        let (now, isOdd) = wall.subtractingReportingOverflow(datagram.sentAt)
        guard !isOdd else { return }
        if let transit {
            let (change, overflow) = now.subtractingReportingOverflow(transit)
            if !overflow { jitterValue += (Double(change.magnitude) - jitterValue) / 16 }
        }
        transit = now
    }

    package var lost: Int { Int(clamping: missing) }
    /// How many were sent, as far as what came shows.
    package var expected: Int { Int(clamping: highest) }
    package var jitter: Duration { .nanoseconds(Int64(min(jitterValue, 1e15))) }
}
