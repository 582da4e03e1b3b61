import Diagnosis
import Manifests
import Planning

/// Findings about what no object of the set is: a shell line of a guide, a namespace that only a command makes.
enum DesignFinding {
    static func of(
        _ rule: any AuditRule.Type, subject: String, at place: ManifestPlace, confidence: Finding.Confidence,
        summary: String, evidence: [String], cause: String, patch: String? = nil
    ) -> Finding {
        var finding = Finding(
            id: rule.explanation.id, severity: rule.explanation.severity, confidence: confidence, subject: subject,
            checks: [], summary: summary, evidence: evidence, cause: cause, remedy: rule.explanation.remedy)
        finding.location = Finding.Location(file: place.file, line: place.line, object: subject)
        finding.patch = patch
        return finding
    }
}
