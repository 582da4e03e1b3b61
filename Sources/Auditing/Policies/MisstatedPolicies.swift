import Manifests
import NetValues

/// Policies that were written for a flow, and do not let it pass for a mistake in their namespace, selector, port or peer.
struct MisstatedPolicies {
    struct Side {
        let direction: NetworkPolicy.Direction
        /// Indices into `DeclaredState.workloads`: the pod that is isolated, and the other end.
        let own: Int
        let peer: Int
    }

    private let state: DeclaredState
    private let idle: [NetworkPolicy]
    private let byNamespace: [String: [NetworkPolicy]]

    init(_ state: DeclaredState) {
        self.state = state
        idle = state.policies.filter { state.workloads(selectedBy: $0).isEmpty }
        byNamespace = Dictionary(grouping: state.policies, by: \.namespace)
    }

    func titles(_ side: Side, _ port: DeclaredService.Port, podPort: UInt16) -> Set<String> {
        let own = state.workloads[side.own]
        let astray = idle.filter {
            $0.isolates.contains(side.direction) && isMeantFor($0, own) && lets($0, side, port, podPort)
        }
        let near = (byNamespace[own.namespace] ?? []).filter {
            $0.isolates.contains(side.direction) && $0.selector.matches(own.labels)
                && (names($0, side, port, podPort) || misses($0, side, port, podPort))
        }
        return Set((astray + near).map(\.object.title))
    }

    /// It selects no pod; this one in another namespace, or one with all but its labels.
    private func isMeantFor(_ policy: NetworkPolicy, _ own: Workload) -> Bool {
        if policy.namespace != own.namespace { return policy.selector.matches(own.labels) }
        return NearLabel.find(policy.selector, among: [own.labels]) != nil
    }

    private func lets(_ policy: NetworkPolicy, _ side: Side, _ port: DeclaredService.Port, _ podPort: UInt16) -> Bool {
        policy.rules(side.direction).contains { rule in
            covers(rule, side, port, podPort)
                && (rule.peers == nil || rule.peers?.contains { means($0, side, policy, isMoved: true) } == true)
        }
    }

    /// The port of the Service, in place of that of its pods.
    private func names(_ policy: NetworkPolicy, _ side: Side, _ port: DeclaredService.Port, _ podPort: UInt16) -> Bool {
        port.number != podPort
            && policy.rules(side.direction).contains { rule in
                rule.ports != nil && rule.covers(port.transport, port.number)
                    && (rule.peers == nil || rule.peers?.contains { means($0, side, policy, isMoved: false) } == true)
            }
    }

    /// The right port, of peers that have all but the labels of the other end, or whose namespace nothing matches.
    private func misses(_ policy: NetworkPolicy, _ side: Side, _ port: DeclaredService.Port, _ podPort: UInt16) -> Bool
    {
        let peer = state.workloads[side.peer]
        return policy.rules(side.direction).contains { rule in
            covers(rule, side, port, podPort)
                && (rule.peers ?? []).contains { entry in
                    guard let pods = entry.pods else { return false }
                    if let namespaces = pods.namespaces {
                        return NearNamespace.find(namespaces, in: state)?.name == peer.namespace
                    }
                    return NearLabel.find(pods.selector, among: [peer.labels]) != nil
                }
        }
    }

    private func covers(
        _ rule: NetworkPolicy.Rule, _ side: Side, _ port: DeclaredService.Port, _ podPort: UInt16
    ) -> Bool {
        let target = state.workloads[side.direction == .ingress ? side.own : side.peer]
        let names = target.template.ports.filter { $0.number == podPort }.compactMap(\.name)
        return rule.covers(port.transport, podPort, named: Set(names))
    }

    private func means(
        _ entry: NetworkPolicy.PeerEntry, _ side: Side, _ policy: NetworkPolicy, isMoved: Bool
    ) -> Bool {
        guard let pods = entry.pods else { return false }
        let peer = state.workloads[side.peer]
        let home = isMoved ? state.workloads[side.own].namespace : policy.namespace
        let isThere =
            pods.namespaces.map { $0.matches(state.labels(ofNamespace: peer.namespace)) } ?? (peer.namespace == home)
        return isThere && pods.selector.matches(peer.labels)
    }
}
