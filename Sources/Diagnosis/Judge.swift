import NetValues
import Observations
import Planning

/// Turns records into a judgement: asks every rule, joins what is the same, lets the lower layer and the named cause win,
/// and gives each check its status (catalogue section 1.6).
package struct Judge: Sendable {
    private let resolver: ResolverConfiguration
    package let now: WallTime
    private let declared: DeclaredView?

    /// - Parameters:
    ///   - now: the wall clock, against which certificates are held.
    ///   - declared: what manifests say, where any were read.
    package init(resolver: ResolverConfiguration, now: WallTime, declared: DeclaredView? = nil) {
        self.resolver = resolver
        self.now = now
        self.declared = declared
    }

    package func judge(
        _ records: [CheckRecord], strain: VantageStrain = VantageStrain(),
        vantage: VantageObservation = VantageObservation()
    ) -> Judgement {
        judge(
            Evidence(
                records: records, strain: strain, vantage: vantage, resolver: resolver, now: now, declared: declared))
    }

    /// Of all that a run has brought. Checks that the log has let go are not among those of the judgement.
    package func judge(
        _ log: EvidenceLog, strain: VantageStrain, vantage: VantageObservation = VantageObservation()
    ) -> Judgement {
        judge(
            Evidence(
                records: log.records, traces: log.traces, strain: strain, vantage: vantage, resolver: resolver,
                now: now,
                declared: declared
            ),
            passedBefore: log.letGo > 0)
    }

    /// Of a capture by itself, without checks. Inconclusive when it holds nothing.
    package func judge(packets: PacketSummary) -> Judgement {
        var judgement = judge(
            Evidence(records: [], resolver: resolver, now: now, packets: packets), passedBefore: packets.packets > 0)
        judgement.findings = Abundance.limit(judgement.findings)
        judgement.isIncomplete = packets.packets == 0
        return judgement
    }

    private func judge(_ evidence: Evidence, passedBefore: Bool = false) -> Judgement {
        let raised = RuleBook.rules.flatMap { $0.findings(in: evidence) }
        let ordered = Ranking.order(
            Confidences.apply(
                to: Consequences.attach(
                    to: Severities.apply(
                        to: Consequences.link(
                            in: RangeGathering.apply(
                                to: Absorption.apply(to: judged(raised), evidence), evidence), evidence), evidence),
                    evidence), evidence))
        let findings = DeclaredPlaces.attach(to: ordered, evidence)
        let checks = Statuses.judge(evidence, findings)
        let isIncomplete = Self.isIncomplete(evidence)
        var judgement = Judgement(
            verdict: verdict(findings, checks, isIncomplete: isIncomplete, passedBefore: passedBefore), checks: checks,
            findings: findings, isIncomplete: isIncomplete)
        judgement.declaredLimits = evidence.declared?.limits(for: evidence.checks) ?? []
        return judgement
    }

    /// What another finding explains goes before findings are joined, lest its evidence stay behind; and once more after,
    /// since a joined finding may weigh more.
    private func judged(_ raised: [Finding]) -> [Finding] {
        Suppression.apply(to: Merging.merge(Suppression.apply(to: raised)))
    }

    /// Whether checks that need this one may start.
    package func mayFollow(_ record: CheckRecord) -> Bool {
        guard record.ending == .measured, !record.samples.isEmpty else { return false }
        // Quality does not stand in the way of what needs the check: only an outright failure does.
        return !CheckEvidence.isAllFailing(record)
    }

    /// Something that was asked could not be measured, by itself or since what it needs could not; or nothing at all could.
    private static func isIncomplete(_ evidence: Evidence) -> Bool {
        let unmeasured = evidence.checks.filter(isUnmeasured)
        guard !unmeasured.isEmpty else { return false }
        var lost = Set(unmeasured.map(\.name))
        var followers = evidence.checks
        // Each round goes one need further up, and ends where nothing is added.
        while true {
            let added = followers.filter { check in
                if case .skipped(let need) = check.ending {
                    lost.contains(need) && !lost.contains(check.name)
                } else {
                    false
                }
            }
            if added.isEmpty { break }
            lost.formUnion(added.map(\.name))
            followers.removeAll { lost.contains($0.name) }
        }
        return evidence.checks.contains { $0.check.isAsked && lost.contains($0.name) }
            || evidence.checks.allSatisfy { lost.contains($0.name) }
    }

    /// We were unable, or the run was stopped before the first sample, or what was seen does not tell what was asked.
    private static func isUnmeasured(_ check: CheckEvidence) -> Bool {
        switch check.ending {
        case .unmeasured: true
        case .interrupted: check.samples.isEmpty
        case .measured: check.undecided != nil
        case .skipped: false
        }
    }

    private func verdict(
        _ findings: [Finding], _ checks: [CheckJudgement], isIncomplete: Bool, passedBefore: Bool
    ) -> Judgement.Verdict {
        let worst = findings.map(\.severity).max() ?? .info
        if worst >= .error { return .failing }
        let measuredNothing =
            !passedBefore && !checks.contains { [.passed, .warned, .failed].contains($0.status) }
        if isIncomplete || measuredNothing { return .inconclusive }
        return worst == .warning ? .degraded : .healthy
    }
}
