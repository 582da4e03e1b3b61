import Manifests

/// Workloads of one namespace whose pods policies and Services take for the same.
package struct LabelSet: Sendable {
    private struct Key: Hashable {
        let namespace: String
        let isHostNetwork: Bool
        let labels: [String: PolicyWords.Value]
        let services: [String]
        let serviceAccount: String
    }

    /// Indices into `DeclaredState.workloads`, by name.
    package let members: [Int]
    /// Names of the Services of its namespace that select it.
    package let services: [String]

    /// All of them, by namespace and name of their first workload. Accounts tell them apart too, since meshes judge by these.
    package static func all(in evaluation: PolicyEvaluation) -> [LabelSet] {
        let state = evaluation.state
        var selecting: [Int: [String]] = [:]
        for service in state.services {
            guard let selector = service.selector else { continue }
            for index in state.indices(in: service.namespace, with: LabelSelector(matchLabels: selector)) {
                selecting[index, default: []].append(service.name)
            }
        }
        var places: [Key: Int] = [:]
        var found: [(members: [Int], services: [String])] = []
        let titles = state.workloads.map(\.title)
        for index in state.workloads.indices.sorted(by: { (titles[$0], $0) < (titles[$1], $1) }) {
            let podClass = evaluation.classes.classes[evaluation.classes.classOf[index]]
            let services = Set(selecting[index] ?? []).sorted()
            let key = Key(
                namespace: podClass.namespace, isHostNetwork: podClass.isHostNetwork, labels: podClass.labels,
                services: services, serviceAccount: state.workloads[index].template.serviceAccount)
            let place = places[key] ?? found.count
            if place == found.count {
                places[key] = place
                found.append(([], services))
            }
            found[place].members.append(index)
        }
        return found.map { LabelSet(members: $0.members, services: $0.services) }
    }
}
