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
    let serviceAddresses: ServiceAddresses
    /// Whose address this host has, where somebody says that it is another pod: "shop/web[Pod]".
    package let contradiction: String?

    /// - Parameters:
    ///   - name: of the pod or workload the vantage is, where somebody says so.
    ///   - namespace: the vantage's, where it is known without its name.
    ///   - addresses: the vantage's own.
    package init(_ state: DeclaredState, name: DeclaredState.Name?, namespace: String?, addresses: [IPAddress]) {
        self.state = state
        let evaluation = PolicyEvaluation(state)
        self.evaluation = evaluation
        var services: [IPAddress: Int] = [:]
        for (index, service) in state.services.enumerated() {
            for address in service.addresses { services[address] = index }
        }
        servicesByAddress = services
        serviceAddresses = ServiceAddresses(state.services)
        let own = addresses.lazy.compactMap { evaluation.workload(at: $0) }.first
        vantage = name.map { state.index(ofWorkload: $0) } ?? own
        contradiction = vantage.flatMap { vantage in
            if let own { return own == vantage ? nil : state.workloads[own].title }
            guard !state.workloads[vantage].isHostNetwork else { return nil }
            return addresses.lazy.compactMap { evaluation.node(at: $0) }.first.map { "the node \($0)" }
        }
        vantageNamespace = name?.namespace ?? vantage.map { state.workloads[$0].namespace } ?? namespace
    }

    var vantageParty: Party? { vantage.map(Party.workload) }
    var vantageTitle: String? { vantage.map { state.workloads[$0].title } }

    func workloads(of service: DeclaredService) -> [Int] {
        guard let selector = service.selector else { return [] }
        return state.indices(in: service.namespace, with: LabelSelector(matchLabels: selector))
    }

    /// Of no pod and no Service that was declared. A private address may be that of a pod which is in no manifest: then it counts as
    /// outside only where no rule for pods would let it pass either.
    func isOutside(_ address: IPAddress, _ transport: PortTransport, _ port: UInt16) -> Bool {
        guard !address.isLoopback, evaluation.workload(at: address) == nil, servicesByAddress[address] == nil else {
            return false
        }
        return address.isOfInternet || Self.isOfNode(address) || state.set.isComplete
            || !mayPassToSomePod(transport, port)
    }

    /// Link-local, as that of a node-local DNS cache: no pod has it.
    private static func isOfNode(_ address: IPAddress) -> Bool {
        AddressRange("169.254.0.0/16")?.contains(address) ?? false
    }

    private func mayPassToSomePod(_ transport: PortTransport, _ port: UInt16) -> Bool {
        guard let vantage else { return true }
        let policies = evaluation.policies(isolating: vantage, .egress)
        return policies.flatMap(\.egress).contains { rule in
            let isForPods = rule.peers?.contains { if case .pods = $0.peer { true } else { false } } ?? true
            return isForPods && rule.mayAllow(transport, port)
        }
    }
}
