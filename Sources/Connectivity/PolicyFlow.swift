import Manifests
import NetValues

/// One end of a flow as policies see it.
package enum Party: Hashable, Sendable {
    /// An index into `DeclaredState.workloads`.
    case workload(Int)
    /// An address outside the known pods, or a range of them.
    case range(AddressRange)
    /// Every address outside the known pods.
    case external
}

/// What decided about one direction of a flow.
package struct PolicyDecision: Hashable, Sendable {
    package let place: ManifestPlace
    /// "ecommerce/frontend-policy"
    package let policy: String
    package let direction: NetworkPolicy.Direction
    /// Of the rules of that direction, from 0; nil for a policy that isolates and allows nothing of the flow.
    package let rule: Int?

    package init(place: ManifestPlace, policy: String, direction: NetworkPolicy.Direction, rule: Int?) {
        self.place = place
        self.policy = policy
        self.direction = direction
        self.rule = rule
    }
}
