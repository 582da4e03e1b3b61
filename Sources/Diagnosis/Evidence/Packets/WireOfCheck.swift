import NetValues
import Observations
import Wire

extension CheckEvidence {
    /// TCP conversations that were captured of its connections to an endpoint.
    func captured(_ endpoint: Endpoint) -> [TroubledFlow] {
        guard let packets else { return [] }
        let server = PacketEndpoint(endpoint)
        return packets.flows.compactMap { flow in
            guard flow.b == server, let tcp = flow.tcp else { return nil }
            return TroubledFlow(record: flow, tcp: tcp)
        }
    }

    /// A capture on all interfaces, without holes, holds nothing of any of its connection attempts, not even a question for
    /// the next hop's address.
    var leftNothingOnTheWire: Bool {
        guard let packets, packets.isComplete, packets.place == "any", packets.neighbours.unanswered.isEmpty,
            !connects.isEmpty
        else { return false }
        // A datagram that was sent beside it may well be there.
        let endpoints = Set(connects.map { PacketEndpoint($0.endpoint) })
        return !packets.flows.contains { flow in
            flow.protocolNumber == IPProtocol.tcp && (endpoints.contains(flow.b) || endpoints.contains(flow.a))
        }
    }

    /// SYN-ACKs of an endpoint that a connection attempt timed out at.
    var isAnsweredUnheard: Bool {
        connects.contains { connect in
            connect.outcome == .timedOut && captured(connect.endpoint).contains { $0.tcp.fromB.synAcks > 0 }
        }
    }
}

extension Evidence {
    func capture(of check: CheckEvidence) -> CaptureEvidence? { capturesByCheck[check.name] }

    /// Hop limits that the server's own packets came with, whichever check saw them.
    func usualHopLimits(of address: IPAddress) -> ClosedRange<UInt8>? {
        captures.first?.knowledge.range(of: PacketAddress(address))
    }

    /// Resets that refused a check's connections, with what else came from their alleged sender.
    func refusals(of check: CheckEvidence) -> [(flow: TroubledFlow, reset: ResetRecord)] {
        check.connects.map(\.endpoint).unique().flatMap { check.captured($0) }.compactMap { flow in
            guard flow.tcp.fromB.synAcks == 0, let reset = flow.tcp.resets.first(where: { !$0.isFromA }) else {
                return nil
            }
            return (flow, reset)
        }
    }

    /// Every reset that refused it has another hop limit than the target's own packets.
    func isForgedlyRefused(_ check: CheckEvidence) -> Bool {
        let refusals = refusals(of: check)
        return !refusals.isEmpty
            && refusals.allSatisfy { flow, reset in
                usualHopLimits(of: flow.record.b.address.address).map { flow.record.isForeign(reset, to: $0) } ?? false
            }
    }
}
