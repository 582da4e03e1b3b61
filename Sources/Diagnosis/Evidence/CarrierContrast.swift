import NetValues
import Observations
import Planning

/// Addresses of which TCP fares otherwise than echoes and datagrams: those of a Service or load balancer, where only some ports are
/// translated, and the rest is sent on to where nobody has the address. What a router says of an echo then explains nothing of TCP.
struct CarrierContrast: Sendable {
    private let addresses: Set<IPAddress>

    init(_ checks: [CheckEvidence], _ traces: Traces, _ ways: Ways) {
        var mute: Set<IPAddress> = []
        var other: Set<IPAddress> = []
        for check in checks {
            for flow in check.targetFlows where flow.carrier != .tcp && flow.isUnreachable {
                mute.insert(flow.destination)
            }
        }
        var unreachable: Set<IPAddress> = []
        for check in checks where !mute.isEmpty {
            for connect in check.connects where mute.contains(connect.endpoint.address) {
                let flow = connect.flow
                switch flow.outcome {
                case .rejected: other.insert(flow.destination)
                case .unreachable: unreachable.insert(flow.destination)
                case .silent where flow.attempts >= 2 && Self.differs(ways.to(connect.endpoint)):
                    other.insert(flow.destination)
                default: break
                }
            }
        }
        let open = mute.filter { address in traces.signsOfLife[address]?.contains { $0.carrier == .tcp } ?? false }
        addresses = other.subtracting(unreachable).union(open)
    }

    /// - Parameter check: that the flow is of. A ping that was asked for and is told that no host has the address shows a proxy that accepts
    ///   in its place (proxy-in-path).
    func explainsNothing(_ flow: Flow, of check: CheckEvidence) -> Bool {
        guard flow.carrier != .tcp, case .unreachable(let report) = flow.outcome, addresses.contains(flow.destination)
        else { return false }
        return !(check.check.isAsked && check.isEchoSeries && report.isHostMissing)
    }

    /// SYNs that are told nothing go another way. Either errors about them come in the name of the address itself, which is what a
    /// translator makes of those of routers behind it (RFC 5508 section 4.2); or a datagram is told at once that there is no way, where
    /// SYNs with as large a hop limit are silent. What a router says only after its address resolution has failed may come too late.
    private static func differs(_ way: Way?) -> Bool {
        guard let own = way?.own, !own.hops.contains(where: \.isUnreachable) else { return false }
        if own.hops.contains(where: { $0.outcome == .expired(own.endpoint.address) }) { return true }
        return (way?.reference?.hops ?? []).contains { hop in
            hop.isUnreachable && hop.roundTrip.map { $0 < atOnce } ?? false
                && own.hops.contains { $0.limit >= hop.limit && $0.outcome == .silent }
        }
    }

    private static let atOnce = Duration.milliseconds(500)
}

extension Flow {
    fileprivate var isUnreachable: Bool { if case .unreachable = outcome { true } else { false } }
}

extension SoundingFact.Hop {
    fileprivate var isUnreachable: Bool {
        guard case .failed(let failure) = outcome, let report = failure.icmp, let offender = report.offender else {
            return false
        }
        let outcome = Flow.Outcome(
            failure, carrier: .udp, elapsed: roundTrip ?? .zero, source: nil, destination: offender)
        return if case .unreachable = outcome { true } else { false }
    }
}
