import NetValues
import Observations
import Planning

/// A host that cannot be reached does not answer ping either: the silent echo belongs to the finding that says why, and is
/// no second cause.
enum Absorption {
    static func apply(to findings: [Finding], _ evidence: Evidence) -> [Finding] {
        let checks = Dictionary(evidence.checks.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let hosts = findings.filter {
            [.vantage, .route, .reach].contains(Suppression.layer(of: $0)) && $0.severity >= .error
        }
        var absorbed: [String: [String]] = [:]
        let rest = findings.filter { finding in
            guard finding.id == ExpectationUnmet.id, let check = finding.checks.first.flatMap({ checks[$0] }),
                isSilentEcho(check)
            else { return true }
            guard let host = hosts.first(where: { concerns($0, check, checks) }) else { return true }
            absorbed[host.id + " " + host.subject, default: []] += finding.checks
            return false
        }
        return rest.map { finding in
            guard let names = absorbed[finding.id + " " + finding.subject] else { return finding }
            var finding = finding
            finding.checks += names
            finding.evidence.append("ping is not answered either")
            return finding
        }
    }

    private static func isSilentEcho(_ check: CheckEvidence) -> Bool {
        check.check.kind == "icmp" && check.check.expectation.word == .reachable && !check.echoes.isEmpty
            && check.echoes.allSatisfy { $0.outcome != .replied }
    }

    private static func concerns(_ finding: Finding, _ echo: CheckEvidence, _ checks: [String: CheckEvidence]) -> Bool {
        let addresses = Set(echo.addresses)
        return finding.checks.contains { name in checks[name]?.addresses.contains(where: addresses.contains) ?? false }
    }
}
