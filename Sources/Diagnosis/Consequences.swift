import NetValues
import Observations
import Planning
import Wire

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

    /// Findings that follow from others, with the others' ids.
    static func link(in findings: [Finding], _ evidence: Evidence) -> [Finding] {
        linkPortal(in: linkEgress(in: linkWaits(in: findings, evidence), evidence))
    }

    /// Whoever has not signed in at a portal does not get out.
    private static func linkPortal(in findings: [Finding]) -> [Finding] {
        guard findings.contains(where: { $0.id == CaptiveAnswer.id }) else { return findings }
        return findings.map { finding in
            guard finding.id == EgressBlockedInternet.id else { return finding }
            var finding = finding
            finding.causedBy.append(CaptiveAnswer.id)
            return finding
        }
    }

    /// A connection that came late since a dead or late address was tried first.
    private static func linkWaits(in findings: [Finding], _ evidence: Evidence) -> [Finding] {
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

    /// Name servers on the internet are out of reach with all that is there.
    private static func linkEgress(in findings: [Finding], _ evidence: Evidence) -> [Finding] {
        guard findings.contains(where: { $0.id == EgressBlockedInternet.id }) else { return findings }
        let silent = evidence.servers.filter(\.isSilent).map(\.server.address)
        guard !silent.isEmpty, silent.allSatisfy({ PacketAddress($0).isInternet }) else { return findings }
        return findings.map { finding in
            guard finding.id == DNSServerUnreachable.id else { return finding }
            var finding = finding
            finding.causedBy.append(EgressBlockedInternet.id)
            return finding
        }
    }

    private static func waitsToConnect(_ check: CheckEvidence) -> Bool {
        SlowCheck(check)?.waitsForAddresses ?? false
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
