import Auditing
import Diagnosis
import ManifestFiles
import Manifests

/// Findings of a manifest written in a test.
func audit(_ text: String, file: String = "a.yaml") -> [Finding] {
    AuditBook.judge(DeclaredState(ManifestReader.read(Array(text.utf8), file: file)))
}

extension [Finding] {
    /// "id:line" of each.
    var places: [String] { map { "\($0.id):\($0.location?.line ?? 0)" } }
    var ids: [String] { map(\.id) }
}
