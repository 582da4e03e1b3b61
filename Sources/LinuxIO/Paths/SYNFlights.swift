import NetValues
import Observations
import ProbeKit
import Wire

/// The SYNs of one four-tuple that are on their way, and which of them an answer is about.
///
/// Each carries a number (`SYNPattern`), which routers quote, and which a SYN-ACK with timestamps echoes. All else answers no more than
/// the sequence number: a reset (RFC 9293 section 3.10.7.1), and the SYN-ACK of a host without timestamps. That is the same for all of
/// them, since filters with state drop a SYN that repeats another with a new sequence number; so where such an answer fits several,
/// only those are sent once more, each with a sequence number of its own. By then the reset has closed what the answered one opened.
package struct SYNFlights {
    /// What stands in one packet, and when it left.
    package struct Sending: Hashable {
        package let number: UInt32
        package let sequence: UInt32

        package init(number: UInt32, sequence: UInt32) {
            self.number = number
            self.sequence = sequence
        }
    }

    private struct Flight {
        let limit: Int
        var path: PathFlight
        var first: Sending
        var firstSent: EchoStamp
        /// The same SYN with a sequence number of its own.
        var second: Sending?

        var last: Sending { second ?? first }
    }

    /// One that was given up: its answer may come yet.
    private struct Abandoned {
        let limit: Int
        let sequence: UInt32
        let until: Instant
    }

    /// By the number of the first sending.
    private var flights: [UInt32: Flight] = [:]
    private var abandoned: [Abandoned] = []
    private let firstNumber: UInt32
    private var lastNumber: UInt32
    /// Of SYNs that are sent for the first time.
    private var sequence: UInt32
    private var lastSequence: UInt32
    /// The smallest limit with which one was seen to come to the target.
    private var reach: Int?
    /// The largest with which one was seen to end at a router, since none was on its way.
    private var farthest = 0
    /// An answer of the target's fitted several.
    private var isUnnumbered = false
    package private(set) var tellsPacketsApart = true

    private static let longestWait = Duration.seconds(4)
    private static let mostAbandoned = 64

    /// - Parameter number: so that the numbers of one flow are not those of another.
    package init(sequence: UInt32, number: UInt32) {
        self.sequence = sequence
        lastSequence = sequence
        firstNumber = number
        lastNumber = number
    }

    // MARK: On their way

    /// What is to be sent, and what the flight is known by.
    package mutating func open(limit: Int, ticket: UInt64) -> (id: UInt32, sending: Sending) {
        if flights.isEmpty {
            farthest = 0
            // Filters have seen the answer, and so forgotten the one before.
            if isUnnumbered { sequence = newSequence() }
        }
        let sending = Sending(number: newNumber(), sequence: sequence)
        let path = PathFlight(ticket: ticket, length: 0)
        flights[sending.number] = Flight(limit: limit, path: path, first: sending, firstSent: path.sent)
        return (sending.number, sending)
    }

    /// The kernel writes an identification of its own in place of 0.
    private mutating func newNumber() -> UInt32 {
        repeat { lastNumber &+= 1 } while lastNumber & 0xffff == 0
        return lastNumber
    }

    private mutating func newSequence() -> UInt32 {
        lastSequence &+= 1
        return lastSequence
    }

    /// Just before it leaves.
    package mutating func stamp(_ id: UInt32, _ stamp: EchoStamp) {
        flights[id]?.path.sent = stamp
        if flights[id]?.second == nil { flights[id]?.firstSent = stamp }
    }

    package func limit(of id: UInt32) -> Int? { flights[id]?.limit }

    package func ticket(of id: UInt32) -> UInt64? { flights[id]?.path.ticket }

    package func isOpen(_ id: UInt32) -> Bool { flights[id]?.path.isOpen == true }

    var tickets: [UInt64] { flights.values.map(\.path.ticket) }

    mutating func refuse(_ id: UInt32, _ failure: SocketFailure) { flights[id]?.path.refuse(failure) }

    package mutating func close(_ id: UInt32, at now: Instant) -> PathReply? {
        guard let flight = flights.removeValue(forKey: id) else { return nil }
        if flight.path.isOpen {
            abandoned.removeAll { $0.until < now }
            if abandoned.count < Self.mostAbandoned {
                abandoned.append(
                    Abandoned(limit: flight.limit, sequence: flight.last.sequence, until: now + Self.longestWait))
            }
        }
        return flight.path.conclusion
    }

    // MARK: Quoted by an ICMP error

    /// Which it is, and the number of what was quoted; nil where that is not known, or it is none of these.
    package mutating func find(
        quoted start: SegmentStart, identification: UInt16?, isOurs: Bool
    ) -> (id: UInt32, number: UInt32)? {
        let sendings = flights.flatMap { id, flight in
            [(id, flight.first)] + (flight.second.map { [(id, $0)] } ?? [])
        }
        let hasSequence = sendings.contains { $0.1.sequence == start.sequence }
        guard isOurs || hasSequence else { return nil }
        if let stamp = start.options.timestamp, let found = sendings.first(where: { $0.1.number == stamp }) {
            return (found.0, found.1.number)
        }
        if let identification, identification != 0 {
            return sendings.first { UInt16(truncatingIfNeeded: $0.1.number) == identification }.map {
                ($0.0, $0.1.number)
            }
        }
        // Nothing but the sequence number came back.
        let open = sendings.filter { $0.1.sequence == start.sequence && isOpen($0.0) }
        if open.count == 1 { return (open[0].0, open[0].1.number) }
        if open.count > 1 { tellsPacketsApart = false }
        return nil
    }

    mutating func note(_ quoted: QuotedHeader, of id: UInt32) { flights[id]?.path.quoted = quoted }

    /// - Parameter number: where the first of both sendings is quoted, whose time then counts.
    package mutating func settle(_ id: UInt32, quoted number: UInt32? = nil, _ arrival: PathFlight.Arrival) {
        guard let flight = flights[id], flight.path.isOpen else { return }
        if flight.second != nil, number == flight.first.number { flights[id]?.path.sent = flight.firstSent }
        flights[id]?.path.settle(arrival)
        guard case .expired = arrival.outcome else { return }
        farthest = max(farthest, flight.limit)
        // The target is farther than it was.
        if let reach, reach <= flight.limit { self.reach = nil }
    }

    // MARK: Answered by the target

    package enum Conclusion: Hashable {
        case foreign
        /// It, and whether the time that it took is known.
        case one(UInt32, isTimed: Bool)
        /// Perhaps one of which no more is known than that it got there; these are to be sent again.
        case several(UInt32?, again: [UInt32])
    }

    /// - Parameter answer: a SYN-ACK or reset from the target's port to ours.
    package mutating func conclude(_ answer: SegmentStart, at now: Instant) -> Conclusion {
        guard let flags = answer.flags, flags.contains(.ack), let acknowledged = answer.acknowledgement,
            flags.contains(.syn) != flags.contains(.rst)
        else { return .foreign }
        if flags.contains(.syn), let echo = answer.options.timestampEcho, isNumber(echo) {
            return concludeNumbered(echo)
        }
        return concludeUnnumbered(acknowledged &- 1, at: now)
    }

    private func isNumber(_ number: UInt32) -> Bool {
        number != firstNumber && number &- firstNumber <= lastNumber &- firstNumber
    }

    private mutating func concludeNumbered(_ number: UInt32) -> Conclusion {
        if let (id, flight) = flights.first(where: {
            $0.value.first.number == number || $0.value.second?.number == number
        }) {
            guard flight.path.isOpen else { return .foreign }
            return reached(id, isTimed: number == flight.last.number)
        }
        // It still keeps open what an earlier SYN opened, since our resets do not come to it: then it answers each with the old number.
        guard let id = open.first(where: { $0.value.limit == reach })?.key else { return .foreign }
        return .one(id, isTimed: false)
    }

    private var open: [UInt32: Flight] { flights.filter { $0.value.path.isOpen } }

    private mutating func reached(_ id: UInt32, isTimed: Bool) -> Conclusion {
        if let limit = flights[id]?.limit { reach = min(reach ?? limit, limit) }
        return .one(id, isTimed: isTimed)
    }

    private mutating func concludeUnnumbered(_ sequence: UInt32, at now: Instant) -> Conclusion {
        let fits = open.filter { $0.value.last.sequence == sequence && $0.value.limit > farthest }
            .sorted { ($0.value.limit, $0.key) < ($1.value.limit, $1.key) }
        guard let largest = fits.last else { return .foreign }
        // Who else it could be is not known to get there.
        if let known = fits.first(where: { $0.value.limit == reach }) { return .one(known.key, isTimed: true) }
        abandoned.removeAll { $0.until < now }
        let isLate = abandoned.contains { $0.sequence == sequence && $0.limit > farthest }
        if fits.count == 1, !isLate { return reached(largest.key, isTimed: true) }
        isUnnumbered = true
        tellsPacketsApart = false
        // As whatever got there has at most its limit, it would get there too.
        if !isLate { reach = min(reach ?? largest.value.limit, largest.value.limit) }
        let again = fits.filter { (isLate || $0.key != largest.key) && $0.value.second == nil }.map(\.key)
        return .several(isLate ? nil : largest.key, again: again)
    }

    /// The same once more, to be told from all others.
    package mutating func repeated(_ id: UInt32) -> Sending {
        let sending = Sending(number: newNumber(), sequence: newSequence())
        flights[id]?.second = sending
        return sending
    }
}
