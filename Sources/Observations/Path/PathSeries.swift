import NetValues

/// The rounds of a trace, in bounded memory however long it goes on: taken together hop by hop, and for each flow which routers
/// answered from which round on.
package struct PathSeries: Sendable {
    package private(set) var summary: PathSummary
    /// In order of their numbers.
    package private(set) var flows: [FlowSeries] = []
    /// Since the start of the run.
    package let firstRoundAt: Duration
    package private(set) var latestRoundAt: Duration

    /// Of discovery of many ways the first flows are followed.
    private static let mostFlows = 16

    package init(_ fact: TraceFact, at time: Duration) {
        summary = PathSummary(destination: fact.destination, carrier: fact.carrier)
        firstRoundAt = time
        latestRoundAt = time
        add(fact, at: time)
    }

    /// A round towards another destination or by another carrier is left out.
    package mutating func add(_ fact: TraceFact, at time: Duration) {
        guard fact.destination == summary.destination, fact.carrier == summary.carrier else { return }
        summary.add(fact)
        latestRoundAt = max(latestRoundAt, time)
        for flow in fact.flows {
            if let place = flows.firstIndex(where: { $0.number == flow.number }) {
                flows[place].add(flow, round: summary.rounds, at: time, towards: fact.destination.address)
            } else if flows.count < Self.mostFlows {
                var series = FlowSeries(number: flow.number)
                series.add(flow, round: summary.rounds, at: time, towards: fact.destination.address)
                flows.append(series)
                flows.sort { $0.number < $1.number }
            }
        }
    }
}

extension PathSeries {
    /// A plan's check has few destinations: the addresses of one name.
    private static let most = 64

    /// One series for each destination and carrier, in order of their first rounds: that of the facts' ledger where they have one, since of a
    /// long trace not every round is a fact.
    package static func all(_ samples: some Sequence<Sample>) -> [PathSeries] {
        var series: [PathSeries] = []
        var places: [Way: Int] = [:]
        for sample in samples {
            for case .trace(let fact) in sample.facts {
                let way = Way(destination: fact.destination, carrier: fact.carrier)
                if let place = places[way] {
                    if fact.ledger == nil { series[place].add(fact, at: sample.startedAt) }
                } else if series.count < most {
                    places[way] = series.count
                    series.append(fact.ledger?.series ?? PathSeries(fact, at: sample.startedAt))
                }
            }
        }
        return series
    }

    private struct Way: Hashable {
        let destination: Endpoint
        let carrier: SoundingFact.Carrier
    }
}

/// Who answered the packets of one flow, and how long the target took, round by round.
package struct FlowSeries: Sendable {
    package let number: Int
    /// By limit, from 1 on: successive rounds in which the same sender answered are one run. Silence interrupts none.
    package private(set) var hops: [[Run]] = []
    /// Limits at which the sender changes so often that no more of them is kept: packets of the flow are spread.
    package private(set) var restless: Set<Int> = []
    /// Of answers of the target itself, in order of their rounds: all of them, or of a long series every nth.
    package private(set) var roundTrips: [Trip] = []
    private var stride = 1
    private var answers = 0

    package struct Run: Hashable, Sendable {
        package let sender: IPAddress
        /// Counted from 1.
        package let firstRound: Int
        package let firstAt: Duration
        package var lastRound: Int
        /// In how many rounds it answered.
        package var answers: Int
    }

    package struct Trip: Hashable, Sendable {
        package let round: Int
        package let time: Duration
    }

    private static let mostLimits = 64
    private static let mostRuns = 8
    private static let mostTrips = 512

    init(number: Int) { self.number = number }

    mutating func add(_ flow: PathFlow, round: Int, at time: Duration, towards destination: IPAddress) {
        for hop in flow.hops where (1...Self.mostLimits).contains(hop.limit) {
            guard let sender = hop.responder(towards: destination) else { continue }
            while hops.count < hop.limit { hops.append([]) }
            note(sender, hop.limit, round, time)
            if sender == destination, hop.outcome.isEnd, let trip = hop.roundTrip { note(trip, round) }
        }
    }

    private mutating func note(_ sender: IPAddress, _ limit: Int, _ round: Int, _ time: Duration) {
        guard !restless.contains(limit) else { return }
        let place = hops[limit - 1].count - 1
        if place >= 0, hops[limit - 1][place].sender == sender {
            // Asked more than once in a round, it still is one.
            if hops[limit - 1][place].lastRound != round { hops[limit - 1][place].answers += 1 }
            hops[limit - 1][place].lastRound = round
        } else if hops[limit - 1].count < Self.mostRuns {
            hops[limit - 1].append(
                Run(sender: sender, firstRound: round, firstAt: time, lastRound: round, answers: 1))
        } else {
            restless.insert(limit)
            hops[limit - 1] = []
        }
    }

    private mutating func note(_ trip: Duration, _ round: Int) {
        defer { answers += 1 }
        guard answers % stride == 0 else { return }
        if roundTrips.count == Self.mostTrips {
            roundTrips = roundTrips.indices.filter { $0 % 2 == 0 }.map { roundTrips[$0] }
            stride *= 2
            guard answers % stride == 0 else { return }
        }
        roundTrips.append(Trip(round: round, time: trip))
    }
}
