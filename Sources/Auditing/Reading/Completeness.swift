import Diagnosis
import Manifests
import NetValues

/// What may be said of things that were not read.
extension DeclaredState {
    /// Of a reference that nothing read satisfies: a whole cluster leaves no doubt.
    func confidence(ofMissing resources: String) -> Finding.Confidence {
        isWhole(resources) ? .certain : .possible
    }

    /// - Parameter resources: as the API names them, "secrets".
    func isWhole(_ resources: String) -> Bool {
        set.isComplete && !set.notReadable.contains { $0.what.lowercased().hasPrefix(resources) }
    }

    /// Evidence that tells the limit of a finding about what is missing; nothing for a whole cluster.
    func limits(_ resources: String, _ words: String) -> [String] {
        isWhole(resources) ? [] : [words]
    }

    /// Namespaces in which something that runs pods was declared, in order of first appearance.
    var populatedNamespaces: [String] { workloads.lazy.map(\.namespace).unique() }
}
