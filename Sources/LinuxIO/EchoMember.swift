import NetValues
import Observations
import ProbeKit
import Wire

/// A series at a hub: the course that it runs, and what was sent, by which what comes back is judged.
///
/// `@unchecked Sendable`: touched only on the reactor's thread, to which those that hold it are pinned.
final class EchoMember: @unchecked Sendable {
    struct Run {
        let course: any EchoCourse
        let continuation: UnsafeContinuation<Wake, Never>
    }

    struct Request {
        let sequence: UInt16
        /// How many of the series went before it.
        let number: UInt32
        let packet: [UInt8]
        /// No longer than this is the socket waited for.
        let giveUpAt: Instant
    }

    private struct Sent {
        let number: UInt32
        let stamp: EchoStamp
    }

    let address: IPAddress
    let destination: SocketAddress
    /// What the hub knows it by.
    let ticket: UInt16
    /// Of its requests and their replies. A ping socket of one series has one only when it is connected.
    var identifier: UInt16
    private let pattern: EchoPattern
    /// Of each sequence number the last request. The numbers go up one by one: no table is needed to look them up.
    private var sent: [Sent?] = []
    private var requests: UInt32 = 0

    // The hub's own notes.
    /// The course knows the identifier.
    var hasBegun = false
    var run: Run?
    /// When it is to be attended to, as the hub's agenda has it.
    var dueAt: Instant?
    /// What the socket had no room for.
    var waiting: Request?
    /// Events were handed in and the course not yet asked what follows.
    var isUnsettled = false

    init(to address: IPAddress, ticket: UInt16, _ identifier: UInt16, size: Int) {
        self.address = address
        self.ticket = ticket
        self.identifier = identifier
        destination = SocketAddress(Endpoint(address, 0))
        pattern = EchoPattern(cookie: .random(in: .min ... .max), size: size)
    }

    // MARK: Requests

    /// - Parameter packet: where it is written; nobody else holds it when it was sent at once.
    func request(_ sequence: UInt16, giveUpAt: Instant, in packet: inout [UInt8]) -> Request {
        defer { requests &+= 1 }
        pattern.writeRequest(requests, address.family, identifier: identifier, sequence: sequence, to: &packet)
        return Request(sequence: sequence, number: requests, packet: packet, giveUpAt: giveUpAt)
    }

    /// To be called just before it is sent, each time that this is tried.
    func stamp(_ request: Request) {
        let index = Int(request.sequence)
        while sent.count <= index { sent.append(nil) }
        sent[index] = Sent(number: request.number, stamp: .now)
    }

    func forget(_ request: Request) {
        if sent.indices.contains(Int(request.sequence)) { sent[Int(request.sequence)] = nil }
    }

    private func request(_ sequence: UInt16) -> Sent? {
        sent.indices.contains(Int(sequence)) ? sent[Int(sequence)] : nil
    }

    // MARK: Events

    /// What a reply that carries our identifier is.
    /// - Parameter read: when it had been read from the socket.
    func event(_ echo: ICMPEcho, _ datagram: EchoDatagram, read: EchoStamp) -> EchoEvent {
        let isWhole = address.family == .v6 || ICMPMessage.isChecksumRight(datagram.message)
        guard let sent = request(echo.sequence), isWhole, isOwn(datagram.sender),
            pattern.matches(echo, request: sent.number)
        else { return .foreign }
        let trip = sent.stamp.roundTrip(kernelStamp: datagram.stamp, read: read)
        return .reply(
            sequence: echo.sequence, roundTrip: trip.span, hopLimit: datagram.hopLimit,
            isKernelStamped: trip.isKernelStamped)
    }

    /// Whether an error that quotes a request with our identifier is about a request of ours: to another address it is
    /// somebody else's.
    func hasSent(_ echo: QuotedEcho, _ record: QueuedError) -> Bool {
        guard let sent = request(echo.sequence), record.destination.map(isOwn) ?? true else { return false }
        return pattern.mayBegin(record.quoted.dropFirst(ICMPMessage.headerLength), request: sent.number)
    }

    private func isOwn(_ peer: IPAddress?) -> Bool {
        if address.isUnspecified { return true }
        // The zone of a link-local address is nothing that a packet carries.
        switch (address, peer) {
        case (.v4(let own), .v4(let other)?): return own.bits == other.bits
        case (.v6(let own), .v6(let other)?): return own.high == other.high && own.low == other.low
        default: return false
        }
    }
}
