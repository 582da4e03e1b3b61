import NetValues
import Observations
import Planning

/// How far the packets of an endpoint's own flow get, beside datagrams that show how far away the target is.
package struct Soundings: Sendable {
    private let context: ProbeContext
    private let endpoint: Endpoint
    private let deadline: Instant

    package init(context: ProbeContext, endpoint: Endpoint, deadline: Instant) {
        self.context = context
        self.endpoint = endpoint
        self.deadline = deadline
    }

    /// Traceroute's: nothing listens there nearly everywhere, so that the target's own stack answers.
    static let closedPort: UInt16 = 33434

    private static let shortestPatience = Duration.milliseconds(100)

    package func facts() async -> [Fact] {
        async let reaching = sound(request(.tcp))
        let (reference, isNew) = await reference()
        var own = await reaching
        if let fact = own, let reference { own = await controlled(fact, reference) }
        return [own, isNew ? reference : nil].compactMap { fact in
            fact.flatMap { $0.hops.isEmpty ? nil : .sounding($0) }
        }
    }

    /// Whether datagrams are still on their way with as large a hop limit as somebody answered with.
    package func datagrams(from limit: Int, roundTrip: Duration?) async -> [Fact] {
        // A sounding goes no further (SoundingRequest).
        guard (1...29).contains(limit) else { return [] }
        var request = request(.udp)
        request.limits = limit...limit + 1
        request.patience = max(Self.shortestPatience, (roundTrip ?? .zero) * 4)
        return await sound(request).map { [.sounding($0)] } ?? []
    }

    private func request(_ carrier: SoundingFact.Carrier) -> SoundingRequest {
        SoundingRequest(
            endpoint: carrier == .udp ? Endpoint(endpoint.address, Self.closedPort) : endpoint, carrier: carrier,
            source: context.check.source, deadline: deadline)
    }

    private func sound(_ request: SoundingRequest) async -> SoundingFact? {
        try? await context.capabilities.soundings.sound(request)
    }

    private func reference() async -> (SoundingFact?, isNew: Bool) {
        let ledger = context.capabilities.soundingLedger
        switch ledger.reference(to: endpoint.address, at: context.time.now()) {
        case .made(let fact): return (fact, false)
        case .wanted:
            let fact = await sound(request(.udp))
            if let fact { ledger.keep(fact, for: endpoint.address, at: context.time.now()) }
            return (fact, true)
        }
    }

    /// Where datagrams found a router and SYNs none, the router may merely have used up the errors that it may send: so the SYN is
    /// asked once more, and a datagram right after it.
    private func controlled(_ own: SoundingFact, _ reference: SoundingFact) async -> SoundingFact {
        guard !own.hops.contains(where: \.outcome.isEnd), let limit = own.firstBehind(reference) else { return own }
        let slowest = (own.hops + reference.hops).compactMap(\.roundTrip).max() ?? .zero
        var again = request(.tcp)
        again.limits = limit...limit
        again.patience = max(Self.shortestPatience, slowest * 4)
        let second = await sound(again)?.hops.first
        if let second, second.outcome != .silent { return own.replacing(second) }
        guard second != nil else { return own }
        var control = request(.udp)
        control.limits = again.limits
        control.patience = again.patience
        return own.with(control: await sound(control)?.hops.first)
    }
}

extension SoundingFact {
    private var lastHeard: Int { hops.last { $0.outcome != .silent }?.limit ?? 0 }

    /// The first limit after the last heard one at which the other has heard a router.
    fileprivate func firstBehind(_ reference: SoundingFact) -> Int? {
        reference.hops.first { hop in
            guard hop.limit > lastHeard, case .expired = hop.outcome else { return false }
            return true
        }?.limit
    }

    fileprivate func replacing(_ hop: Hop) -> SoundingFact {
        let hops = hops.filter { $0.limit != hop.limit } + [hop]
        return SoundingFact(
            endpoint: endpoint, carrier: carrier, hops: hops.sorted { $0.limit < $1.limit }, elapsed: elapsed,
            resetHopLimit: resetHopLimit)
    }

    fileprivate func with(control: Hop?) -> SoundingFact {
        SoundingFact(
            endpoint: endpoint, carrier: carrier, hops: hops, elapsed: elapsed, resetHopLimit: resetHopLimit,
            control: control)
    }
}
