import NetValues
import Observations
import Wire

extension CheckEvidence {
    /// TCP conversations that were captured of its connections to an endpoint.
    func captured(_ endpoint: Endpoint) -> [TroubledFlow] {
        captured { $0.b == PacketEndpoint(endpoint) }
    }

    /// What its sockets sent to an endpoint and this host translated to another one (DNAT): attempts that met silence.
    func translated(_ endpoint: Endpoint) -> [TroubledFlow] {
        let sources = Set(
            connects.filter { $0.endpoint == endpoint && $0.outcome == .timedOut }.compactMap(\.source)
                .map { PacketEndpoint($0) })
        return captured { sources.contains($0.a) && $0.b != PacketEndpoint(endpoint) }
            .filter { $0.record.fromB.packets == 0 && $0.record.fromA.distinctPackets == $0.tcp.fromA.syns }
    }

    private func captured(where isWanted: (FlowRecord) -> Bool) -> [TroubledFlow] {
        guard let packets else { return [] }
        let place = FramePlace(of: packets)
        return packets.flows.compactMap { flow in
            guard let tcp = flow.tcp, isWanted(flow) else { return nil }
            return TroubledFlow(record: flow, tcp: tcp, place: place)
        }
    }

    /// A capture on all interfaces, without holes, holds nothing of any of its connection attempts, not even a question for
    /// the next hop's address. Where this host translates addresses (DNAT, as kube-proxy and sidecars do) the packets have
    /// others than the sockets, so that netfilter and the ports have a say too.
    var leftNothingOnTheWire: Bool {
        guard let packets, packets.isComplete, packets.place == "any", packets.neighbours.unanswered.isEmpty,
            !connects.isEmpty, !connects.contains(where: \.isLetOut)
        else { return false }
        // A datagram that was sent beside it may well be there.
        let endpoints = Set(
            connects.flatMap { [$0.endpoint, $0.source].compactMap(\.self) }.map { PacketEndpoint($0) })
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
