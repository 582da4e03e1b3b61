import Manifests
import NetValues

/// Pods of one namespace with the same labels, which no policy can tell apart. Host-network pods are in none.
struct PodGroup {
    let namespace: String
    let labels: [String: String]
    /// Indices into `DeclaredState.workloads`.
    fileprivate(set) var members: [Int]
    /// Indices into `PodGroups.policies` of those that select it.
    fileprivate(set) var policies: [Int] = []
}

/// Which policies select which pods, worked out by labels and not by pods.
struct PodGroups {
    let state: DeclaredState
    /// Those that the API takes.
    let policies: [NetworkPolicy]
    private(set) var groups: [PodGroup] = []
    /// Indices of the groups that each policy selects.
    private(set) var selected: [[Int]] = []
    /// Indices of the policies of each namespace.
    let policiesIn: [String: [Int]]

    private struct Key: Hashable {
        let namespace: String
        let labels: [String: String]
    }

    private struct Label: Hashable {
        let namespace: String
        let key: String
        let value: String
    }

    init(_ state: DeclaredState) {
        self.state = state
        policies = state.policies.filter { $0.mistakes.isEmpty }
        policiesIn = Dictionary(grouping: policies.indices) { [policies] in policies[$0].namespace }
        guard !policies.isEmpty else { return }
        gather()
        var byLabel: [Label: [Int]] = [:]
        var byNamespace: [String: [Int]] = [:]
        for (number, group) in groups.enumerated() {
            byNamespace[group.namespace, default: []].append(number)
            for (key, value) in group.labels {
                byLabel[Label(namespace: group.namespace, key: key, value: value), default: []].append(number)
            }
        }
        for (index, policy) in policies.enumerated() {
            let narrow = policy.selector.requirements.first { $0.relation == .isIn }
            let candidates =
                narrow.map { requirement in
                    requirement.values.sorted().flatMap {
                        byLabel[Label(namespace: policy.namespace, key: requirement.key, value: $0)] ?? []
                    }
                } ?? byNamespace[policy.namespace] ?? []
            let found = candidates.filter { policy.selector.matches(groups[$0].labels) }
            selected.append(found)
            for number in found { groups[number].policies.append(index) }
        }
    }

    private mutating func gather() {
        var numbers: [Key: Int] = [:]
        for (index, workload) in state.workloads.enumerated() where !workload.isHostNetwork {
            let key = Key(namespace: workload.namespace, labels: workload.labels)
            if let number = numbers[key] {
                groups[number].members.append(index)
            } else {
                numbers[key] = groups.count
                groups.append(PodGroup(namespace: key.namespace, labels: key.labels, members: [index]))
            }
        }
    }

    func workloads(of group: PodGroup) -> [Workload] { group.members.map { state.workloads[$0] } }

    /// Policies that isolate a group in a direction.
    func policies(isolating group: PodGroup, _ direction: NetworkPolicy.Direction) -> [NetworkPolicy] {
        group.policies.map { policies[$0] }.filter { $0.isolates.contains(direction) }
    }

    /// Policies of its namespace that select at least every pod that this one selects, itself among them: those that share its union
    /// where no pod is known.
    func policies(around policy: NetworkPolicy, _ direction: NetworkPolicy.Direction) -> [NetworkPolicy] {
        let own = Set(policy.selector.requirements)
        return (policiesIn[policy.namespace] ?? []).map { policies[$0] }.filter {
            $0.isolates.contains(direction) && own.isSuperset(of: $0.selector.requirements)
        }
    }
}
