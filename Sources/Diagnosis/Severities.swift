import Planning

/// A check's own `severity` replaces that of a finding which this check alone causes. A finding of several checks is as grave as the gravest of
/// them says, and never less grave than it is by itself.
enum Severities {
    static func apply(to findings: [Finding], _ evidence: Evidence) -> [Finding] {
        let declared = Dictionary(
            evidence.checks.compactMap { check in check.check.severity.map { (check.name, $0) } },
            uniquingKeysWith: { first, _ in first })
        guard !declared.isEmpty else { return findings }
        return findings.map { finding in
            guard Suppression.layer(of: finding) != .notice,
                let severity = finding.checks.compactMap({ declared[$0] }).max()
            else { return finding }
            var finding = finding
            finding.severity = finding.checks.count == 1 ? severity : max(severity, finding.severity)
            return finding
        }
    }
}
