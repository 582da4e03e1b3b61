import NetValues
import Observations
import Planning

/// Gives each check its status and the finding that explains it. Not measured is not passed.
enum Statuses {
    static func judge(_ evidence: Evidence, _ findings: [Finding]) -> [CheckJudgement] {
        var byCheck: [String: [Finding]] = [:]
        for finding in findings {
            for check in finding.checks { byCheck[check, default: []].append(finding) }
        }
        return evidence.checks.map { judge($0, byCheck[$0.name] ?? [], evidence) }
    }

    /// - Parameter findings: of this check, the most important first.
    private static func judge(
        _ check: CheckEvidence, _ findings: [Finding], _ evidence: Evidence
    ) -> CheckJudgement {
        let (status, reason) = status(of: check, findings)
        var record = check.record
        record.ending = check.ending
        return CheckJudgement(
            record: record, status: status, reason: reason, failures: check.failures,
            latency: LatencySummary(check.latencies()), phases: medianPhases(check.samples),
            endpointState: check.check.range.map { _ in EndpointState(check, in: evidence) },
            distributions: StageDistribution.all(of: check), sampling: Sampling(check, strain: evidence.strain))
    }

    private static func status(of check: CheckEvidence, _ findings: [Finding]) -> (CheckJudgement.Status, String?) {
        switch check.ending {
        case .skipped(let need): return (.skipped, "needs “\(need)”, which did not pass")
        case .unmeasured(let inability): return (.unmeasured, inability.description)
        case .interrupted where check.samples.isEmpty:
            return (.skipped, "the run was stopped before anything of it was measured")
        case .measured where check.samples.isEmpty: return (.unmeasured, "no sample was taken")
        case .measured, .interrupted: break
        }
        let judging = findings.first { $0.severity > .info }
        if let judging { return (judging.severity >= .error ? .failed : .warned, judging.id) }
        if let undecided = check.undecided { return (.unmeasured, undecided) }
        return check.isFailing ? (.warned, findings.first?.id) : (.passed, nil)
    }

    private static func medianPhases(_ samples: [Sample]) -> Phases {
        func median(_ pick: (Phases) -> Duration?) -> Duration? {
            LatencySummary(samples.compactMap { pick($0.phases) })?.p50
        }
        return Phases(
            resolve: median(\.resolve), connect: median(\.connect), tls: median(\.tls), firstByte: median(\.firstByte),
            transfer: median(\.transfer))
    }
}
