import Manifests
import NetValues

/// Sources that no policy can tell apart ask the same question.
struct LikeSources {
    struct Key: Hashable {
        let namespace: String
        let labels: [String: String]
        let addresses: [IPAddress]
        let service: DeclaredState.Name
        let transport: PortTransport
        let port: UInt16
    }

    private let state: DeclaredState
    /// Labels that some policy asks for.
    private let asked: Set<String>
    /// Some policy lets in by address.
    private let hasBlocks: Bool

    init(_ state: DeclaredState) {
        self.state = state
        let peers = state.policies.flatMap { $0.ingress + $0.egress }.flatMap { $0.peers ?? [] }
        let selectors = state.policies.map(\.selector) + peers.compactMap(\.pods?.selector)
        asked = Set(selectors.flatMap(\.requirements).map(\.key))
        hasBlocks = state.policies.contains { policy in
            policy.ingress.contains { ($0.peers ?? []).contains { $0.block != nil } }
        }
    }

    func key(_ flow: ExpectedFlow) -> Key {
        let source = state.workloads[flow.source]
        return Key(
            namespace: source.namespace, labels: source.labels.filter { asked.contains($0.key) },
            addresses: hasBlocks ? source.addresses : [],
            service: DeclaredState.Name(flow.service.namespace, flow.service.name), transport: flow.port.transport,
            port: flow.podPort)
    }
}
