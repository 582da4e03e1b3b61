import Connectivity
import Diagnosis
import Manifests
import NetValues
import Planning

/// What keeps a flow out at one of its ends: the policies that isolate it, and of these the one that somebody would mend.
struct PolicyDenial {
    let policies: [NetworkPolicy]
    let nearest: NetworkPolicy
    /// The line to edit.
    let place: ManifestPlace

    /// A rule that fits the flow but for one thing is meant for it.
    private enum Fit: Int {
        /// All that the policy has is for other pods, or nothing.
        case none
        /// The policy is for these pods, with rules for others.
        case rules
        case port
        case peer
    }

    /// - Parameters:
    ///   - policies: that isolate this end.
    ///   - other: the pods at the other end.
    ///   - names: of the port at the pods.
    init?(
        _ policies: [NetworkPolicy], _ direction: NetworkPolicy.Direction, of flow: ExpectedFlow, other: Workload,
        names: Set<String>, _ state: DeclaredState
    ) {
        guard let first = policies.first else { return nil }
        var best = (fit: Fit.none, policy: first, place: first.place(of: direction))
        for policy in policies {
            let isOwn = !policy.selector.selectsEverything && !policy.rules(direction).isEmpty
            if isOwn, best.fit == .none { best = (.rules, policy, policy.place(of: direction)) }
            for rule in policy.rules(direction) {
                let isPort = rule.ports != nil && rule.covers(flow.port.transport, flow.podPort, named: names)
                if Self.isPeer(other, in: rule, of: policy, state), best.fit != .peer {
                    let place = rule.ports?.first.map { policy.place(of: $0, direction).place }
                    best = (.peer, policy, place ?? ManifestPlace(file: policy.object.file, line: rule.line))
                } else if isPort, best.fit.rawValue < Fit.port.rawValue {
                    let place = rule.peers?.count == 1 ? rule.peers?.first.map { policy.place(of: $0) } : nil
                    best = (.port, policy, place ?? ManifestPlace(file: policy.object.file, line: rule.line))
                }
            }
        }
        self.policies = policies
        nearest = best.policy
        place = best.place
    }

    /// Named as such: a rule for everybody is meant for nobody.
    private static func isPeer(
        _ workload: Workload, in rule: NetworkPolicy.Rule, of policy: NetworkPolicy, _ state: DeclaredState
    ) -> Bool {
        (rule.peers ?? []).contains { entry in
            guard let pods = entry.pods, !pods.selector.selectsEverything, pods.selector.matches(workload.labels) else {
                return false
            }
            return pods.namespaces?.matches(state.labels(ofNamespace: workload.namespace))
                ?? (workload.namespace == policy.namespace)
        }
    }

    /// "NetworkPolicy shop/default-deny (a.yaml:3) and NetworkPolicy shop/api (a.yaml:12)"
    var words: String {
        listed(
            policies.map { policy in policy.object.title + (policy.object.place.words.map { " (\($0))" } ?? "") },
            limit: 4)
    }

    var titles: String { listed(policies.map(\.object.title), limit: 4) }
}
