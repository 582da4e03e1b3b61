import NetValues

/// How far towards an endpoint packets get: the same kind of packet with one hop limit after the other, all of one flow where the
/// transport can (RFC 792 time exceeded; catalogue section 1.1). No right is needed: the error queue tells who answered.
package struct SoundingFact: Sendable {
    package enum Carrier: String, Hashable, Sendable { case tcp, udp, icmp }

    /// What came of the packet with one hop limit.
    package struct Hop: Hashable, Sendable {
        package indirect enum Outcome: Hashable, Sendable {
            /// Time exceeded: this router is so many hops away.
            case expired(IPAddress)
            /// The endpoint's own transport answered: SYN-ACK, an answer, an echo reply.
            case answered
            /// A reset, or what a device made to look like one: nothing in it says who sent it.
            case reset
            /// Any other ICMP error, with who sent it.
            case failed(SocketFailure)
            case silent
        }

        package let limit: Int
        package let outcome: Outcome
        package let roundTrip: Duration?

        package init(limit: Int, outcome: Outcome, roundTrip: Duration?) {
            self.limit = limit
            self.outcome = outcome
            self.roundTrip = roundTrip
        }
    }

    package let endpoint: Endpoint
    package let carrier: Carrier
    /// In order of their limits.
    package let hops: [Hop]
    package let elapsed: Duration
    /// TTL or hop limit with which resets arrive, when any did: at least this much is proven, by sockets that take nothing below it
    /// (IP_MINTTL, IPV6_MINHOPCOUNT). Nil where it was not, or could not be, found.
    package let resetHopLimit: Int?
    /// What a packet of another carrier got with a limit at which this one had stayed silent, asked right after it: an answer shows
    /// that the router there had not used up the errors that it may send (icmp(7), icmp_ratelimit).
    package let control: Hop?

    package init(
        endpoint: Endpoint, carrier: Carrier, hops: [Hop], elapsed: Duration, resetHopLimit: Int? = nil,
        control: Hop? = nil
    ) {
        self.resetHopLimit = resetHopLimit
        self.control = control
        self.endpoint = endpoint
        self.carrier = carrier
        self.hops = hops
        self.elapsed = elapsed
    }
}
