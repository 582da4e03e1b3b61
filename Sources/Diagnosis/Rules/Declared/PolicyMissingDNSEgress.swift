import Connectivity
import Manifests
import NetValues
import Observations
import Planning

/// DNS is silent, and the policies of this pod do not allow it (catalogue section 4).
enum PolicyMissingDNSEgress: Rule {
    static let layer = Layer.resolution
    static let explanation = FindingExplanation(
        id: "policy-missing-dns-egress", severity: .error, title: "A policy isolates pods for egress without DNS",
        signals: [
            "manifests: a policy isolates the pod for egress, and no rule of any policy that selects it allows UDP and TCP 53 to the cluster's DNS; TCP alone missing is a warning",
            "manifests: the rule for port 53 names the DNS pods without a namespaceSelector: it means the policy's own namespace",
            "probes: the name server stays silent (together with the manifests: certain)",
        ],
        lookalikes: ["dns-server-unreachable: the same silence, and the policies allow it, or are not known"],
        traps: [
            "a rule without ports allows 53 too",
            "the cluster's DNS is seldom among the manifests that were read: a rule for pods on port 53 is taken to mean it",
            "a pod that needs no names needs no DNS",
            "a node-local cache (169.254.20.10; on AKS 169.254.10.10) has the node's network: only an ipBlock allows it",
        ],
        remedy: [
            "allow UDP and TCP 53 to the cluster's DNS pods (namespace kube-system, k8s-app=kube-dns), and to the node-local cache by an ipBlock where there is one"
        ])

    static let replaces: Set<String> = [
        "dns-server-unreachable", "dns-server-port-closed", "policy-denies-expected-flow", "expectation-unmet",
    ]

    static func findings(in evidence: Evidence) -> [Finding] {
        guard let view = evidence.declared, let vantage = view.vantage, let source = view.vantageParty else {
            return []
        }
        let silent = evidence.servers.filter { $0.isSilent && $0.queries.count >= 2 }
        let denied = silent.compactMap { state in
            view.egressDenying(state.server, from: source).map { (state: state, decisions: $0) }
        }
        guard let first = denied.first else { return [] }
        let states = denied.map(\.state)
        let workload = view.state.workloads[vantage]
        let policies = denied.flatMap(\.decisions).unique()
        var finding = finding(
            states.names, checks: states.checkNames(onlyFailing: true), severity: .error,
            confidence: view.contradiction == nil ? .certain : .possible,
            summary:
                "\(listed(policies.map(\.policy).unique())) isolates \(workload.title) for egress without DNS: \(states.names) \(states.count == 1 ? "does" : "do") not answer.",
            evidence: policies.map {
                "policy \($0.policy)\($0.place.words.map { " (\($0))" } ?? "") isolates for egress, and no rule allows UDP 53 to \(states.names)"
            }
                + states.map { "\(counted($0.queries.count, "question")) to \($0.server): no answer" },
            cause: "Without a rule for port 53 no name is found, so that everything that has a name fails.")
        finding.location = policies.first.map {
            Finding.Location(file: $0.place.file, line: $0.place.line, object: "NetworkPolicy \($0.policy)")
        }
        finding.patch = view.patch(forDNSAt: first.state.server, policy: first.decisions.first?.policy)
        return [finding]
    }
}

extension DeclaredView {
    /// What stands behind the address of a name server; nothing where it may be that of DNS pods in no manifest, which a rule for pods
    /// lets questions pass to: then the policies are not what keeps them silent, as far as is known.
    func parties(at server: Endpoint) -> [DeclaredDestination.End] {
        if let index = servicesByAddress[server.address] { return ends(of: state.services[index], .udp, server.port) }
        return [end(at: server.address, .udp, server.port)].compactMap(\.self)
    }

    /// The policies that isolate the source for egress and let no questions pass to a name server; nil where some way is allowed, or
    /// is not known.
    func egressDenying(_ server: Endpoint, from source: Party) -> [PolicyDecision]? {
        let ends = parties(at: server)
        let verdicts = ends.map { evaluation.verdict(from: source, to: $0.party, transport: .udp, port: $0.port) }
        let egress = verdicts.flatMap(\.decidedBy).filter { $0.direction == .egress && $0.rule == nil }.unique()
        guard !verdicts.isEmpty, verdicts.allSatisfy({ !$0.isAllowed }), !egress.isEmpty,
            !ends.contains(where: {
                evaluation.isUndecided(from: source, to: $0.party, transport: .udp, port: $0.port)
            })
        else { return nil }
        return egress
    }

    /// The usual rule (kubernetes.io/docs: the DNS pods have k8s-app=kube-dns), with an ipBlock where the server is no pod.
    fileprivate func patch(forDNSAt server: Endpoint, policy name: String?) -> String? {
        guard let policy = state.policies.first(where: { "\($0.namespace)/\($0.name)" == name }) else { return nil }
        let pods = PolicyPatch.Peer.pods(namespace: "kube-system", labels: ["k8s-app": "kube-dns"])
        let isLocal = AddressRange("169.254.0.0/16")?.contains(server.address) ?? false
        let block = PolicyPatch.Peer.block(AddressRange(around: server.address, length: 128))
        return PolicyPatch.adding(
            to: policy, .egress, isLocal ? [pods, block] : [pods],
            ports: [(server.port, .udp), (server.port, .tcp)])
    }
}
