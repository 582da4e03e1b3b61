import Diagnosis
import NetValues
import Observations
import Planning

// Rounds of traces as the probe would leave them.

typealias HopOutcome = SoundingFact.Hop.Outcome

/// 198.18.9.N
func hopAddress(_ number: UInt8) -> IPAddress { .v4(IPv4Address(bits: 0xc612_0900 | UInt32(number))) }

/// The target's own answer to a datagram.
let closedPort = HopOutcome.failed(
    SocketFailure(
        code: 111, name: "ECONNREFUSED",
        icmp: ICMPErrorReport(origin: .icmp, type: 3, code: 3, offender: target.address, hopLimit: 61)))

func trace(
    by carrier: SoundingFact.Carrier = .icmp, to endpoint: Endpoint = Endpoint(target.address, 0),
    _ outcomes: [HopOutcome],
    trip: Duration = .milliseconds(10)
) -> TraceFact {
    let hops = outcomes.enumerated().map { index, outcome in
        PathHop(limit: index + 1, outcome: outcome, roundTrip: outcome == .silent ? nil : trip)
    }
    return TraceFact(
        destination: endpoint, carrier: carrier, source: ownAddress.address,
        flows: [PathFlow(number: 0, sourcePort: carrier == .udp ? 40000 : nil, hops: hops)], elapsed: .milliseconds(50))
}

/// - Parameter interval: between the starts of rounds.
func traced(
    _ rounds: [TraceFact], interval: Duration = .milliseconds(100), to target: Target? = nil, also facts: [Fact] = []
) -> CheckRecord {
    let samples = rounds.enumerated().map { index, fact in
        let destination = fact.destination.address
        let isReached = fact.flows.flatMap(\.hops).contains { hop in
            hop.outcome == .reset || hop.outcome.isEnd && hop.responder(towards: destination) == destination
        }
        return Sample(
            index: index, startedAt: interval * index, outcome: isReached ? .answered : .failed(.path),
            latency: isReached ? .milliseconds(10) : nil, facts: [.trace(fact)] + facts)
    }
    let address = rounds[0].destination.address
    return record("path", kind: "trace", target: target ?? .host(.address(address)), samples)
}
