import NetValues
import Observations
import Planning

/// A host that cannot be reached does not answer ping either: the silent echo belongs to the finding that says why, and is
/// no second cause.
enum Absorption {
    static func apply(to findings: [Finding], _ evidence: Evidence) -> [Finding] {
        let checks = Dictionary(evidence.checks.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let silent = findings.indices.filter { index in
            findings[index].id == ExpectationUnmet.id
                && findings[index].checks.first.flatMap { checks[$0] }.map(isSilentEcho) ?? false
        }
        guard !silent.isEmpty else { return findings }
        let causes = causesByAddress(findings, checks)
        var result = findings
        var absorbed: Set<Int> = []
        for index in silent {
            let addresses = findings[index].checks.compactMap { checks[$0] }.flatMap(\.addresses)
            guard let cause = addresses.lazy.compactMap({ causes[$0] }).first else { continue }
            result[cause].checks += findings[index].checks
            result[cause].evidence = (result[cause].evidence + ["ping is not answered either"]).unique()
            absorbed.insert(index)
        }
        return result.indices.filter { !absorbed.contains($0) }.map { result[$0] }
    }

    /// Findings that say why an address cannot be reached, by that address.
    private static func causesByAddress(_ findings: [Finding], _ checks: [String: CheckEvidence]) -> [IPAddress: Int] {
        var causes: [IPAddress: Int] = [:]
        for (index, finding) in findings.enumerated() where finding.severity >= .error {
            guard [.vantage, .route, .reach].contains(Suppression.layer(of: finding)) else { continue }
            for address in finding.checks.compactMap({ checks[$0] }).flatMap(\.addresses) where causes[address] == nil {
                causes[address] = index
            }
        }
        return causes
    }

    private static func isSilentEcho(_ check: CheckEvidence) -> Bool {
        check.check.kind == "icmp" && check.check.expectation.word == .reachable && !check.echoes.isEmpty
            && check.echoes.allSatisfy { $0.outcome != .replied }
    }
}
