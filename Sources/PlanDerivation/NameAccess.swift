import Connectivity
import Manifests
import NetValues
import YAML

/// Whether the vantage can resolve names of the cluster.
enum NameAccess {
    case works
    /// No rule of these policies lets a question pass.
    case denied([PolicyDecision])
    /// It asks another resolver, by its dnsPolicy.
    case elsewhere(String)

    var isOfCluster: Bool { if case .works = self { true } else { false } }
    var isDenied: Bool { if case .denied = self { true } else { false } }

    private static let port: UInt16 = 53
    static let serverNamespace = "kube-system"
    static let serverNames: Set<String> = ["kube-dns", "coredns", "rke2-coredns-rke2-coredns"]

    init(_ state: DeclaredState, _ evaluation: PolicyEvaluation, _ vantage: Int) {
        let workload = state.workloads[vantage]
        let policy = workload.template.spec["dnsPolicy"]?.text ?? "ClusterFirst"
        if policy == "Default" || workload.isHostNetwork && policy == "ClusterFirst" {
            self = .elsewhere(
                workload.isHostNetwork && policy == "ClusterFirst"
                    ? "host-network pods ask the node's resolver unless dnsPolicy is ClusterFirstWithHostNet"
                    : "dnsPolicy Default asks the node's resolver")
            return
        }
        let isolating = evaluation.policies(isolating: vantage, .egress)
        let denial = NameAccess.denied(
            isolating.map {
                PolicyDecision(
                    place: $0.object.place, policy: "\($0.namespace)/\($0.name)", direction: .egress, rule: nil)
            })
        let servers = Self.servers(state)
        if !servers.isEmpty {
            let verdicts = servers.map {
                evaluation.verdict(from: .workload(vantage), to: .workload($0), transport: .udp, port: Self.port)
            }
            let decisions = verdicts.flatMap(\.decidedBy).filter { $0.rule == nil }.unique()
            self = verdicts.contains(where: \.isAllowed) ? .works : .denied(decisions)
        } else {
            self = isolating.isEmpty || isolating.contains(where: Self.mayLetQuestionsPass) ? .works : denial
        }
    }

    private static func servers(_ state: DeclaredState) -> [Int] {
        let found = serverNames.sorted().compactMap { state.service(serverNamespace, $0)?.selector }
        return found.flatMap { state.indices(in: serverNamespace, with: LabelSelector(matchLabels: $0)) }.unique()
    }

    /// Where the servers are in no manifest, a rule for the port is taken at its word, but for peers that cannot be they.
    private static func mayLetQuestionsPass(_ policy: NetworkPolicy) -> Bool {
        policy.egress.contains { rule in
            rule.mayAllow(.udp, port)
                && (rule.peers?.contains { entry in
                    if case .pods(_, namespaces: nil) = entry.peer { policy.namespace == serverNamespace } else { true }
                } ?? true)
        }
    }
}
