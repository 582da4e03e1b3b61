import NetValues
import Observations
import Planning

/// What the time of an exchange was spent on: its stages with the round trips taken out of them, since each stage waits for the
/// network at least once, and only what is left is the server's or the resolver's.
struct TimeShares {
    enum Part: Hashable, Sendable, CaseIterable {
        case resolve
        /// Addresses tried before the one that accepted, and whatever else belongs to connecting.
        case connecting
        /// Until a SYN was sent again that had been lost.
        case repeatedSYN
        /// Round trips at their quickest.
        case distance
        /// What round trips took beyond their quickest.
        case queues
        /// The TLS handshake beyond its round trips.
        case handshake
        /// Until the request had arrived, of which parts were sent again.
        case lostRequest
        /// From the request to the first byte, beyond a round trip.
        case server
        case transfer
        /// Until the time-out, in vain.
        case silence
    }

    struct Share {
        let part: Part
        /// Of one sample on average.
        let time: Duration
    }

    /// Largest first; empty for a kind that has no stages.
    let shares: [Share]
    /// At their quickest, over all samples of the check; nil where no connection came about without a loss.
    let quickest: Duration?
    /// On average, of the samples that were looked at.
    let usual: Duration?
    /// On average: how often such an exchange crosses the network and back.
    let roundTrips: Double

    /// - Parameters:
    ///   - samples: those that are slow.
    ///   - stage: the one that is looked at; nil for the kind's own latency as a whole.
    init(_ samples: [Sample], of check: CheckEvidence, in stage: LatencyStage?) {
        let quickest = Self.roundTrips(check.samples).min()
        var sums: [Part: Duration] = [:]
        var crossings = 0
        for sample in samples {
            let course = SampleCourse(sample, quickest: quickest, check.check, in: stage)
            crossings += course.roundTrips
            for (part, time) in course.parts { sums[part, default: .zero] += time }
        }
        let count = max(1, samples.count)
        shares = Part.allCases.compactMap { part in
            guard let sum = sums[part], sum > .zero else { return nil }
            return Share(part: part, time: sum / count)
        }.sorted { $0.time > $1.time }
        let trips = Self.roundTrips(samples)
        self.quickest = quickest
        usual = trips.isEmpty ? nil : trips.reduce(.zero, +) / trips.count
        roundTrips = Double(crossings) / Double(count)
    }

    func time(_ part: Part) -> Duration { shares.first { $0.part == part }?.time ?? .zero }

    /// What at least a quarter of the time went into, largest first.
    var main: [Share] {
        let sum = shares.reduce(.zero) { $0 + $1.time }
        return shares.enumerated().filter { $0 == 0 || $1.time * 4 >= sum }.map(\.element)
    }

    /// Of handshakes and echoes without a loss: the network alone.
    static func roundTrips(_ samples: [Sample]) -> [Duration] {
        samples.flatMap(\.facts).compactMap(\.plainRoundTrip)
    }
}

extension Fact {
    /// Of the network alone: a handshake in which nothing was sent again, or an echo.
    var plainRoundTrip: Duration? {
        switch self {
        case .connect(let connect):
            connect.outcome == .connected && !connect.isContrast && !connect.isSYNLost ? connect.elapsed : nil
        case .echo(let echo): echo.outcome == .replied ? echo.roundTrip : nil
        default: nil
        }
    }
}

/// One sample's time, part by part.
private struct SampleCourse {
    private(set) var parts: [TimeShares.Part: Duration] = [:]
    private(set) var roundTrips = 0

    init(_ sample: Sample, quickest: Duration?, _ check: Check, in stage: LatencyStage?) {
        let phases = sample.phases
        let kind = check.kind
        let quick = quickest ?? .zero
        let connects = sample.facts.compactMap { fact -> ConnectFact? in
            if case .connect(let connect) = fact, !connect.isContrast, connect.outcome == .connected {
                connect
            } else {
                nil
            }
        }
        let trip = TimeShares.roundTrips([sample]).min() ?? quick
        if kind == "icmp" || kind == "udp" {
            split(sample.latency ?? .zero, trips: 1, quick: min(quick, trip), trip: sample.latency ?? .zero)
            return
        }
        let wanted = stage.map { [$0] } ?? Self.stages(of: kind)
        if wanted.contains(.resolve) { add(.resolve, phases.resolve ?? .zero) }
        if wanted.contains(.connect) {
            // A hop after the other; other kinds connect to all addresses at once.
            connect(phases.connect ?? .zero, connects, inTurn: kind == "http", quick: quick, trip: trip)
        }
        if wanted.contains(.tls) { secure(phases.tls ?? .zero, sample.facts, quick: quick, trip: trip) }
        if wanted.contains(.firstByte) { ask(phases.firstByte ?? .zero, sample.facts, quick: quick, trip: trip) }
        if wanted.contains(.transfer) { add(.transfer, phases.transfer ?? .zero) }
        if sample.outcome != .answered, stage == nil {
            add(.silence, max(.zero, check.timeout - parts.values.reduce(.zero, +)))
        }
    }

    /// Of which the latency is the sum.
    private static func stages(of kind: String) -> [LatencyStage] {
        switch kind {
        case "http": LatencyStage.allCases
        case "tls": [.tls]
        default: [.connect]
        }
    }

    private mutating func add(_ part: TimeShares.Part, _ time: Duration) {
        if time > .zero { parts[part, default: .zero] += time }
    }

    /// Waiting for so many round trips, of which each takes `trip`; what is left of the time.
    private mutating func split(_ time: Duration, trips: Int, quick: Duration, trip: Duration) {
        roundTrips += trips
        let distance = min(time, quick * trips)
        add(.distance, distance)
        add(.queues, max(.zero, min(time, trip * trips) - distance))
    }

    private mutating func connect(
        _ time: Duration, _ connects: [ConnectFact], inTurn: Bool, quick: Duration, trip: Duration
    ) {
        guard time > .zero else { return }
        let repeated = connects.filter(\.isSYNLost)
        let waited = min(time, repeated.reduce(.zero) { $0 + max(.zero, $1.elapsed - quick) })
        add(.repeatedSYN, waited)
        let trips = inTurn ? max(1, connects.count) : 1
        split(time - waited, trips: trips, quick: quick, trip: trip)
        add(.connecting, max(.zero, time - waited - trip * trips))
    }

    /// One round trip by TLS 1.3 (RFC 8446 section 2), two before.
    private mutating func secure(_ time: Duration, _ facts: [Fact], quick: Duration, trip: Duration) {
        let trips = facts.reduce(0) { sum, fact in
            guard case .tls(let handshake) = fact, !handshake.isContrast, handshake.outcome == .established else {
                return sum
            }
            return sum + (handshake.version == "TLSv1.3" ? 1 : 2)
        }
        split(time, trips: trips, quick: quick, trip: trip)
        add(.handshake, max(.zero, time - trip * trips))
    }

    private mutating func ask(_ time: Duration, _ facts: [Fact], quick: Duration, trip: Duration) {
        let exchanges = facts.compactMap { fact -> HTTPFact? in
            if case .http(let exchange) = fact, !exchange.isContrast, exchange.firstByte != nil {
                exchange
            } else {
                nil
            }
        }
        split(time, trips: exchanges.count, quick: quick, trip: trip)
        let rest = max(.zero, time - trip * exchanges.count)
        let lost = exchanges.reduce(Duration.zero) { $0 + $1.lateArrival }
        add(.lostRequest, min(rest, lost))
        add(.server, max(.zero, rest - lost))
    }
}

extension HTTPFact {
    /// Until the peer's system had all of the request, where that took most of the wait and parts were sent again.
    fileprivate var lateArrival: Duration {
        guard let pace, pace.retransmits > 0, let arrival = pace.acknowledgedIn, let firstByte,
            arrival * 2 > firstByte
        else { return .zero }
        return min(arrival, firstByte)
    }
}
