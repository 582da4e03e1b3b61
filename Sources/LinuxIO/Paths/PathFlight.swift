import NetValues
import Observations
import ProbeKit

/// One packet on its way.
package struct PathFlight {
    let ticket: ParkingLot.Ticket
    /// Just before it left.
    package var sent: EchoStamp
    /// Bytes of its payload behind the transport header.
    let length: Int
    package private(set) var reply: PathReply?
    /// What a raw socket saw of the error, which it sees first.
    var quoted: QuotedHeader?

    package init(ticket: UInt64, length: Int) {
        self.ticket = ticket
        self.length = length
        sent = .now
    }

    var isOpen: Bool { reply == nil }

    /// What came, and how.
    package struct Arrival {
        let outcome: SoundingFact.Hop.Outcome
        let stamp: Int64
        let read: EchoStamp
        var hopLimit: Int?
        var labels: [MPLSLabel] = []
        var isRefusedHere = false
        /// So long it may have waited until we read it (`ReactorExecutor.lateness`).
        var lateness = Duration.zero
        /// From the SYN to its answer by the kernel's own measure, which a wait for a processor does not lengthen.
        var handshake: Duration?
        /// Which of several packets it answers is not known, and so not how long it took.
        var isTimed = true

        package init(
            outcome: SoundingFact.Hop.Outcome, stamp: Int64, read: EchoStamp, hopLimit: Int? = nil,
            labels: [MPLSLabel] = [], isRefusedHere: Bool = false, lateness: Duration = .zero,
            handshake: Duration? = nil, isTimed: Bool = true
        ) {
            self.isTimed = isTimed
            self.outcome = outcome
            self.stamp = stamp
            self.read = read
            self.hopLimit = hopLimit
            self.labels = labels
            self.isRefusedHere = isRefusedHere
            self.lateness = lateness
            self.handshake = handshake
        }
    }

    /// The first counts.
    package mutating func settle(_ arrival: Arrival) {
        guard isOpen else { return }
        let trip = sent.roundTrip(kernelStamp: arrival.stamp, read: arrival.read)
        let isKernelStamped = arrival.handshake != nil || trip.isKernelStamped
        let isSpoilt = arrival.isTimed && !isKernelStamped && Self.spoils(arrival.lateness, of: trip.span)
        reply = PathReply(
            sentAt: sent.monotonic, outcome: arrival.outcome,
            roundTrip: isSpoilt || !arrival.isTimed ? nil : arrival.handshake ?? trip.span,
            isKernelStamped: isKernelStamped && arrival.isTimed,
            replyHopLimit: arrival.hopLimit, quoted: quoted, labels: arrival.labels,
            isRefusedHere: arrival.isRefusedHere, isTimeSetAside: isSpoilt)
    }

    /// A quarter of what was measured, and more than a scheduler's slice, as with samples whose time is not counted. Nothing comes before
    /// it was asked for.
    private static func spoils(_ lateness: Duration, of span: Duration) -> Bool {
        let doubt = min(lateness, span)
        return doubt >= .milliseconds(3) && doubt * 4 >= span
    }

    /// It did not leave.
    mutating func refuse(_ failure: SocketFailure) {
        reply = PathReply(
            sentAt: sent.monotonic, outcome: .failed(failure), roundTrip: nil, isRefusedHere: true)
    }

    /// Of a packet whose time is over.
    var conclusion: PathReply {
        guard let reply else { return PathReply(sentAt: sent.monotonic, outcome: .silent, roundTrip: nil) }
        // The raw socket's copy may have been read later.
        guard reply.quoted == nil, let quoted else { return reply }
        return PathReply(
            sentAt: reply.sentAt, outcome: reply.outcome, roundTrip: reply.roundTrip,
            isKernelStamped: reply.isKernelStamped, replyHopLimit: reply.replyHopLimit, quoted: quoted,
            labels: reply.labels, isRefusedHere: reply.isRefusedHere, isTimeSetAside: reply.isTimeSetAside)
    }
}
