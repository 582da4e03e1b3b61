import Planning

/// A check's own `severity` replaces that of a finding which this check alone causes.
enum Severities {
    static func apply(to findings: [Finding], _ evidence: Evidence) -> [Finding] {
        let declared = Dictionary(
            evidence.checks.compactMap { check in check.check.severity.map { (check.name, $0) } },
            uniquingKeysWith: { first, _ in first })
        guard !declared.isEmpty else { return findings }
        return findings.map { finding in
            guard finding.checks.count == 1, Suppression.layer(of: finding) != .notice,
                let severity = declared[finding.checks[0]]
            else { return finding }
            var finding = finding
            finding.severity = severity
            return finding
        }
    }
}
