import NetValues
import Observations
import ProbeKit

/// One packet on its way.
struct PathFlight {
    let ticket: ParkingLot.Ticket
    /// Just before it left.
    var sent: EchoStamp
    /// Bytes of its payload behind the transport header.
    let length: Int
    private(set) var reply: PathReply?
    /// What a raw socket saw of the error, which it sees first.
    var quoted: QuotedHeader?

    init(ticket: ParkingLot.Ticket, length: Int) {
        self.ticket = ticket
        self.length = length
        sent = .now
    }

    var isOpen: Bool { reply == nil }

    /// What came, and how.
    struct Arrival {
        let outcome: SoundingFact.Hop.Outcome
        let stamp: Int64
        let read: EchoStamp
        var hopLimit: Int?
        var labels: [MPLSLabel] = []
        var isRefusedHere = false
        /// From the SYN to its answer by the kernel's own measure, which a wait for a processor does not lengthen.
        var handshake: Duration?
    }

    /// The first counts.
    mutating func settle(_ arrival: Arrival) {
        guard isOpen else { return }
        let trip = sent.roundTrip(kernelStamp: arrival.stamp, read: arrival.read)
        reply = PathReply(
            sentAt: sent.monotonic, outcome: arrival.outcome, roundTrip: arrival.handshake ?? trip.span,
            isKernelStamped: arrival.handshake != nil || trip.isKernelStamped, replyHopLimit: arrival.hopLimit,
            quoted: quoted,
            labels: arrival.labels, isRefusedHere: arrival.isRefusedHere)
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
            labels: reply.labels, isRefusedHere: reply.isRefusedHere)
    }
}
