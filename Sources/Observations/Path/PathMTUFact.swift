import NetValues

/// How large a packet may be on the way to an address, found by packets that may not be fragmented (RFC 1191, RFC 8201, RFC 8899).
/// All sizes are bytes of the whole IP packet, its header included.
package struct PathMTUFact: Sendable {
    /// `both`: by echo, whose answer is as large as the request, and by UDP over IPv6 below 1280 bytes, whose errors are. Where an
    /// answer is lost it does not say on which way.
    package enum Direction: String, Hashable, Sendable { case out, back, both }

    /// How far the search came.
    package enum Ending: String, Hashable, Sendable {
        /// To the byte, and both sizes were tried again.
        case found
        /// The limit lies between the two sizes: there was no time left.
        case bounded
        /// Nothing was too large, up to what the own link takes or to the largest size that was asked for.
        case whole
        /// Not even a small packet was answered.
        case unanswered
        /// Sizes passed and did not pass at odds with each other, or small packets were no longer answered: nothing is known.
        case unsteady
    }

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

    /// Another carrier that was to be tried as well, and could not be.
    package struct Untried: Hashable, Sendable {
        package let carrier: SoundingFact.Carrier
        package let reason: Inability

        package init(carrier: SoundingFact.Carrier, reason: Inability) {
            self.carrier = carrier
            self.reason = reason
        }
    }

    /// The port is 0 by ICMP.
    package let destination: Endpoint
    package let carrier: SoundingFact.Carrier
    package let direction: Direction
    package let ending: Ending
    /// In the order in which they were decided.
    package let trials: [Trial]
    /// Nil where nothing passed at all.
    package let largestPassed: Int?
    /// Nil where nothing was too big up to the largest size that this host can send there.
    package let smallestLost: Int?
    /// Where a silent limit stands: the last router that a packet of the size `smallestLost` still came to (nil where it came to
    /// none), and the first hop behind it that small packets come to and such a large one does not.
    package let lastRouter: PathHop?
    package let beyond: PathHop?
    /// The largest packet that the own link takes, by our own kernel's word; nil where nothing larger was tried.
    package let linkMTU: Int?
    /// The path MTU that the own kernel held for the destination before the search (IP_MTU), and after it: what routers said meanwhile.
    package let routeMTU: Int?
    package let learnedMTU: Int?
    /// TCP: the largest segment that both ends agreed on, as a packet; a smaller one than the link's is what a clamp on the way,
    /// or the peer's own link, makes of it.
    package let agreedSize: Int?
    /// The quickest of a packet that passed.
    package let roundTrip: Duration?
    package let elapsed: Duration
    /// Told with the first search to the address.
    package var untried: [Untried] = []

    package init(
        destination: Endpoint, carrier: SoundingFact.Carrier, direction: Direction, ending: Ending, trials: [Trial],
        largestPassed: Int?, smallestLost: Int?, lastRouter: PathHop? = nil, beyond: PathHop? = nil,
        linkMTU: Int? = nil, routeMTU: Int? = nil, learnedMTU: Int? = nil, agreedSize: Int? = nil,
        roundTrip: Duration? = nil, elapsed: Duration
    ) {
        self.destination = destination
        self.carrier = carrier
        self.direction = direction
        self.ending = ending
        self.trials = trials
        self.largestPassed = largestPassed
        self.smallestLost = smallestLost
        self.lastRouter = lastRouter
        self.beyond = beyond
        self.linkMTU = linkMTU
        self.routeMTU = routeMTU
        self.learnedMTU = learnedMTU
        self.agreedSize = agreedSize
        self.roundTrip = roundTrip
        self.elapsed = elapsed
    }
}

extension PathMTUFact {
    /// A limit on the way is known, be it not to the byte.
    package var hasLimit: Bool { ending == .found || ending == .bounded }

    /// Somebody on the way said that packets of the first size that does not pass are too large, or named the limit; of several the
    /// one whose word fits. Nil where a silent limit stands below one that was told.
    package var signal: Signal? {
        let signals = trials.compactMap { trial -> Signal? in
            guard trial.hopLimit == nil, case .tooBig(let signal) = trial.outcome, !signal.isFromOwnHost,
                trial.size == smallestLost || signal.mtu == largestPassed, largestPassed != nil
            else { return nil }
            return signal
        }
        return signals.first { $0.mtu == largestPassed } ?? signals.first
    }

    /// The limit is our own link's.
    package var isOwnLink: Bool {
        guard let smallestLost else { return false }
        return trials.contains { trial in
            if trial.size == smallestLost, case .tooBig(let signal) = trial.outcome {
                signal.isFromOwnHost
            } else {
                false
            }
        }
    }

    /// Packets above the limit vanish, and nobody says so.
    package var isSilent: Bool { hasLimit && signal == nil && !isOwnLink }

    /// ICMPv6 errors quote as much of the packet as fits into 1280 bytes (RFC 4443 section 2.4 c): those about such a packet are as
    /// large as it is, and may be what was lost.
    package var hasLargeErrors: Bool {
        destination.address.family == .v6 && (smallestLost ?? .max) <= Self.largestError - 48
    }

    private static let largestError = 1280

    /// The path MTU as far as it is known.
    package var pathMTU: Int? { ending == .found || ending == .whole ? largestPassed : nil }
}
