import Connectivity
import Manifests
import NetValues

/// Single addresses that the egress rules of the vantage's own policies name, and those that they leave out.
extension PlanDerivation {
    private static let metadata = IPAddress("169.254.169.254")

    mutating func deriveOutside() {
        for policy in evaluation.policies(isolating: vantage, .egress) {
            for rule in policy.egress { derive(rule, of: policy) }
        }
    }

    private mutating func derive(_ rule: NetworkPolicy.Rule, of policy: NetworkPolicy) {
        for peer in rule.peers ?? [] {
            guard case .block(let range, let except) = peer.peer else { continue }
            let reason = because(policy.object, "egress to \(range)", line: peer.line)
            if range.isSingle {
                derive(range.address, rule, reason)
            } else {
                note("\(reason): a range, of which no address is named")
            }
            for hole in except where hole.isSingle {
                derive(hole.address, rule, because(policy.object, "except \(hole)", line: peer.line))
            }
        }
    }

    private mutating func derive(_ address: IPAddress, _ rule: NetworkPolicy.Rule, _ reason: String) {
        let ports = (rule.ports ?? []).compactMap { entry -> (PortTransport, UInt16)? in
            guard case .range(let range) = entry.number, range.count == 1 else { return nil }
            return (entry.transport, range.lowerBound)
        }
        // A cloud's metadata service is at this port wherever it is.
        let known = ports.isEmpty && address == Self.metadata ? [(PortTransport.tcp, UInt16(80))] : ports
        guard !known.isEmpty else { return note("\(reason): no single port is named") }
        for (transport, port) in known { derive(address, transport, port, reason) }
    }

    private mutating func derive(_ address: IPAddress, _ transport: PortTransport, _ port: UInt16, _ reason: String) {
        let end = FlowEnd(party: evaluation.party(at: address), port: port)
        var denial: String?
        switch judge([end], transport) {
        case .own: return
        case .denied(let decisions), .mixed(let decisions): denial = words(decisions)
        case .undecided: return note("\(reason): \(Self.undecidedWords)")
        case .allowed: denial = nil
        }
        let aim = Aim(
            name: hostPort(address.description, port), host: address.description, port: port, needs: [], labels: [],
            reason: reason)
        switch transport {
        case .tcp: _ = deriveStream(aim, isAllowed: denial == nil, denial)
        case .udp: _ = deriveDatagram(aim, words: [], isAllowed: denial == nil, denial)
        case .sctp: note("\(reason): no probe speaks SCTP")
        }
    }
}
