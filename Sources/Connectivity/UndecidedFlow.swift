import Manifests
import NetValues

extension PolicyEvaluation {
    /// Whether a flow counts as denied only since something was not read: the address of a pod that an ipBlock may hold, or the labels
    /// of its namespace, which a rule asks for. (Plugins differ besides: Cilium's ranges never mean pods.)
    package func isUndecided(from: Party, to: Party, transport: PortTransport, port: UInt16) -> Bool {
        let verdict = verdict(from: from, to: to, transport: transport, port: port)
        return !verdict.isAllowed
            && verdict.deniedDirections.allSatisfy { mayMean($0, from: from, to: to, transport, port) }
    }

    /// Whether some rule of one end may mean the other.
    private func mayMean(
        _ direction: NetworkPolicy.Direction, from: Party, to: Party, _ transport: PortTransport, _ port: UInt16
    ) -> Bool {
        let (own, peer) = direction == .egress ? (from, to) : (to, from)
        guard case .workload(let owner) = own, case .workload(let other) = peer else { return false }
        let workload = state.workloads[other]
        return policies(isolating: owner, direction).flatMap { $0.rules(direction) }.contains { rule in
            rule.mayAllow(transport, port)
                && (rule.peers ?? []).contains { entry in
                    switch entry.peer {
                    case .block: workload.addresses.isEmpty
                    case .pods(_, nil): false
                    case .pods(let pods, let namespaces?):
                        !workload.isHostNetwork && pods.matches(workload.labels)
                            && state.mayMatch(namespaces, namespace: workload.namespace)
                    }
                }
        }
    }
}

extension DeclaredState {
    /// Of a namespace that was declared nowhere its name alone is known (kubernetes.io/metadata.name).
    func mayMatch(_ selector: LabelSelector, namespace: String) -> Bool {
        guard namespaces[namespace] == nil, !set.hasAll("Namespace") else { return false }
        let known = labels(ofNamespace: namespace)
        return selector.requirements.allSatisfy { known[$0.key] == nil || $0.matches(known) }
    }
}
