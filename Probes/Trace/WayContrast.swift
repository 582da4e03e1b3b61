import NetValues
import Observations
import Planning
import ProbeKit

/// Other packets to the target of a trace by SYNs, once a run: where those end, datagrams may get further; and where a handshake comes about,
/// datagrams that are still on their way at as many hops show that something nearer has answered it.
struct WayContrast: Sendable {
    let context: ProbeContext
    let deadline: Instant

    func facts(beside fact: TraceFact) async -> [Fact] {
        guard fact.carrier == .tcp, context.check.expectation.word == .reachable,
            context.capabilities.soundingLedger.mayBegin(fact.destination, at: context.time.now())
        else { return [] }
        let soundings = Soundings(context: context, endpoint: fact.destination, deadline: deadline)
        guard let arrival = fact.arrival else { return await soundings.facts() }
        guard arrival.outcome == .answered else { return [] }
        return await soundings.datagrams(from: arrival.limit, roundTrip: arrival.roundTrip)
    }
}
