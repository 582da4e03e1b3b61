import Planning

/// Findings in order of importance, the headline first: severity, then what nothing else explains, then the lower layer, then
/// confidence, then how many checks it accounts for.
enum Ranking {
    static func order(_ findings: [Finding]) -> [Finding] {
        findings.enumerated().sorted { left, right in
            key(left.element, left.offset).lexicographicallyPrecedes(key(right.element, right.offset))
        }
        .map(\.element)
    }

    private static func key(_ finding: Finding, _ position: Int) -> [Int] {
        let severity = Severity.allCases.firstIndex(of: finding.severity) ?? 0
        let confidence = Finding.Confidence.allCases.firstIndex(of: finding.confidence) ?? 0
        return [
            finding.causedBy.isEmpty ? 0 : 1, -severity, Suppression.layer(of: finding).rawValue, confidence,
            -(finding.checks.count + finding.explains.count), position,
        ]
    }
}
