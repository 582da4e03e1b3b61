import Connectivity
import Manifests
import NetValues
import Observations
import YAML

/// What was declared, as the vantage sees it: which workload it is, and what stands behind names and addresses.
package struct DeclaredView: Sendable {
    package let state: DeclaredState
    let evaluation: PolicyEvaluation
    /// An index into `state.workloads`; nil where nothing shows which one the vantage is.
    package let vantage: Int?
    /// Whose short names are meant; of a vantage that is no known workload what its search list says.
    let vantageNamespace: String?
    let servicesByAddress: [IPAddress: Int]
    private let workloadsByAddress: [IPAddress: Int]

    /// - Parameters:
    ///   - name: of the pod or workload the vantage is, where somebody says so.
    ///   - namespace: the vantage's, where it is known without its name.
    ///   - addresses: the vantage's own.
    package init(_ state: DeclaredState, name: DeclaredState.Name?, namespace: String?, addresses: [IPAddress]) {
        self.state = state
        evaluation = PolicyEvaluation(state)
        var services: [IPAddress: Int] = [:]
        for (index, service) in state.services.enumerated() {
            for address in service.addresses { services[address] = index }
        }
        servicesByAddress = services
        var workloads: [IPAddress: Int] = [:]
        for (index, workload) in state.workloads.enumerated() where !workload.isHostNetwork {
            for address in workload.addresses { workloads[address] = index }
        }
        workloadsByAddress = workloads
        vantage = name.map { state.index(ofWorkload: $0) } ?? addresses.lazy.compactMap { workloads[$0] }.first
        vantageNamespace = name?.namespace ?? vantage.map { state.workloads[$0].namespace } ?? namespace
    }

    var vantageParty: Party? { vantage.map(Party.workload) }
    var vantageTitle: String? { vantage.map { state.workloads[$0].title } }

    func workload(at address: IPAddress) -> Int? { workloadsByAddress[address] }

    func workloads(of service: DeclaredService) -> [Int] {
        guard let selector = service.selector else { return [] }
        let labels = LabelSelector(matchLabels: selector)
        return state.workloads.indices.filter {
            state.workloads[$0].namespace == service.namespace && labels.matches(state.workloads[$0].labels)
        }
    }

    /// Of no pod and no Service that was declared. A private address may be that of a pod which is in no manifest: then it counts as
    /// outside only where no rule for pods would let it pass either.
    func isOutside(_ address: IPAddress, _ transport: PortTransport, _ port: UInt16) -> Bool {
        guard !address.isLoopback, workloadsByAddress[address] == nil, servicesByAddress[address] == nil else {
            return false
        }
        return address.isOfInternet || state.set.isComplete || !mayPassToSomePod(transport, port)
    }

    private func mayPassToSomePod(_ transport: PortTransport, _ port: UInt16) -> Bool {
        guard let vantage else { return true }
        let workload = state.workloads[vantage]
        let policies = state.policies.filter {
            $0.namespace == workload.namespace && $0.isolates.contains(.egress) && $0.selector.matches(workload.labels)
        }
        return policies.flatMap(\.egress).contains { rule in
            let isForPods = rule.peers?.contains { if case .pods = $0.peer { true } else { false } } ?? true
            return isForPods && rule.mayAllow(transport, port)
        }
    }
}

extension NetworkPolicy.Rule {
    /// A named port may be any.
    fileprivate func mayAllow(_ transport: PortTransport, _ port: UInt16) -> Bool {
        guard let ports else { return true }
        return ports.contains { entry in
            guard entry.transport == transport else { return false }
            return switch entry.number {
            case .all, .named: true
            case .range(let range): range.contains(port)
            }
        }
    }
}
