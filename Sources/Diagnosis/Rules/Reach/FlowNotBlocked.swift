import NetValues
import Observations
import Planning

/// What should be blocked gets through (catalogue section 21).
enum FlowNotBlocked: Rule {
    static let layer = Layer.reach
    static let explanation = FindingExplanation(
        id: "flow-not-blocked", severity: .error, title: "A flow that must be blocked gets through",
        signals: ["the plan says expect: blocked, and the target answers"],
        lookalikes: [
            "a proxy that accepts every connection: name a protocol (tls, http) so that a real answer is required"
        ],
        traps: ["a rule that was applied a moment ago may not be in force yet"],
        remedy: [
            "add the rule that denies this flow, on the target's or the source's side",
            "check that the network plugin enforces policies at all",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let open = evidence.measured.filter { check in
            check.check.expectation.word == .blocked && !check.check.expectation.isClosedByOmission
                && check.samples.contains { CheckEvidence.passage(of: $0) == .through }
        }
        return grouped(open, by: \.subject).map { subject, members in
            let through = members.flatMap(\.samples).count { CheckEvidence.passage(of: $0) == .through }
            let total = members.flatMap(\.samples).count
            return finding(
                subject, checks: members.map(\.name), confidence: .certain,
                summary: "\(subject) should be blocked from here, but it answers.",
                evidence: ["\(through) of \(counted(total, "attempt")) got through"]
                    + flowLines(members.flatMap(\.targetFlows).filter { $0.outcome == .answered }, limit: 3),
                cause: isDenied(members, evidence.declared)
                    ? "The declared policies deny this flow: they are not applied, or nothing enforces them."
                    : "No policy on the way stops this flow, or the one that should does not select these endpoints.")
        }
    }

    private static func isDenied(_ checks: [CheckEvidence], _ view: DeclaredView?) -> Bool {
        guard let view else { return false }
        return checks.contains { DeclaredDenial($0, view) != nil }
    }
}
