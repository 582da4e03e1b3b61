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

    /// A connection that came late since a dead or late address was tried first.
    static func linkWaits(in findings: [Finding], _ evidence: Evidence) -> [Finding] {
        let ids: Set = [IPv6Broken.id, IPv4Broken.id, AddressDead.id]
        let causes = findings.filter { ids.contains($0.id) }
        guard !causes.isEmpty else { return findings }
        let checks = Dictionary(evidence.checks.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return findings.map { finding in
            guard finding.id == LatencyHighP95.id,
                let cause = causes.first(where: { Set($0.checks).isSuperset(of: finding.checks) }),
                finding.checks.compactMap({ checks[$0] }).allSatisfy({ waitsToConnect($0) })
            else { return finding }
            var finding = finding
            finding.causedBy.append(cause.id)
            return finding
        }
    }

    private static func waitsToConnect(_ check: CheckEvidence) -> Bool {
        SlowCheck(check)?.stages.first?.name == "TCP connect" && Set(check.connects.map(\.endpoint)).count > 1
    }

    private static func followers(of check: String, _ skipped: [String: [String]]) -> [String] {
        var found: [String] = []
        var level = skipped[check] ?? []
        while !level.isEmpty {
            found += level
            level = level.flatMap { skipped[$0] ?? [] }
        }
        return found
    }
}
