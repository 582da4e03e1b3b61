import Connectivity
import Manifests
import NetValues
import Observations
import Planning

/// One environment gets at another (catalogue section 13).
enum EnvIsolationBreach: Rule {
    static let layer = Layer.reach
    static let explanation = FindingExplanation(
        id: "env-isolation-breach", severity: .critical, title: "One environment reaches another",
        signals: [
            "the plan says expect: blocked, the flow connects, and the two ends are of different environments: by the labels of the check (from, to) or of their namespaces (environment, env, stage)",
            "in manifests: namespaces are told apart by such a label, and no policy looks at it",
        ],
        lookalikes: [
            "flow-not-blocked: no labels tell two environments apart",
            "a shared service, which the plan does not want blocked",
        ],
        traps: ["that a name resolves is no breach"],
        remedy: [
            "deny by default in both namespaces, and allow by a namespaceSelector on the environment",
            "then prove it: leadsman check from a pod of the other environment, with expect: blocked",
            "check that the network plugin enforces policies at all",
        ])

    static let replaces: Set<String> = ["flow-not-blocked"]

    static func findings(in evidence: Evidence) -> [Finding] {
        let open = evidence.measured.filter { check in
            check.check.expectation.word == .blocked
                && check.samples.contains { CheckEvidence.passage(of: $0) == .through }
        }
        let breaches = open.compactMap { check in
            environments(check, evidence).map { (check: check, from: $0.from, to: $0.to) }
        }
        return grouped(breaches, by: { "\($0.from)→\($0.to)" }).map { _, members in
            let first = members[0]
            let subjects = members.map(\.check.subject).unique()
            return finding(
                listed(subjects), checks: members.map(\.check.name), confidence: .certain,
                summary:
                    "\(first.from) reaches \(first.to): \(listed(subjects)) should be blocked from here, and answers.",
                evidence: flowLines(members.flatMap(\.check.targetFlows).filter { $0.outcome == .answered }),
                cause: "Nothing keeps the two environments apart for this flow.")
        }
    }

    private static func environments(_ check: CheckEvidence, _ evidence: Evidence) -> (from: String, to: String)? {
        if let from = check.check.labels["from"], let to = check.check.labels["to"], from != to { return (from, to) }
        guard let view = evidence.declared, let vantage = view.vantage, let destination = view.destination(of: check),
            case .workload(let target)? = destination.ends.first?.party,
            let from = view.state.environment(ofNamespace: view.state.workloads[vantage].namespace),
            let to = view.state.environment(ofNamespace: view.state.workloads[target].namespace), from != to
        else { return nil }
        return (from, to)
    }
}
