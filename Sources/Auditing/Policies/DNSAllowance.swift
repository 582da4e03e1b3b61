import Manifests
import NetValues

/// Whether egress rules let DNS queries through. What is not known counts as allowed: where the cluster DNS is, which labels
/// kube-system has.
struct DNSAllowance {
    var udp = false
    var tcp = false
    /// A rule for port 53 names the cluster's DNS pods in a namespace where they are not.
    var misplaced: NetworkPolicy.PeerEntry?
    /// A rule for port 53 means something that the cluster DNS hardly is, and why.
    var doubt: (peer: NetworkPolicy.PeerEntry, words: String)?
    /// The entry of `ports` that lets TCP 53 pass.
    var portEntry: NetworkPolicy.PortEntry?
    /// An ipBlock for port 53 holds the address of the node-local cache.
    var nodeLocal = false

    /// OpenShift's DNS pods listen on 5353.
    private static let ports: [UInt16] = [53, 5353]
    private static let portNames: Set<String> = ["dns", "dns-tcp", "dns-udp", "domain"]
    static let nodeLocalRanges = ["169.254.20.10/32", "169.254.10.10/31"].compactMap { AddressRange($0) }

    private let state: DeclaredState

    init(_ policies: [NetworkPolicy], _ state: DeclaredState) {
        self.state = state
        for policy in policies {
            for rule in policy.egress { take(rule, policy) }
        }
    }

    private mutating func take(_ rule: NetworkPolicy.Rule, _ policy: NetworkPolicy) {
        let transports = [PortTransport.udp, .tcp].filter { transport in
            Self.ports.contains { rule.covers(transport, $0, named: Self.portNames) }
        }
        guard !transports.isEmpty else { return }
        let isMeant = rule.ports != nil && !rule.covers(.tcp, 1)
        portEntry = portEntry ?? rule.ports?.first { $0.number == .range(53...53) }
        guard let peers = rule.peers else {
            allow(transports)
            nodeLocal = true
            return
        }
        for peer in peers {
            if let block = peer.block {
                if Self.mayHoldDNS(block.range) || isMeant && isSystem(policy.namespace) {
                    allow(transports)
                } else if isMeant {
                    doubt =
                        doubt ?? (
                            peer, "\(block.range) is no range of a cluster: the cluster DNS has a private address"
                        )
                }
                if Self.nodeLocalRanges.contains(where: { block.range.contains($0) }) { nodeLocal = true }
            } else if let pods = peer.pods {
                take(pods, peer, transports, isMeant, policy)
            }
        }
    }

    private mutating func take(
        _ pods: (selector: LabelSelector, namespaces: LabelSelector?), _ peer: NetworkPolicy.PeerEntry,
        _ transports: [PortTransport], _ isMeant: Bool, _ policy: NetworkPolicy
    ) {
        guard let namespaces = pods.namespaces else {
            if isSystem(policy.namespace) || hasServer(policy.namespace, pods.selector) {
                allow(transports)
            } else if Self.namesClusterDNS(pods.selector) {
                misplaced = misplaced ?? peer
            } else if isMeant {
                allow(transports)
            }
            return
        }
        if isMeant, lacksLabel(namespaces) {
            doubt =
                doubt ?? (
                    peer, "kube-system has the label kubernetes.io/metadata.name, and `name` only where somebody set it"
                )
        } else if isMeant || mayMeanDNS(namespaces) {
            allow(transports)
        }
    }

    private mutating func allow(_ transports: [PortTransport]) {
        if transports.contains(.udp) { udp = true }
        if transports.contains(.tcp) { tcp = true }
    }

    /// The cluster DNS has a private address, as a Service and as pods.
    private static func mayHoldDNS(_ range: AddressRange) -> Bool {
        (PrivateRanges.all + azure).contains { $0.overlaps(range) }
    }

    /// Azure's own resolver, which pods of the node's DNS policy ask.
    private static let azure = ["168.63.129.16/32"].compactMap { AddressRange($0) }

    private func isSystem(_ namespace: String) -> Bool { ["kube-system", "openshift-dns"].contains(namespace) }

    /// Asks for kube-system by a label that it has not by itself, and that nothing read gives it.
    private func lacksLabel(_ namespaces: LabelSelector) -> Bool {
        guard namespaces.requirements.count == 1, let wanted = namespaces.requirements.first,
            wanted.relation == .isIn, wanted.key == "name", wanted.values == ["kube-system"]
        else { return false }
        return !namespaces.matches(state.labels(ofNamespace: "kube-system"))
    }

    /// A DNS server of the namespace itself.
    private func hasServer(_ namespace: String, _ selector: LabelSelector) -> Bool {
        state.workloads(in: namespace).contains { workload in
            selector.matches(workload.labels) && workload.template.ports.contains { Self.ports.contains($0.number) }
        }
    }

    static func namesClusterDNS(_ selector: LabelSelector) -> Bool {
        selector.requirements.contains {
            $0.relation == .isIn && !$0.values.isDisjoint(with: ["kube-dns", "coredns", "node-local-dns"])
        }
    }

    /// Without a port in the rule: the namespace of the cluster DNS, or one of which that cannot be excluded.
    private func mayMeanDNS(_ namespaces: LabelSelector) -> Bool {
        if state.namespaces["kube-system"] != nil {
            return namespaces.matches(state.labels(ofNamespace: "kube-system"))
        }
        let names = namespaces.requirements.first { $0.key == "kubernetes.io/metadata.name" && $0.relation == .isIn }
        if let names { return names.values.contains("kube-system") }
        return !state.namespaces.keys.contains { namespaces.matches(state.labels(ofNamespace: $0)) }
            || namespaces.selectsEverything
    }
}

/// RFC 1918, RFC 6598, RFC 4193 and link-local ranges.
enum PrivateRanges {
    static let all = [
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10",
    ].compactMap { AddressRange($0) }

    /// Of those that hosts of a company have.
    static let sites = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"].compactMap { AddressRange($0) }

    static func hold(_ range: AddressRange) -> Bool { all.contains { $0.contains(range) } }
    static func hold(_ address: IPAddress) -> Bool { all.contains { $0.contains(address) } }
}
