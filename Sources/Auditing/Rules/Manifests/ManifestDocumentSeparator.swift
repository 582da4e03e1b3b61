import Diagnosis
import Manifests
import Planning

/// Two objects in one YAML document.
enum ManifestDocumentSeparator: AuditRule {
    static let explanation = FindingExplanation(
        id: "manifest-document-separator", severity: .error, title: "Two objects share one YAML document",
        signals: ["`apiVersion` or `kind` stands twice in the outermost mapping of one document"],
        lookalikes: ["a key that is repeated within one object: manifest-invalid"],
        traps: ["a comment between two objects looks like a separator and is none"],
        remedy: ["put a line `---` before the second object"])

    static func findings(in state: DeclaredState) -> [Finding] {
        state.set.problems.filter { $0.kind == .missingSeparator }.compactMap { problem in
            // The object that begins at that line.
            guard let object = state.set.objects.first(where: { $0.place == problem.place }) else { return nil }
            return finding(
                object, at: problem.place,
                summary: "\(object.title) begins inside the YAML document of the object before it: `---` is missing.",
                evidence: [problem.message],
                cause:
                    "Strict readers refuse such a document; others keep the last value of each key, so that the object before silently vanishes.",
                patch: "---")
        }
    }
}
