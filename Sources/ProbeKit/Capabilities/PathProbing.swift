import NetValues
import Observations

/// Single packets of a flow with a hop limit and a size of their own, and what came of each.
package protocol PathProbing: Sendable {
    /// - Throws: `.unable` with the exact fix where the carrier needs a right that is missing, or this kernel cannot tell who answered.
    func open(_ request: PathRequest) async throws(ProbeInterruption) -> any PathSession
}

package struct PathRequest: Hashable, Sendable {
    /// The port is ignored by ICMP.
    package var destination: Endpoint
    package var carrier: SoundingFact.Carrier
    package var source: IPAddress?

    package init(destination: Endpoint, carrier: SoundingFact.Carrier, source: IPAddress? = nil) {
        self.destination = destination
        self.carrier = carrier
        self.source = source
    }
}

/// One flow: all its packets have the same addresses and ports (by ICMP the same identifier, and a checksum that does not change, on
/// which some routers spread flows), so that they go the same way. By TCP that takes a right: without it each SYN has a port of its own.
package protocol PathSession: Sendable {
    /// Nil by ICMP, and where each packet has one of its own.
    var sourcePort: UInt16? { get }
    /// One packet. Many may be on their way at once; each call returns when its own was answered, or at the deadline.
    func send(_ packet: PathPacket, deadline: Instant) async throws(ProbeInterruption) -> PathReply
    /// The path MTU that the own kernel holds for this destination at the moment (IP_MTU, IPV6_MTU), and the own address it uses.
    func route() async -> (mtu: Int?, source: IPAddress?)
    /// False once an answer came that says no more than its flow, while several packets were on their way: a router that quotes nothing
    /// but headers. From then on one packet at a time finds out what several cannot.
    func tellsPacketsApart() async -> Bool
    func close() async
}

extension PathSession {
    package func tellsPacketsApart() async -> Bool { true }
}

package struct PathPacket: Hashable, Sendable {
    /// Nil for the system's own.
    package var limit: Int?
    /// Bytes of the whole IP packet; nil for the smallest that can be told apart. Not by TCP, whose packet is a SYN.
    package var size: Int?
    /// Also keeps the own kernel from applying the path MTU that it has learned (IP_PMTUDISC_PROBE).
    package var dontFragment: Bool

    package init(limit: Int? = nil, size: Int? = nil, dontFragment: Bool = false) {
        self.limit = limit
        self.size = size
        self.dontFragment = dontFragment
    }
}

/// What came of a packet.
package struct PathReply: Sendable {
    package let sentAt: Instant
    package let outcome: SoundingFact.Hop.Outcome
    package let roundTrip: Duration?
    package let isKernelStamped: Bool
    package let replyHopLimit: Int?
    package let quoted: QuotedHeader?
    package let labels: [MPLSLabel]
    /// It did not leave: the own host refused it (too large for the interface, no route, a local filter); `outcome` tells how.
    package let isRefusedHere: Bool
    /// It was answered, and we may have been late to read that: the round trip is nobody's.
    package let isTimeSetAside: Bool

    package init(
        sentAt: Instant, outcome: SoundingFact.Hop.Outcome, roundTrip: Duration?, isKernelStamped: Bool = false,
        replyHopLimit: Int? = nil, quoted: QuotedHeader? = nil, labels: [MPLSLabel] = [], isRefusedHere: Bool = false,
        isTimeSetAside: Bool = false
    ) {
        self.sentAt = sentAt
        self.outcome = outcome
        self.roundTrip = roundTrip
        self.isKernelStamped = isKernelStamped
        self.replyHopLimit = replyHopLimit
        self.quoted = quoted
        self.labels = labels
        self.isRefusedHere = isRefusedHere
        self.isTimeSetAside = isTimeSetAside
    }
}

/// Where nobody offers it.
package struct NoPathProbing: PathProbing {
    package init() {}

    package func open(_ request: PathRequest) async throws(ProbeInterruption) -> any PathSession {
        throw .unable(
            Inability(
                .internalFault, action: "probe the path to \(request.destination)",
                reason: "this run has no way to do so", fix: "please report this with the command line"))
    }
}
