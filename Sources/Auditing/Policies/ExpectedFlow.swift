import Connectivity
import Manifests
import NetValues

/// A flow that manifests say is needed: a workload names a Service.
struct ExpectedFlow {
    /// Indices into `DeclaredState.workloads`.
    let source: Int
    let targets: [Int]
    let service: DeclaredService
    let port: DeclaredService.Port
    /// Where it arrives.
    let podPort: UInt16
    /// "env DB_HOST of shop/api[Deployment] (api.yaml:12)"
    let reason: String
    /// Nothing but an argument, or a list of origins, names the Service: it may not be called at all.
    let isDoubtful: Bool

    /// Those that policies bear on at all.
    static func all(_ state: DeclaredState, _ evaluation: PolicyEvaluation) -> [ExpectedFlow] {
        let names = ServiceNames(state)
        let places = WorkloadPlaces(state)
        var pods: [DeclaredState.Name: (ServicePods, [Int])] = [:]
        var flows: [ExpectedFlow] = []
        for (index, workload) in state.workloads.enumerated() where !workload.isHostNetwork {
            let references = names.references(of: workload)
            for reference in references {
                let service = reference.service
                let name = DeclaredState.Name(service.namespace, service.name)
                let known =
                    pods[name]
                    ?? {
                        let found = ServicePods(service, state)
                        return (found, found.workloads.compactMap(places.index))
                    }()
                pods[name] = known
                // A pod's own Service is its name for others.
                guard !known.1.contains(index), let port = reference.port, let podPort = known.0.podPort(port),
                    !known.1.isEmpty,
                    evaluation.isIsolated(index, .egress)
                        || known.1.contains(where: { evaluation.isIsolated($0, .ingress) })
                else { continue }
                let isSame = { (other: ServiceNames.Reference) in
                    other.isCalled && other.service.object.place == service.object.place
                        && other.port?.number == port.number
                }
                guard reference.isCalled || !references.contains(where: isSame) else { continue }
                let place = workload.object.place(reference.node).words.map { " (\($0))" } ?? ""
                flows.append(
                    ExpectedFlow(
                        source: index, targets: known.1, service: service, port: port, podPort: podPort,
                        reason: "\(reference.what) of \(workload.title)\(place)", isDoubtful: !reference.isCalled))
            }
        }
        return flows
    }
}

/// Workloads by what they are called.
struct WorkloadPlaces {
    private var places: [String: Int] = [:]

    init(_ state: DeclaredState) {
        for (index, workload) in state.workloads.enumerated() { places[workload.title] = index }
    }

    func index(_ workload: Workload) -> Int? { places[workload.title] }
}
