import NetValues
import Observations
import Planning
import ProbeKit

/// Other packets to the target of a trace, once a run: where its own end, others may get further, or to the target; and where a handshake
/// comes about, datagrams that are still on their way at as many hops show that something nearer has answered it.
struct WayContrast: Sendable {
    let context: ProbeContext
    let mostHops: Int
    let deadline: Instant

    func facts(beside fact: TraceFact) async -> [Fact] {
        guard fact.arrival == nil || fact.carrier == .tcp, context.check.expectation.word == .reachable,
            context.capabilities.soundingLedger.mayBegin(fact.destination, at: context.time.now())
        else { return [] }
        let soundings = Soundings(context: context, endpoint: fact.destination, deadline: deadline)
        switch fact.carrier {
        case .tcp:
            guard let arrival = fact.arrival else { return await soundings.facts() }
            guard arrival.outcome == .answered else { return [] }
            return await soundings.datagrams(from: arrival.limit, roundTrip: arrival.roundTrip)
        case .udp: return await echoes(to: fact.destination.address)
        case .icmp: return await soundings.datagrams()
        }
    }

    /// Nothing where there is no right to send them: they are a help.
    private func echoes(to address: IPAddress) async -> [Fact] {
        let start = context.time.now()
        let endpoint = Endpoint(address, 0)
        let request = PathRequest(destination: endpoint, carrier: .icmp, source: context.check.source)
        guard let session = try? await context.capabilities.paths.open(request) else { return [] }
        let round = FlowRound(
            session: session, time: context.time, destination: address, carrier: .icmp, mostHops: mostHops,
            deadline: deadline)
        let found = try? await round.run()
        await session.close()
        guard let found, found.lastHeard > 0 else { return [] }
        let hops = found.hops.map { SoundingFact.Hop(limit: $0.limit, outcome: $0.outcome, roundTrip: $0.roundTrip) }
        return [
            .sounding(
                SoundingFact(endpoint: endpoint, carrier: .icmp, hops: hops, elapsed: context.time.now() - start))
        ]
    }
}
