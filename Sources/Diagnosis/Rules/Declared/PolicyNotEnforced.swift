import Connectivity
import Manifests
import NetValues
import Observations
import Planning

/// A flow that the declared policies deny, and that passes (catalogue section 4).
enum PolicyNotEnforced: Rule {
    static let layer = Layer.reach
    static let explanation = FindingExplanation(
        id: "policy-not-enforced", severity: .critical, title: "NetworkPolicies are not enforced",
        signals: [
            "manifests: no rule allows the flow, and a policy isolates one of its ends; probes: it connects (over UDP: two answers)",
            "manifests: no rule lets questions pass to the name server; probes: it answers them",
        ],
        lookalikes: [
            "the source is the target's own node, or has the node's network: that is always allowed",
            "the policy was applied seconds ago", "flow-not-blocked: no manifest was read, or it allows the flow",
            "an ipBlock has the Service's own address: whether policies see it is left to the network plugin",
        ],
        traps: [
            "some network plugins let traffic in by a load balancer's address past the policy",
            "the manifests that were read may not be those that are applied: read the cluster itself (--manifests cluster)",
        ],
        remedy: [
            "see that the network plugin enforces policies at all: kubectl -n kube-system get pods shows Calico, Cilium or another that does",
            "on AKS: create the cluster with a policy engine (--network-policy cilium), since without one policies have no effect",
            "compare the manifests with what is applied: kubectl diff -f PATH",
        ])

    static let replaces: Set<String> = ["flow-not-blocked", "unrestricted-egress", "env-isolation-breach"]

    static func findings(in evidence: Evidence) -> [Finding] {
        guard let view = evidence.declared, view.contradiction == nil, let vantage = view.vantage,
            !view.state.workloads[vantage].isHostNetwork
        else { return [] }
        let denials = evidence.measured.filter {
            isPassing($0) && !TransparentProxy.acceptsForNobody($0, in: evidence)
        }.compactMap { DeclaredDenial($0, view) }
            .filter { !$0.mayPassByServiceAddress }
        return grouped(denials, by: \.check.subject).map { subject, members in judge(subject, members) }
            + [names(evidence, view, view.state.workloads[vantage].title)].compactMap(\.self)
    }

    /// A handshake to its end shows the way there and back. Of several attempts two are wanted, lest one came before the policy.
    private static func isPassing(_ check: CheckEvidence) -> Bool {
        let passing = check.samples.filter { CheckEvidence.passage(of: $0) == .through }
        return passing.count >= 2 || passing.count == check.samples.count && check.connects.contains { $0.isConnected }
    }

    private static let cause =
        "A NetworkPolicy is only an order: without a network plugin that carries it out nothing is denied. Or what is applied is not what was read."

    private static func judge(_ subject: String, _ members: [DeclaredDenial]) -> Finding {
        let denial = members[0]
        var finding = finding(
            subject, checks: members.map(\.check.name), confidence: .likely,
            summary:
                "The policies deny \(denial.destination.transport.rawValue) \(denial.portWords) from \(denial.from) to \(denial.destination.title), and it connects.",
            evidence: members.flatMap(\.lines).unique()
                + flowLines(members.flatMap(\.flows).filter { $0.outcome == .answered }, limit: 3),
            cause: cause)
        finding.location = denial.location
        return finding
    }

    /// Answers of name servers that the policies let no question pass to.
    private static func names(_ evidence: Evidence, _ view: DeclaredView, _ vantage: String) -> Finding? {
        guard let source = view.vantageParty else { return nil }
        // Whatever answers on the own node may always be asked, and an address that is no pod's may be the node's.
        let answering = evidence.servers.filter {
            $0.queries.count(where: \.isAnswer) >= 2 && view.parties(at: $0.server).allSatisfy(\.isPod)
        }
        let denied = answering.compactMap { state in
            view.egressDenying(state.server, from: source).map { (state: state, decisions: $0) }
        }
        guard !denied.isEmpty else { return nil }
        let states = denied.map(\.state)
        let policies = denied.flatMap(\.decisions).unique()
        var finding = finding(
            states.names, checks: states.checkNames(onlyFailing: false), confidence: .likely,
            summary: "The policies deny DNS from \(vantage) to \(states.names), and it answers.",
            evidence: policies.map {
                "policy \($0.policy)\($0.place.words.map { " (\($0))" } ?? "") isolates for egress, and no rule allows UDP 53 to \(states.names)"
            }
                + states.map {
                    "\($0.queries.count(where: \.isAnswer)) of \(counted($0.queries.count, "question")) to \($0.server) answered"
                },
            cause: cause)
        finding.location = policies.first.map {
            Finding.Location(file: $0.place.file, line: $0.place.line, object: "NetworkPolicy \($0.policy)")
        }
        return finding
    }
}

extension ConnectFact {
    fileprivate var isConnected: Bool { outcome == .connected }
}
