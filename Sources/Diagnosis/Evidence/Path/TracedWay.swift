import NetValues
import Observations

extension PathSeries {
    /// The first flow as a sounding of the way: of each hop what its latest sender answered.
    var sounding: SoundingFact? {
        guard let flow = flows.first else { return nil }
        let hops = summary.hops.filter { $0.sent > 0 }.map { hop in
            let runs = hop.limit <= flow.hops.count ? flow.hops[hop.limit - 1] : []
            return SoundingFact.Hop(
                limit: hop.limit, outcome: hop.outcome(of: runs.last?.sender), roundTrip: hop.roundTrips.spread?.min)
        }
        return SoundingFact(
            endpoint: summary.destination, carrier: summary.carrier, hops: hops, elapsed: latestRoundAt - firstRoundAt)
    }
}

extension HopSummary {
    fileprivate func outcome(of sender: IPAddress?) -> SoundingFact.Hop.Outcome {
        if let sender, let responder = responders.first(where: { $0.address == sender }) { return responder.outcome }
        return unnamed > 0 && latest?.outcome == .reset ? .reset : .silent
    }
}

extension SoundingFact {
    /// What another sounding of the same packets heard where this one heard nothing. An answer also overrules the silence that a control
    /// stood beside.
    func joined(with other: SoundingFact) -> SoundingFact {
        let known = Dictionary(other.hops.map { ($0.limit, $0) }, uniquingKeysWith: { first, _ in first })
        let own = Set(hops.map(\.limit))
        let hops =
            hops.map { $0.outcome == .silent ? known[$0.limit] ?? $0 : $0 }
            + other.hops.filter { !own.contains($0.limit) }
        let control = control ?? other.control
        let isOverruled = hops.contains { $0.limit == control?.limit && $0.outcome != .silent }
        return SoundingFact(
            endpoint: endpoint, carrier: carrier, hops: hops.sorted { $0.limit < $1.limit },
            elapsed: max(elapsed, other.elapsed), resetHopLimit: resetHopLimit ?? other.resetHopLimit,
            control: isOverruled ? nil : control)
    }
}

extension Flow.Carrier {
    init(_ carrier: SoundingFact.Carrier) {
        self =
            switch carrier {
            case .tcp: .tcp
            case .udp: .udp
            case .icmp: .icmp
            }
    }
}

extension SoundingFact.Carrier {
    var words: String {
        switch self {
        case .tcp: "TCP"
        case .udp: "UDP"
        case .icmp: "ICMP"
        }
    }
}

extension CheckEvidence {
    /// Soundings of ways, and traces as such: what rules about the way read.
    var waySoundings: [SoundingFact] { soundings + paths.compactMap(\.sounding) }

    /// Whose ways bear on the check: what it connected to or traced, else what it asked.
    var wayEndpoints: [Endpoint] {
        let direct = connects.map(\.endpoint) + paths.map(\.summary.destination)
        return (direct.isEmpty ? decisiveFlows.map { Endpoint($0.destination, $0.port ?? 0) } : direct).unique()
    }

    /// Attempts to connect: connections, and SYNs that were to come to the target hop by hop.
    var connectFlows: [Flow] {
        isTrace ? targetFlows.filter { $0.carrier == .tcp } : connects.map(\.flow)
    }

    /// Hop by hop, in rounds.
    var isTrace: Bool { !paths.isEmpty }
}

extension Fact {
    var trace: TraceFact? { if case .trace(let fact) = self { fact } else { nil } }
}

extension TraceFact {
    /// Of the target's own answer. A datagram that its stack says has no port to go to has got through; nil where the target did not answer.
    var passage: CheckEvidence.Passage? {
        switch arrival?.outcome {
        case .answered: .through
        case .reset: .refused
        case .failed(let failure) where failure.icmp?.isPortUnreachable == true: carrier == .udp ? .through : .refused
        case .failed: .blocked
        case .expired, .silent, nil: nil
        }
    }

    /// The target says that nobody has the port.
    var isPortClosed: Bool {
        guard case .failed(let failure) = arrival?.outcome else { return arrival?.outcome == .reset }
        return failure.icmp?.isPortUnreachable ?? false
    }

    /// What came of it, as one attempt; nil where the target's own answer cannot be told from a device's, or where hops ran out on a way
    /// that goes on.
    var flow: Flow? {
        let hops = flows.flatMap(\.hops)
        let carrier = Flow.Carrier(self.carrier)
        let result: Flow.Outcome
        let address = destination.address
        if let arrival {
            // A device may make a reset in the target's name.
            guard arrival.outcome != .reset else { return nil }
            result = .answered
        } else if let end = hops.first(where: \.outcome.isEnd) {
            guard case .failed(let failure) = end.outcome else { return nil }
            result = Flow.Outcome(
                failure, carrier: carrier, elapsed: end.roundTrip ?? elapsed, source: source, destination: address)
        } else {
            guard let last = hops.max(by: { $0.limit < $1.limit }), last.outcome == .silent else { return nil }
            result = .silent
        }
        let heard = hops.last { $0.outcome != .silent }?.limit ?? 0
        return Flow(
            carrier: carrier, destination: address, port: destination.port == 0 ? nil : destination.port,
            outcome: result,
            elapsed: result == .silent ? elapsed : hops.first(where: \.outcome.isEnd)?.roundTrip ?? elapsed,
            attempts: max(1, hops.count { $0.limit > heard }))
    }
}

extension Evidence {
    /// Where the target's answers come back over more or fewer routers than lie on the way there: a way back of its own, which is ordinary
    /// by itself, and bears on connections that break in the middle.
    func wayBackLines(of checks: [CheckEvidence]) -> [String] {
        checks.flatMap(\.wayEndpoints).unique().compactMap { endpoint in
            guard let way = ways.to(endpoint), let distance = way.distance, let limit = way.targetHopLimit else {
                return nil
            }
            let back = ResetMaker.routersBehind(limit)
            return back == distance - 1
                ? nil
                : "\(endpoint.address) is \(counted(distance, "hop")) away, and its answers come back over \(counted(back, "router")) (TTL \(limit)): another way"
        }.unique()
    }
}
