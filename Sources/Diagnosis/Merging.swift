import NetValues

/// Findings of the same id about the same subject are one finding.
enum Merging {
    static func merge(_ findings: [Finding]) -> [Finding] {
        grouped(findings, by: { [$0.id, $0.subject] }).map { _, members in
            members.dropFirst().reduce(into: members[0]) { merged, next in
                merged.checks = (merged.checks + next.checks).unique()
                merged.evidence = Array((merged.evidence + next.evidence).unique().prefix(12))
                merged.severity = max(merged.severity, next.severity)
                merged.replaces.formUnion(next.replaces)
            }
        }
    }
}
