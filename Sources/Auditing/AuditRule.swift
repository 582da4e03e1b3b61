import Diagnosis
import Manifests
import Planning
import YAML

/// Knowledge of one problem that manifests show by themselves. One file each in `Rules/`, one line in `AuditBook`.
package protocol AuditRule: Sendable {
    static var explanation: FindingExplanation { get }
    /// The findings that the declared state supports; none on sound manifests.
    static func findings(in state: DeclaredState) -> [Finding]
}

extension AuditRule {
    static var id: String { explanation.id }

    /// A finding with this rule's id and severity, about one object.
    /// - Parameter place: the line that is wrong; the object's first by default.
    static func finding(
        _ object: ManifestObject, at place: ManifestPlace? = nil, severity: Severity? = nil,
        confidence: Finding.Confidence = .certain, summary: String, evidence: [String], cause: String,
        remedy: [String]? = nil, patch: String? = nil
    ) -> Finding {
        let whole = patch.map { ObjectPatch($0, of: object) }
        var finding = finding(
            about: object.title, at: place ?? object.place, severity: severity, confidence: confidence,
            summary: summary, evidence: evidence, cause: cause, remedy: remedy, patch: whole?.text)
        finding.isPatchPart = whole?.isPart ?? false
        return finding
    }

    /// The same about what is no object, such as a text that cannot be read.
    static func finding(
        about subject: String, at place: ManifestPlace, severity: Severity? = nil,
        confidence: Finding.Confidence = .certain, summary: String, evidence: [String], cause: String,
        remedy: [String]? = nil, patch: String? = nil
    ) -> Finding {
        var finding = Finding(
            id: id, severity: severity ?? explanation.severity, confidence: confidence, subject: subject,
            checks: [], summary: summary, evidence: evidence, cause: cause, remedy: remedy ?? explanation.remedy)
        finding.location = Finding.Location(file: place.file, line: place.line, object: subject)
        finding.patch = patch
        return finding
    }
}

extension FindingExplanation {
    /// Of an id that is also found by probes: told once, with the rule that probes.
    static func shared(_ id: String, severity: Severity) -> FindingExplanation {
        RuleBook.explanation(of: id)
            ?? FindingExplanation(id: id, severity: severity, title: id, signals: [], lookalikes: [], remedy: [])
    }
}
