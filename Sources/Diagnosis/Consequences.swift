import NetValues
import Observations
import Planning

/// What follows from each finding: the checks that were skipped because of the ones it broke.
enum Consequences {
    static func attach(to findings: [Finding], _ evidence: Evidence) -> [Finding] {
        var skipped: [String: [String]] = [:]
        for check in evidence.checks {
            if case .skipped(let need) = check.ending { skipped[need, default: []].append(check.name) }
        }
        guard !skipped.isEmpty else { return findings }
        return findings.map { finding in
            guard Suppression.layer(of: finding).explainsFailure else { return finding }
            var finding = finding
            finding.explains += finding.checks.flatMap { followers(of: $0, skipped) }.unique().map {
                "check “\($0)” was skipped"
            }
            return finding
        }
    }

    private static func followers(of check: String, _ skipped: [String: [String]]) -> [String] {
        var found: [String] = []
        var open = skipped[check] ?? []
        while let next = open.popLast() {
            found.append(next)
            open += skipped[next] ?? []
        }
        return found.reversed()
    }
}
