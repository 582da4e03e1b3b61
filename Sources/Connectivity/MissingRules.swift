import Manifests
import NetValues

/// The smallest policies that let denied flows pass: for the pods at the end that denies, and no others of its namespace.
package struct MissingRules: Sendable {
    private let evaluation: PolicyEvaluation

    package init(_ evaluation: PolicyEvaluation) {
        self.evaluation = evaluation
    }

    /// What one policy is for.
    private struct Key: Hashable {
        let direction: NetworkPolicy.Direction
        /// The workload that sends; nil where the rule is for what is sent to, by namespace.
        let source: Party
        let namespace: String
        let transport: PortTransport
        let port: UInt16
    }

    /// One for each direction that denies: whole objects, to be applied beside those that are there.
    package func patches(for denied: [FlowAnswer.Flow]) -> [String] {
        var order: [Key] = []
        var groups: [Key: [FlowAnswer.Flow]] = [:]
        for flow in denied {
            for direction in flow.verdict.deniedDirections {
                guard case .workload(let own) = direction == .ingress ? flow.to : flow.from else { continue }
                let key = Key(
                    direction: direction, source: flow.from, namespace: evaluation.state.workloads[own].namespace,
                    transport: flow.transport, port: flow.port)
                if groups[key] == nil { order.append(key) }
                groups[key, default: []].append(flow)
            }
        }
        return order.flatMap { patches($0, groups[$0] ?? []) }.unique()
    }

    private func patches(_ key: Key, _ flows: [FlowAnswer.Flow]) -> [String] {
        let ends = (own: ends(flows, key.direction), peers: peers(flows, key.direction))
        let shared = sharedLabels(ends.own)
        // What the pods have in common may be true of others too.
        guard ends.own.count > 1, shared == nil else {
            return [patch(key, ends.own, shared ?? [:], ends.peers)].compactMap(\.self)
        }
        return ends.own.compactMap { patch(key, [$0], evaluation.state.workloads[$0].lastingLabels, ends.peers) }
    }

    private func ends(_ flows: [FlowAnswer.Flow], _ direction: NetworkPolicy.Direction) -> [Int] {
        flows.compactMap { flow in
            if case .workload(let index) = direction == .ingress ? flow.to : flow.from { index } else { nil }
        }.unique()
    }

    private func peers(_ flows: [FlowAnswer.Flow], _ direction: NetworkPolicy.Direction) -> [Party] {
        flows.map { direction == .ingress ? $0.from : $0.to }.unique()
    }

    /// Labels that these workloads have, and no other of their namespace.
    private func sharedLabels(_ workloads: [Int]) -> [String: String]? {
        guard let first = workloads.first else { return nil }
        let state = evaluation.state
        let shared = state.workloads[first].lastingLabels.filter { label in
            workloads.allSatisfy { state.workloads[$0].labels[label.key] == label.value }
        }
        let selected = state.indices(in: state.workloads[first].namespace, with: LabelSelector(matchLabels: shared))
        return workloads.count == 1 || Set(selected) == Set(workloads) ? shared : nil
    }

    private func patch(_ key: Key, _ own: [Int], _ labels: [String: String], _ parties: [Party]) -> String? {
        guard let index = own.first, let party = parties.first,
            let policy = narrowest(evaluation.policies(isolating: index, key.direction))
        else { return nil }
        let peers = parties.flatMap { self.peers($0, policy) }.unique()
        guard !peers.isEmpty else { return nil }
        let workload = evaluation.state.workloads[index]
        let name =
            "\(workload.name)-allow-\(key.direction.rawValue)-\(self.name(party, in: policy.namespace))-\(key.port)"
        return PolicyPatch.adding(
            to: policy, key.direction, peers, ports: [(key.port, key.transport)], for: labels, called: name)
    }

    private func name(_ party: Party, in namespace: String) -> String {
        switch party {
        case .external: return "outside"
        case .range(let range): return evaluation.title(of: .range(range))
        case .workload(let index):
            let workload = evaluation.state.workloads[index]
            return workload.namespace == namespace ? workload.name : "\(workload.namespace)-\(workload.name)"
        }
    }

    /// Its selector stands in where the pods have no labels: of several the one that selects the fewest.
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
