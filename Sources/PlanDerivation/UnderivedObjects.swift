import Manifests
import NetValues
import YAML

/// What was declared, leads to no check, and is told: workloads that nothing leads to, and kinds that are not understood.
extension PlanDerivation {
    mutating func noteUnderived() {
        let served = Set(
            state.services.flatMap { service in
                service.selector.map { state.indices(in: service.namespace, with: LabelSelector(matchLabels: $0)) }
                    ?? []
            })
        let sorted = state.workloads.indices.sorted {
            (state.workloads[$0].namespace, state.workloads[$0].name) < (
                state.workloads[$1].namespace, state.workloads[$1].name
            )
        }
        for index in sorted where index != vantage && !served.contains(index) {
            let workload = state.workloads[index]
            guard workload.addresses.isEmpty, !["Job", "CronJob"].contains(workload.kind) else { continue }
            note("\(because(workload.object)): no Service leads to it, and its pods' addresses are not declared")
        }
        noteUnknownKinds()
    }

    /// Such as routes of other makers, which may open ways that no check knows. DNSEndpoints are derived whatever their group.
    private mutating func noteUnknownKinds() {
        var order: [APIGroups.Kind] = []
        var counts: [APIGroups.Kind: (count: Int, first: ManifestObject)] = [:]
        for object in state.set.objects where !APIGroups.isKnown(object) && object.kind != "DNSEndpoint" {
            let kind = APIGroups.Kind(object.group, object.kind)
            if counts[kind] == nil { order.append(kind) }
            counts[kind] = (count: (counts[kind]?.count ?? 0) + 1, first: counts[kind]?.first ?? object)
        }
        for kind in order {
            guard let (count, first) = counts[kind] else { continue }
            let others = count > 1 ? " and \(count - 1) more" : ""
            note("\(because(first))\(others): a kind that is not known here (\(first.group.escaped(limit: 253)))")
        }
    }
}
