/// Which workloads of a namespace have a label, so that a selector need not look at all of them.
struct LabelIndex: Sendable {
    private struct Key: Hashable {
        let namespace: String
        let label: String
        let value: String
    }

    private var places: [Key: [Int]] = [:]

    init(_ workloads: [Workload]) {
        for (index, workload) in workloads.enumerated() {
            for (label, value) in workload.labels {
                places[Key(namespace: workload.namespace, label: label, value: value), default: []].append(index)
            }
        }
    }

    /// Places of those that one requirement holds for, in order; nil for a selector that no label value narrows.
    func candidates(in namespace: String, for selector: LabelSelector) -> [Int]? {
        let narrow = selector.requirements.filter { $0.relation == .isIn }.map { requirement in
            requirement.values.flatMap {
                places[Key(namespace: namespace, label: requirement.key, value: $0)] ?? []
            }
        }
        return narrow.min { $0.count < $1.count }?.sorted()
    }
}
