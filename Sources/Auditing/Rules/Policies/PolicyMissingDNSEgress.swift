import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Pods that may speak to others and cannot ask for their addresses (catalogue section 4).
enum PolicyMissingDNSEgress: AuditRule {
    static let explanation = FindingExplanation.shared("policy-missing-dns-egress", severity: .error)

    /// What the pods of a policy may not do.
    private enum Gap {
        case all
        case misplaced(NetworkPolicy.PeerEntry)
        case doubtful(NetworkPolicy.PeerEntry, String)
        case udp(NetworkPolicy.PortEntry?)
        case tcp, nodeLocal
    }

    static func findings(in state: DeclaredState) -> [Finding] {
        guard !state.hasForeignPolicies else { return [] }
        let groups = PodGroups(state)
        let hasCache = hasNodeLocalCache(state)
        var told: Set<Int> = []
        var findings: [Finding] = []
        for (index, policy) in groups.policies.enumerated() {
            guard policy.isolates.contains(.egress), policy.egress.contains(where: { allowsSomething($0) }) else {
                continue
            }
            let numbers = groups.selected[index]
            guard !numbers.isEmpty || !isAstray(policy, groups) else { continue }
            let unions =
                numbers.isEmpty
                ? [groups.policies(around: policy, .egress)]
                : numbers.filter { !told.contains($0) }.map { groups.policies(isolating: groups.groups[$0], .egress) }
            guard let gap = unions.lazy.compactMap({ gap($0, state, hasCache) }).first else { continue }
            told.formUnion(numbers)
            let pods = numbers.flatMap { groups.workloads(of: groups.groups[$0]) }
            findings.append(finding(policy, gap, pods))
        }
        return findings
    }

    /// It selects none of the pods that were read where it is, and those with its labels are elsewhere, or have other labels: that is told
    /// by other rules, and DNS is for when it is mended.
    private static func isAstray(_ policy: NetworkPolicy, _ groups: PodGroups) -> Bool {
        guard !policy.selector.selectsEverything else { return false }
        return groups.groups.contains { group in
            group.namespace == policy.namespace || policy.selector.matches(group.labels)
        }
    }

    private static func allowsSomething(_ rule: NetworkPolicy.Rule) -> Bool {
        rule.peers?.isEmpty != true && rule.ports?.isEmpty != true
    }

    private static func gap(_ policies: [NetworkPolicy], _ state: DeclaredState, _ hasCache: Bool) -> Gap? {
        let allowance = DNSAllowance(policies, state)
        if !allowance.udp && !allowance.tcp {
            if let doubt = allowance.doubt { return .doubtful(doubt.peer, doubt.words) }
            return allowance.misplaced.map { .misplaced($0) } ?? .all
        }
        if !allowance.udp { return allowance.doubt == nil ? .udp(allowance.portEntry) : nil }
        if !allowance.tcp { return .tcp }
        return hasCache && !allowance.nodeLocal ? .nodeLocal : nil
    }

    private static func hasNodeLocalCache(_ state: DeclaredState) -> Bool {
        state.workloads(in: "kube-system").contains {
            $0.kind == "DaemonSet" && ($0.name.contains("node-local-dns") || $0.name.contains("nodelocaldns"))
        }
    }

    private static func finding(_ policy: NetworkPolicy, _ gap: Gap, _ pods: [Workload]) -> Finding {
        let who = pods.isEmpty ? EgressWords.pods(policy.selector) : listed(pods.map(\.title).unique())
        let allowed = "allowed out: \(EgressWords.of(policy))"
        switch gap {
        case .all:
            return finding(
                policy.object, at: policy.place(of: .egress), confidence: .likely,
                summary: "\(policy.object.title) isolates \(who) for egress and allows no DNS.",
                evidence: [allowed, "no rule of a policy that selects them allows UDP or TCP 53 to the cluster DNS"],
                cause:
                    "Every name, also that of a Service which may be reached, fails to resolve; the query gets no answer.",
                patch: patch(policy))
        case .misplaced(let peer):
            return finding(
                policy.object, at: policy.place(of: peer), confidence: .likely,
                summary:
                    "\(policy.object.title) allows DNS to pods of its own namespace, where the cluster DNS is not.",
                evidence: [allowed, "the peer has no namespaceSelector, so that it means pods in \(policy.namespace)"],
                cause:
                    "Without a namespaceSelector a podSelector means the policy's own namespace; the DNS pods are in kube-system.",
                patch: patch(policy))
        case .doubtful(let peer, let why): return doubtful(policy, peer, [allowed, why])
        case .udp(let entry): return streamsOnly(policy, entry, who, allowed)
        case .tcp:
            return finding(
                policy.object, at: policy.place(of: .egress), severity: .warning, confidence: .likely,
                summary: "\(policy.object.title) lets \(who) ask for names by UDP 53 and not by TCP 53.",
                evidence: [allowed],
                cause:
                    "An answer that does not fit into a datagram is asked for again by TCP: names with many records fail.",
                patch: patch(policy))
        case .nodeLocal:
            return finding(
                policy.object, at: policy.place(of: .egress), confidence: .likely,
                summary: "\(policy.object.title) does not let \(who) reach the node-local DNS cache.",
                evidence: [allowed, "a DaemonSet node-local-dns is declared; its pods have the network of their node"],
                cause:
                    "No podSelector means a host-network pod: only an ipBlock with the cache's address lets queries through.",
                patch: patch(policy))
        }
    }

    private static func doubtful(
        _ policy: NetworkPolicy, _ peer: NetworkPolicy.PeerEntry, _ evidence: [String]
    ) -> Finding {
        finding(
            policy.object, at: place(of: peer, policy), confidence: .possible,
            summary: "\(policy.object.title) allows DNS where the cluster DNS hardly is.", evidence: evidence,
            cause: "Queries to the cluster DNS are dropped: every name of a Service fails to resolve.",
            patch: patch(policy))
    }

    private static func streamsOnly(
        _ policy: NetworkPolicy, _ entry: NetworkPolicy.PortEntry?, _ who: String, _ allowed: String
    ) -> Finding {
        finding(
            policy.object, at: place(of: entry, policy), confidence: .likely,
            summary: "\(policy.object.title) lets \(who) ask for names by TCP 53 and not by UDP 53.",
            evidence: [allowed, "a port without `protocol` is TCP"],
            cause: "Resolvers ask by UDP first. The query is dropped without a word, and names fail to resolve.",
            patch: patch(policy))
    }

    /// Where the peer or port is another policy's, at the egress rules of this one.
    private static func place(of peer: NetworkPolicy.PeerEntry, _ policy: NetworkPolicy) -> ManifestPlace {
        let isOwn = policy.egress.contains { $0.peers?.contains(peer) == true }
        return isOwn ? policy.place(of: peer) : policy.place(of: .egress)
    }

    private static func place(of port: NetworkPolicy.PortEntry?, _ policy: NetworkPolicy) -> ManifestPlace {
        guard let port, policy.egress.contains(where: { $0.ports?.contains(port) == true }) else {
            return policy.place(of: .egress)
        }
        return policy.place(of: port, .egress).place
    }

    private static func patch(_ policy: NetworkPolicy) -> String {
        let cache = DNSAllowance.nodeLocalRanges.prefix(1).map { PolicyPatch.Peer.block($0) }
        return PolicyPatch.adding(
            to: policy, .egress, [.pods(namespace: "kube-system", labels: ["k8s-app": "kube-dns"])] + cache,
            ports: [(53, .udp), (53, .tcp)])
    }
}

/// What a policy lets out, in a line.
enum EgressWords {
    static func of(_ policy: NetworkPolicy) -> String {
        guard !policy.egress.isEmpty else { return "nothing" }
        return listed(policy.egress.map { rule($0) }.unique(), limit: 4)
    }

    /// - Parameter direction: of the rule: what comes in is from somebody.
    static func rule(_ rule: NetworkPolicy.Rule, _ direction: NetworkPolicy.Direction = .egress) -> String {
        let way = direction == .egress ? "to" : "from"
        let ports = rule.ports.map { listed($0.map(port).unique(), limit: 4) } ?? "all ports"
        return "\(ports) \(way) \(rule.peers.map { listed($0.map(peer).unique(), limit: 3) } ?? "everybody")"
    }

    static func port(_ port: NetworkPolicy.PortEntry) -> String {
        let number =
            switch port.number {
            case .all: "all"
            case .range(let range):
                range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
            case .named(let name): name
            }
        return "\(port.transport.rawValue)/\(number)"
    }

    static func pods(_ selector: LabelSelector) -> String {
        selector.selectsEverything ? "all pods" : "pods \(selector.words)"
    }

    static func peer(_ entry: NetworkPolicy.PeerEntry) -> String {
        switch entry.peer {
        case .block(let range, let except):
            "\(range)\(except.isEmpty ? "" : " except \(listed(except.map(\.description)))")"
        case .pods(let selector, nil): pods(selector)
        case .pods(let selector, .some(let namespaces)):
            "\(pods(selector)) in \(namespaces.selectsEverything ? "all namespaces" : "namespaces \(namespaces.words)")"
        }
    }
}
