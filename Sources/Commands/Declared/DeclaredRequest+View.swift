import Diagnosis
import Manifests
import NetValues
import Observations

extension DeclaredRequest {
    /// What was declared as this vantage sees it: by the name that the user says, by the files of a pod, or by the own addresses.
    func view(_ vantage: VantageState, _ surroundings: VantageSurroundings) -> DeclaredView? {
        guard let state else { return nil }
        let cluster = surroundings.cluster
        var found = name
        if found == nil, let namespace = cluster.namespace, let pod = cluster.pod {
            let own = DeclaredState.Name(namespace, pod)
            found = state.index(ofWorkload: own) == nil ? nil : own
        }
        let addresses = vantage.interfaces.filter { !$0.isLoopback }.flatMap(\.assignments).map(\.address)
        let view = DeclaredView(state, name: found, namespace: cluster.namespace, addresses: addresses)
        if view.vantage == nil {
            complain(
                "which pod of the manifests this is is not known, so policies are not joined: name it with --as NAMESPACE/POD"
            )
        }
        if let holder = view.contradiction {
            complain(
                "an address of this host is that of \(holder.escaped(limit: 320)) in the manifests: policies are judged as they say it is another, and findings of them are worth less"
            )
        }
        return view
    }
}
