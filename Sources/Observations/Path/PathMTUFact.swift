import NetValues

/// How large a packet may be on the way to an address, found by packets that may not be fragmented (RFC 1191, RFC 8201, RFC 8899).
/// All sizes are bytes of the whole IP packet, its header included.
package struct PathMTUFact: Sendable {
    package enum Direction: String, Hashable, Sendable { case out, back }

    /// One size that was tried.
    package struct Trial: Hashable, Sendable {
        package enum Outcome: Hashable, Sendable {
            case passed
            /// ICMP "fragmentation needed" or "packet too big", or our own kernel's word.
            case tooBig(Signal)
            case lost
            /// Anything else that came back, which says nothing of sizes.
            case failed(SocketFailure)
        }

        package let size: Int
        /// Nil for the system's own.
        package let hopLimit: Int?
        package let outcome: Outcome

        package init(size: Int, hopLimit: Int? = nil, outcome: Outcome) {
            self.size = size
            self.hopLimit = hopLimit
            self.outcome = outcome
        }
    }

    /// Somebody's word that a packet was too big.
    package struct Signal: Hashable, Sendable {
        /// 0 where an old router did not say (RFC 1191 section 4).
        package let mtu: Int
        package let router: IPAddress?
        package let isFromOwnHost: Bool

        package init(mtu: Int, router: IPAddress?, isFromOwnHost: Bool) {
            self.mtu = mtu
            self.router = router
            self.isFromOwnHost = isFromOwnHost
        }
    }

    /// The port is 0 by ICMP.
    package let destination: Endpoint
    package let carrier: SoundingFact.Carrier
    package let direction: Direction
    /// In the order in which they were decided.
    package let trials: [Trial]
    /// Nil where nothing passed at all.
    package let largestPassed: Int?
    /// Nil where nothing was too big up to the largest size that this host can send there.
    package let smallestLost: Int?
    /// The last router that a packet of the size `smallestLost` still came to, and the first limit at which it did not: where a silent
    /// limit stands.
    package let lastRouter: PathHop?
    package let elapsed: Duration

    package init(
        destination: Endpoint, carrier: SoundingFact.Carrier, direction: Direction, trials: [Trial],
        largestPassed: Int?, smallestLost: Int?, lastRouter: PathHop? = nil, elapsed: Duration
    ) {
        self.destination = destination
        self.carrier = carrier
        self.direction = direction
        self.trials = trials
        self.largestPassed = largestPassed
        self.smallestLost = smallestLost
        self.lastRouter = lastRouter
        self.elapsed = elapsed
    }
}
