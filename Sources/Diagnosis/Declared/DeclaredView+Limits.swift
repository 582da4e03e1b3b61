import Manifests
import NetValues
import Observations

extension DeclaredView {
    /// For whoever wonders why manifests explain nothing: what could not be read, and names that mean another address here.
    func limits(for checks: [CheckEvidence]) -> [String] {
        let strange = checks.compactMap(strangeAddresses).map { service, found in
            "Service \(service.namespace)/\(service.name) has the address \(listed(service.clusterIPs)) in the manifests, and its name means \(listed(found.map(\.description), limit: 4)) here: they may be of another cluster, so its checks are judged without them"
        }
        return state.set.notReadable.map { "not readable: \($0.what): \($0.why)" } + strange.unique()
    }
}
