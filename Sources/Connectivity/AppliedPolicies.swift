import Manifests

/// The policies that a cluster would have once all manifests were applied in their order.
struct AppliedPolicies {
    let policies: [NetworkPolicy]
    let refused: [NetworkPolicy]
    let replaced: [NetworkPolicy]

    init(_ state: DeclaredState) {
        refused = state.policies.filter { !$0.mistakes.isEmpty }
        let valid = state.policies.filter { $0.mistakes.isEmpty }
        var last: [DeclaredState.Name: Int] = [:]
        for (index, policy) in valid.enumerated() { last[DeclaredState.Name(policy.namespace, policy.name)] = index }
        let counts = valid.indices.map { last[DeclaredState.Name(valid[$0].namespace, valid[$0].name)] == $0 }
        policies = zip(valid, counts).filter(\.1).map(\.0)
        replaced = zip(valid, counts).filter { !$0.1 }.map(\.0)
    }
}
