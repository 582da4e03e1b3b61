import NetValues

/// One round of a trace: packets with one hop limit after the other towards an address, along one flow or along several
/// (RFC 792 time exceeded; the flow identifier as in Augustin et al., "Avoiding traceroute anomalies with Paris traceroute", 2006).
package struct TraceFact: Sendable {
    /// The port is 0 by ICMP.
    package let destination: Endpoint
    package let carrier: SoundingFact.Carrier
    package let source: IPAddress?
    /// At least one, in order of their numbers.
    package let flows: [PathFlow]
    package let elapsed: Duration
    /// Where several ways were looked for.
    package let spread: PathSpread?
    /// Of all rounds of the same trace; of long ones not every round is a fact.
    package let ledger: PathLedger?

    package init(
        destination: Endpoint, carrier: SoundingFact.Carrier, source: IPAddress?, flows: [PathFlow], elapsed: Duration,
        spread: PathSpread? = nil, ledger: PathLedger? = nil
    ) {
        self.spread = spread
        self.ledger = ledger
        self.destination = destination
        self.carrier = carrier
        self.source = source
        self.flows = flows
        self.elapsed = elapsed
    }
}

extension TraceFact {
    /// The packet that came to the target itself with the smallest limit, of any flow.
    package var arrival: PathHop? {
        flows.flatMap(\.hops).filter { $0.isArrival(at: destination.address) }.min { $0.limit < $1.limit }
    }
}

extension PathHop {
    /// An answer of the target's own: its transport's, a reset (which says nothing about who made it), or an ICMP error from its address.
    package func isArrival(at destination: IPAddress) -> Bool {
        switch outcome {
        case .answered, .reset: true
        case .failed(let failure): failure.icmp?.offender == destination && failure.icmp?.origin != .local
        case .expired, .silent: false
        }
    }
}

/// What the packets of one flow met: routers that spread flows over several ways send all of them the same way.
package struct PathFlow: Sendable {
    /// From 0; the same number is the same flow in every round.
    package let number: Int
    /// By which, beside the addresses, routers know the flow; nil by ICMP, and where each SYN had one of its own.
    package let sourcePort: UInt16?
    /// In order of their limits; several of one limit where it was asked more than once.
    package let hops: [PathHop]

    package init(number: Int, sourcePort: UInt16?, hops: [PathHop]) {
        self.number = number
        self.sourcePort = sourcePort
        self.hops = hops
    }
}

/// What came of one packet.
package struct PathHop: Hashable, Sendable {
    /// TTL or hop limit with which it left.
    package let limit: Int
    package let outcome: SoundingFact.Hop.Outcome
    /// Nil for silence, and where it was set aside.
    package let roundTrip: Duration?
    package let isKernelStamped: Bool
    /// TTL or hop limit with which the answer arrived, where the socket tells.
    package let replyHopLimit: Int?
    /// What the sender of an ICMP error says that it received; nil where no right or no error shows it.
    package let quoted: QuotedHeader?
    /// Under which the packet had come to the router (RFC 4950), outermost first.
    package let labels: [MPLSLabel]
    /// It was answered, and this process may have been late to read that: then there is no round trip.
    package let isTimeSetAside: Bool

    package init(
        limit: Int, outcome: SoundingFact.Hop.Outcome, roundTrip: Duration?, isKernelStamped: Bool = false,
        replyHopLimit: Int? = nil, quoted: QuotedHeader? = nil, labels: [MPLSLabel] = [], isTimeSetAside: Bool = false
    ) {
        self.isTimeSetAside = isTimeSetAside
        self.limit = limit
        self.outcome = outcome
        self.roundTrip = roundTrip
        self.isKernelStamped = isKernelStamped
        self.replyHopLimit = replyHopLimit
        self.quoted = quoted
        self.labels = labels
    }

    /// Who answered, as far as it is known: the target itself for its transport's answers.
    package func responder(towards destination: IPAddress) -> IPAddress? {
        switch outcome {
        case .expired(let router): router
        case .answered: destination
        // A reset says nothing about who made it.
        case .reset: nil
        case .failed(let failure): failure.icmp?.offender
        case .silent: nil
        }
    }
}

/// Header fields of our packet as an ICMP error quotes them (RFC 792, RFC 4443): where they differ from what was sent, something on
/// the way has rewritten it.
package struct QuotedHeader: Hashable, Sendable {
    /// 1 (or 0) with an ordinary time exceeded; more where a device on the way had raised it.
    package let hopLimit: Int?
    /// DSCP and ECN.
    package let trafficClass: UInt8?
    package let source: Endpoint?
    package let destination: Endpoint?

    package init(hopLimit: Int?, trafficClass: UInt8?, source: Endpoint?, destination: Endpoint?) {
        self.hopLimit = hopLimit
        self.trafficClass = trafficClass
        self.source = source
        self.destination = destination
    }
}

/// One entry of a label stack (RFC 3032 section 2.1).
package struct MPLSLabel: Hashable, Sendable {
    package let label: UInt32
    package let trafficClass: UInt8
    package let isBottom: Bool
    package let hopLimit: UInt8

    package init(label: UInt32, trafficClass: UInt8, isBottom: Bool, hopLimit: UInt8) {
        self.label = label
        self.trafficClass = trafficClass
        self.isBottom = isBottom
        self.hopLimit = hopLimit
    }
}
