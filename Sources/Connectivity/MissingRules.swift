import Manifests
import NetValues

/// The smallest policies that let denied flows pass.
package struct MissingRules: Sendable {
    private let evaluation: PolicyEvaluation

    package init(_ evaluation: PolicyEvaluation) {
        self.evaluation = evaluation
    }

    /// One for each direction that denies: whole objects, to be applied beside those that are there.
    package func patches(for denied: [FlowAnswer.Flow]) -> [String] {
        denied.flatMap { flow in flow.verdict.deniedDirections.compactMap { patch(flow, $0) } }.unique()
    }

    private func patch(_ flow: FlowAnswer.Flow, _ direction: NetworkPolicy.Direction) -> String? {
        let (own, peer) = direction == .ingress ? (flow.to, flow.from) : (flow.from, flow.to)
        guard case .workload(let index) = own, let policy = narrowest(evaluation.policies(isolating: index, direction))
        else { return nil }
        let peers = peers(peer, policy)
        guard !peers.isEmpty else { return nil }
        return PolicyPatch.adding(to: policy, direction, peers, [flow.port], flow.transport)
    }

    /// The rule is for the pods that the policy selects: of several the one that selects the fewest.
    private func narrowest(_ policies: [NetworkPolicy]) -> NetworkPolicy? {
        policies.max { $0.selector.requirements.count < $1.selector.requirements.count }
    }

    /// Nothing where the peer has the address of a node that is not known.
    private func peers(_ peer: Party, _ policy: NetworkPolicy) -> [PolicyPatch.Peer] {
        switch peer {
        case .range(let range): return [.block(range)]
        case .external: return ["0.0.0.0/0", "::/0"].compactMap { AddressRange($0) }.map { .block($0) }
        case .workload(let index):
            let workload = evaluation.state.workloads[index]
            guard workload.isHostNetwork else { return [.pods(workload, ofNamespace: policy.namespace)] }
            return workload.addresses.map { .block(AddressRange(around: $0, length: 128)) }
        }
    }
}
