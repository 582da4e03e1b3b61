import Diagnosis
import Manifests
import NetValues

/// What may be said of things that were not read.
extension DeclaredState {
    /// Of a reference to a kind that nothing read satisfies: a whole cluster leaves no doubt.
    func confidence(ofMissing kind: String) -> Finding.Confidence { set.hasAll(kind) ? .certain : .possible }

    /// Evidence that tells the limit of a finding about what is missing; nothing where all of the kind was read.
    func limits(_ kind: String, _ words: String) -> [String] { set.hasAll(kind) ? [] : [words] }

    /// Namespaces in which something that runs pods was declared, in order of first appearance.
    var populatedNamespaces: [String] { workloads.lazy.map(\.namespace).unique() }
}
