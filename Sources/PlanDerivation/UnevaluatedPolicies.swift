import Connectivity
import Manifests
import NetValues
import YAML

/// What else may deny a flow, and is not evaluated: told, since a check of such a flow expects that it passes.
extension PlanDerivation {
    private static let kinds: [(kind: String, groups: Set<String>, why: String)] = [
        ("AdminNetworkPolicy", ["policy.networking.k8s.io"], "not evaluated"),
        ("BaselineAdminNetworkPolicy", ["policy.networking.k8s.io"], "not evaluated"),
        ("CiliumNetworkPolicy", ["cilium.io"], "not evaluated"),
        ("CiliumClusterwideNetworkPolicy", ["cilium.io"], "not evaluated"),
        ("NetworkPolicy", ["crd.projectcalico.org", "projectcalico.org"], "not evaluated"),
        ("GlobalNetworkPolicy", ["crd.projectcalico.org", "projectcalico.org"], "not evaluated"),
        ("AuthorizationPolicy", ["security.istio.io"], "not evaluated: it may answer requests with 403"),
    ]

    mutating func noteUnevaluated() {
        for entry in Self.kinds {
            let objects = state.objects(entry.kind).filter { entry.groups.contains($0.group) }
            guard let first = objects.first else { continue }
            let others = objects.count > 1 ? " and \(objects.count - 1) more" : ""
            note("\(because(first))\(others): \(entry.why); what it denies is expected to work here")
        }
        for policy in evaluation.refused {
            note("\(because(policy.object)): the API would refuse it, so it decides nothing here")
        }
        for object in state.objects("PeerAuthentication", "security.istio.io")
        where object["spec", "mtls", "mode"]?.text == "STRICT" {
            note("\(because(object)): demands mTLS; from a pod without a sidecar the http checks behind it fail")
        }
    }
}
