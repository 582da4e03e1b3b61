import NetValues

/// Rounds of a trace taken together, hop by hop, in bounded memory: for pages that go on for hours, and for rules.
package struct PathSummary: Sendable {
    package let destination: Endpoint
    package let carrier: SoundingFact.Carrier
    package private(set) var rounds = 0
    /// By limit, from 1 on.
    package private(set) var hops: [HopSummary] = []
    /// The least limit with which a packet came to its end (an answer, a reset, an error that is no time exceeded) in any round.
    package private(set) var end: Int?

    package init(destination: Endpoint, carrier: SoundingFact.Carrier) {
        self.destination = destination
        self.carrier = carrier
    }

    /// Of all the rounds that the facts' ledger has, where they have one: of a long trace not every round is a fact.
    package init?(_ facts: some Sequence<TraceFact>) {
        var summary: PathSummary?
        for fact in facts {
            if let whole = fact.ledger?.summary {
                self = whole
                return
            }
            if summary == nil { summary = PathSummary(destination: fact.destination, carrier: fact.carrier) }
            summary?.add(fact)
        }
        guard let summary else { return nil }
        self = summary
    }

    /// A round towards another destination or by another carrier is left out.
    package mutating func add(_ fact: TraceFact) {
        guard fact.destination == destination, fact.carrier == carrier else { return }
        rounds += 1
        for flow in fact.flows {
            for hop in flow.hops where (1...Self.mostHops).contains(hop.limit) {
                while hops.count < hop.limit { hops.append(HopSummary(limit: hops.count + 1)) }
                hops[hop.limit - 1].add(hop, flow: flow.number, towards: destination.address)
                if hop.outcome.isEnd { end = min(end ?? hop.limit, hop.limit) }
            }
        }
    }

    private static let mostHops = 255

    /// Whether a hop answers sparingly: packets with larger limits, which have to pass it, get through better than it answers, and not by
    /// chance. Routers ration the errors that they send (RFC 1812 section 4.3.2.8, RFC 4443 section 2.4 f), and that loses nobody's packets.
    package func isSparing(_ hop: HopSummary) -> Bool {
        guard hop.lost > 0, hop.limit < end ?? .max else { return false }
        let behind = hops.filter { $0.limit > hop.limit && $0.limit <= end ?? .max && $0.answered > 0 }
        // Never a word, and others behind it have been heard.
        if hop.answered == 0, hop.lost > 1, !behind.isEmpty { return true }
        // What is lost before it is missing at the target, too; where that is not known, at each hop behind.
        let judges = end.map { limit in behind.filter { $0.limit == limit } } ?? behind
        let most = Self.mostByChance / Double(max(1, judges.count))
        return judges.contains { other in
            ExactTest.probability(lost: hop.lost, of: hop.sent, against: other.lost, of: other.sent) < most
        }
    }

    private static let mostByChance = 0.01
}

/// What came of the packets with one hop limit.
package struct HopSummary: Sendable {
    package let limit: Int
    package private(set) var sent = 0
    package private(set) var answered = 0
    /// Answers behind which no sender is known (resets), or which came from one that is not among `responders` for lack of room.
    package private(set) var unnamed = 0
    /// In order of their first answer.
    package private(set) var responders: [Responder] = []
    /// Answers whose time is not among the round trips, since this process may have been late to read them.
    package private(set) var timesSetAside = 0
    package private(set) var latest: PathHop?
    package private(set) var roundTrips = LatencyHistogram()
    /// Mean of the differences between a round trip and the one before it (RFC 3550's idea of jitter, without its smoothing).
    package private(set) var jitter: Duration?
    /// Of all round trips, in milliseconds (Welford's method).
    package private(set) var mean = 0.0
    private var squares = 0.0
    private var steps = 0
    /// The outcome of each packet from the first on, true for an answer: the most recent of them.
    package private(set) var recent: [Bool] = []

    package struct Responder: Sendable {
        package let address: IPAddress
        package var count: Int
        /// Flows whose packets it has answered, ascending.
        package var flows: [Int]
        package var labels: [MPLSLabel]
        /// What it sent last.
        package var outcome: SoundingFact.Hop.Outcome
        package var replyHopLimit: Int?
    }

    /// So many senders are told apart at one hop, and flows of each.
    private static let mostResponders = 32
    private static let mostFlows = 64
    private static let mostRecent = 256

    init(limit: Int) { self.limit = limit }

    package var lost: Int { sent - answered }
    /// Of the packets sent.
    package var lossShare: Double { sent > 0 ? Double(lost) / Double(sent) : 0 }
    package var deviation: Double { steps > 0 ? (squares / Double(steps)).squareRoot() : 0 }

    mutating func add(_ hop: PathHop, flow: Int, towards destination: IPAddress) {
        sent += 1
        recent.append(hop.outcome != .silent)
        if recent.count > Self.mostRecent { recent.removeFirst(recent.count - Self.mostRecent) }
        guard hop.outcome != .silent else { return }
        answered += 1
        if hop.isTimeSetAside { timesSetAside += 1 }
        add(hop.roundTrip)
        note(hop, flow, hop.responder(towards: destination))
        latest = hop
    }

    private mutating func add(_ roundTrip: Duration?) {
        guard let roundTrip else { return }
        if let before = latest?.roundTrip {
            let step = roundTrip < before ? before - roundTrip : roundTrip - before
            let number = roundTrips.count
            jitter = jitter.map { $0 + (step - $0) / number } ?? step
        }
        roundTrips.add(nanoseconds: roundTrip.nanoseconds)
        let value = Double(roundTrip.nanoseconds) / 1e6
        let distance = value - mean
        mean += distance / Double(roundTrips.count)
        squares += distance * (value - mean)
        steps = roundTrips.count - 1
    }

    private mutating func note(_ hop: PathHop, _ flow: Int, _ address: IPAddress?) {
        guard let address else {
            // What did not leave was answered by nobody.
            if case .failed = hop.outcome { return }
            return unnamed += 1
        }
        guard let place = responders.firstIndex(where: { $0.address == address }) else {
            guard responders.count < Self.mostResponders else { return unnamed += 1 }
            responders.append(
                Responder(
                    address: address, count: 1, flows: [flow], labels: hop.labels, outcome: hop.outcome,
                    replyHopLimit: hop.replyHopLimit))
            return
        }
        responders[place].count += 1
        responders[place].labels = hop.labels
        responders[place].outcome = hop.outcome
        responders[place].replyHopLimit = hop.replyHopLimit
        guard responders[place].flows.count < Self.mostFlows, !responders[place].flows.contains(flow) else { return }
        responders[place].flows.append(flow)
        responders[place].flows.sort()
    }
}

extension SoundingFact.Hop.Outcome {
    /// Packets with larger limits come to the same.
    package var isEnd: Bool {
        switch self {
        case .answered, .reset, .failed: true
        case .expired, .silent: false
        }
    }
}
