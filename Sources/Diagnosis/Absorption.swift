import NetValues
import Observations
import Planning

/// A host that cannot be reached does not answer ping either: the silent echo belongs to the finding that says why, and is
/// no second cause.
enum Absorption {
    static func apply(to findings: [Finding], _ evidence: Evidence) -> [Finding] {
        let checks = Dictionary(evidence.checks.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let findings = belowNames(findings, checks, evidence)
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
            // What was asked for weighs more than a warning.
            let isAsked = findings[index].checks.contains { checks[$0]?.check.isAsked ?? false }
            guard findings[cause].severity >= .error || !isAsked else { continue }
            result[cause].checks += findings[index].checks
            result[cause].evidence = (result[cause].evidence + ["ping is not answered either"]).unique()
            absorbed.insert(index)
        }
        return result.indices.filter { !absorbed.contains($0) }.map { result[$0] }
    }

    /// A Service's address need not answer ping at all.
    private static let ofServices: Set = [ServiceNoEndpoints.id, ServicePortMismatch.id]

    /// Findings that say why an address cannot be reached, by that address.
    private static func causesByAddress(_ findings: [Finding], _ checks: [String: CheckEvidence]) -> [IPAddress: Int] {
        var causes: [IPAddress: Int] = [:]
        for (index, finding) in findings.enumerated() {
            guard finding.severity >= .error || finding.id == UDPNoResponse.id else { continue }
            guard
                [.vantage, .route, .reach].contains(Suppression.layer(of: finding)) || ofServices.contains(finding.id)
            else { continue }
            for address in finding.checks.compactMap({ checks[$0] }).flatMap(\.addresses) where causes[address] == nil {
                causes[address] = index
            }
        }
        return causes
    }

    /// The ping that `check` adds goes to one address of the name. Where that one is known as dead while others work, it belongs
    /// to the finding that says so.
    private static func belowNames(
        _ findings: [Finding], _ checks: [String: CheckEvidence], _ evidence: Evidence
    ) -> [Finding] {
        let ids: Set = [IPv6Broken.id, IPv4Broken.id, AddressDead.id]
        guard findings.contains(where: { ids.contains($0.id) }) else { return findings }
        var result = findings
        for name in NameReach.all(in: evidence) {
            let dead = Set(name.addresses.filter { $0.state == .dead }.map(\.endpoint.address))
            guard let cause = result.firstIndex(where: { ids.contains($0.id) && $0.subject == name.subject }) else {
                continue
            }
            for index in result.indices where index != cause {
                let pings = result[index].checks.filter {
                    guard let check = checks[$0], !check.check.isAsked, check.isEchoSeries else { return false }
                    return check.isAllFailing && check.echoes.allSatisfy { dead.contains($0.address) }
                }
                guard !pings.isEmpty, pings.count == result[index].checks.count else { continue }
                result[index].checks = []
                result[cause].checks = (result[cause].checks + pings).unique()
                result[cause].evidence.append("ping of the same address is not answered either")
            }
        }
        // About the run as a whole are those that never had a check.
        return zip(findings, result).filter { $0.checks.isEmpty || !$1.checks.isEmpty }.map(\.1)
    }

    private static func isSilentEcho(_ check: CheckEvidence) -> Bool {
        check.check.kind == "icmp" && check.check.expectation.word == .reachable && !check.echoes.isEmpty
            && check.echoes.allSatisfy { $0.outcome != .replied }
    }
}
