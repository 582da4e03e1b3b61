import Manifests
import NetValues

extension PolicyEvaluation {
    /// Whether a flow counts as denied only since nobody knows the address of a pod: a rule has an ipBlock that may or may not hold it.
    /// (Plugins differ besides: Cilium's ranges never mean pods.)
    package func mayPassByAddress(from: Party, to: Party, transport: PortTransport, port: UInt16) -> Bool {
        let verdict = verdict(from: from, to: to, transport: transport, port: port)
        return !verdict.isAllowed
            && verdict.deniedDirections.allSatisfy { mayHold($0, from: from, to: to, transport, port) }
    }

    private func mayHold(
        _ direction: NetworkPolicy.Direction, from: Party, to: Party, _ transport: PortTransport, _ port: UInt16
    ) -> Bool {
        let (own, peer) = direction == .egress ? (from, to) : (to, from)
        guard case .workload(let owner) = own, case .workload(let other) = peer,
            state.workloads[other].addresses.isEmpty
        else { return false }
        return policies(isolating: owner, direction).flatMap { $0.rules(direction) }.contains { rule in
            rule.mayAllow(transport, port)
                && rule.peers?.contains { if case .block = $0.peer { true } else { false } } ?? true
        }
    }
}
