import Diagnosis
import Manifests
import NetValues

/// Replicas of a database that policies shut off from each other in one direction, where they say in the other that it is meant.
struct ReplicaPaths {
    private let state: DeclaredState

    init(_ state: DeclaredState) {
        self.state = state
    }

    var findings: [Finding] {
        guard !state.policies.isEmpty, !state.hasForeignPolicies else { return [] }
        return state.workloads.compactMap { workload in
            guard let port = ReplicationPathBroken.Database.port(ofReplicas: workload) else { return nil }
            let policies = state.policies.filter {
                $0.mistakes.isEmpty && $0.namespace == workload.namespace && $0.selector.matches(workload.labels)
            }
            for (open, shut) in [
                (NetworkPolicy.Direction.egress, NetworkPolicy.Direction.ingress), (.ingress, .egress),
            ] {
                let isolating = policies.filter { $0.isolates.contains(shut) }
                guard !isolating.isEmpty, policies.contains(where: { names(workload, port, $0, open) }),
                    !isolating.contains(where: { mayPass(workload, port, $0, shut) })
                else { continue }
                return tell(workload, port, isolating, shut)
            }
            return nil
        }
    }

    /// A rule for the replicas themselves, and not for everybody.
    private func names(
        _ workload: Workload, _ port: UInt16, _ policy: NetworkPolicy, _ direction: NetworkPolicy.Direction
    ) -> Bool {
        policy.isolates.contains(direction)
            && policy.rules(direction).contains { rule in
                covers(rule, workload, port)
                    && (rule.peers ?? []).contains { entry in
                        guard let pods = entry.pods, !pods.selector.selectsEverything else { return false }
                        return pods.namespaces == nil && pods.selector.matches(workload.labels)
                    }
            }
    }

    /// Whether a range holds pods of no known address, nobody knows.
    private func mayPass(
        _ workload: Workload, _ port: UInt16, _ policy: NetworkPolicy, _ direction: NetworkPolicy.Direction
    ) -> Bool {
        policy.rules(direction).contains { rule in
            guard covers(rule, workload, port) else { return false }
            guard let peers = rule.peers else { return true }
            return peers.contains { entry in
                guard let pods = entry.pods else { return true }
                let isHere = pods.namespaces?.matches(state.labels(ofNamespace: workload.namespace)) ?? true
                return isHere && pods.selector.matches(workload.labels)
            }
        }
    }

    private func covers(_ rule: NetworkPolicy.Rule, _ workload: Workload, _ port: UInt16) -> Bool {
        let names = workload.template.ports.filter { $0.number == port }.compactMap(\.name)
        return rule.covers(.tcp, port, named: Set(names))
    }

    private func tell(
        _ workload: Workload, _ port: UInt16, _ policies: [NetworkPolicy], _ shut: NetworkPolicy.Direction
    ) -> Finding? {
        guard
            let policy = policies.first(where: { !$0.selector.selectsEverything && !$0.rules(shut).isEmpty })
                ?? policies.first
        else { return nil }
        let (open, way) = shut == .ingress ? ("out to each other", "in") : ("in from each other", "out")
        return ReplicationPathBroken.finding(
            policy.object, at: policy.place(of: shut), confidence: .likely,
            summary:
                "Policies let the replicas of \(workload.title) \(open) on TCP/\(port), and not \(way): they cannot replicate.",
            evidence: [
                "\(counted(workload.replicas ?? 1, "replica")) of \(workload.title)",
                "\(shut.rawValue) is held by \(listed(policies.map(\.object.title))), without a rule for these pods",
            ],
            cause:
                "A connection between two pods needs leave on both sides: to go out from one, and to come in at the other.",
            remedy: ["allow the pods themselves in the \(shut.rawValue) rules of \(policy.object.title)"],
            patch: ManifestText.text(
                PolicyTrees.allowing(
                    shut, "\(workload.name)-replicas-\(shut.rawValue)", in: workload.object.writtenNamespace,
                    pods: workload.labels, peers: [PolicyTrees.peer(workload.labels, in: nil)], port: (.tcp, port))))
    }
}
