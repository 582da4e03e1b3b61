import NetValues
import Observations
import Planning
import Wire

/// The resolv.conf of a pod that is not the cluster's: the search list of dnsPolicy ClusterFirst with another server, or the node's
/// file where names of the cluster are asked for (dnsPolicy Default, or hostNetwork without ClusterFirstWithHostNet).
struct PodResolver {
    private let cluster: ClusterSigns
    private let resolver: ResolverConfiguration
    private let checks: [CheckEvidence]

    /// Nil outside of a pod.
    init?(_ evidence: Evidence, readers: [CheckEvidence]) {
        guard let cluster = evidence.vantage.surroundings?.cluster, cluster.place == .pod else { return nil }
        self.cluster = cluster
        resolver = evidence.resolver
        checks = readers
    }

    var finding: Finding? {
        guard !foreign.isEmpty else { return nil }
        let failing = checks.filter(isLost)
        if failing.isEmpty { return cluster.domain == nil ? nil : note }
        return cluster.domain == nil ? nodesFile(failing) : otherServer(failing)
    }

    /// Servers that are none of the cluster's. Its DNS Service is an address of the range whose first is the API server's
    /// (KUBERNETES_SERVICE_HOST): a /12 or less by kubeadm's, AKS's, EKS's, GKE's and k3s's defaults. A node-local cache is on a link-local
    /// address, or on the Service's own.
    private var foreign: [IPAddress] {
        guard let api = cluster.apiServer?.host.address else { return [] }
        return resolver.servers.map(\.address).filter { server in
            guard !server.isLoopback, !server.isNodeLocal else { return false }
            return server.family == api.family
                && !AddressRange(around: api, length: api.family == .v4 ? 12 : 48).contains(server)
        }
    }

    private var isForeignOnly: Bool { foreign.count == resolver.servers.count }

    /// Its name is the cluster's to know, and these servers say that there is none.
    private func isLost(_ check: CheckEvidence) -> Bool {
        guard isForeignOnly, let names = NameAnswers(check), names.rcodes == [.nxDomain],
            let name = DomainName(check.askedName)
        else { return false }
        return isClusters(name)
    }

    /// `api.shop.svc`, `api.shop.svc.cluster.local`; of one label with the cluster's search list.
    private func isClusters(_ name: DomainName) -> Bool {
        let labels = name.labels.map { $0.lowercased() }
        if labels.count == 1 { return cluster.domain != nil && !name.isAbsolute }
        guard let place = labels.firstIndex(of: "svc"), place > 0 else { return false }
        let rest = Array(labels[(place + 1)...])
        return rest.isEmpty || rest == ["cluster", "local"] || rest == cluster.domain?.labels.map { $0.lowercased() }
    }

    // MARK: Findings

    private var servers: String { listed(foreign.map(\.description)) }

    private var apiLine: [String] {
        cluster.apiServer.map {
            [
                "the API server of this cluster is \($0.host) (KUBERNETES_SERVICE_HOST): its services have addresses of that range"
            ]
        } ?? []
    }

    private func otherServer(_ failing: [CheckEvidence]) -> Finding {
        DNSResolvconfInvalid.finding(
            resolver.source, checks: failing.map(\.name), confidence: .likely,
            summary:
                "\(resolver.source) has the cluster's search list, but \(servers), which does not know the cluster's names.",
            evidence: answers(failing) + apiLine,
            cause:
                "The pod was given its own servers (dnsConfig, or a file of its own) beside the search list of ClusterFirst: names of Services end at a server outside of the cluster.",
            remedy: [
                "name the cluster's DNS Service in dnsConfig.nameservers, or leave dnsPolicy: ClusterFirst without servers of its own",
                "let CoreDNS forward the other zones to \(servers), instead of the pod",
            ])
    }

    private func nodesFile(_ failing: [CheckEvidence]) -> Finding {
        let isOnHost = cluster.usesHostNetwork == true
        return DNSResolvconfInvalid.finding(
            resolver.source, checks: failing.map(\.name), confidence: .likely,
            summary:
                "\(resolver.source) of this pod is its node's: \(servers) does not know the cluster's names.",
            evidence: answers(failing) + apiLine + ["there is no search list of a cluster (svc.…)"],
            cause: isOnHost
                ? "A pod with hostNetwork gets its node's resolv.conf unless its dnsPolicy is ClusterFirstWithHostNet."
                : "dnsPolicy: Default gives the pod its node's resolv.conf; so does hostNetwork without dnsPolicy: ClusterFirstWithHostNet.",
            remedy: [
                isOnHost
                    ? "set dnsPolicy: ClusterFirstWithHostNet"
                    : "set dnsPolicy: ClusterFirst (with hostNetwork: ClusterFirstWithHostNet)"
            ])
    }

    /// What may be meant so.
    private var note: Finding {
        DNSResolvconfInvalid.finding(
            resolver.source, checks: checks.map(\.name), severity: .info, confidence: .likely,
            summary: isForeignOnly
                ? "\(resolver.source) has the cluster's search list, but \(servers), which is no server of the cluster."
                : "\(resolver.source) names \(servers), which is no server of the cluster, beside the cluster's own.",
            evidence: ["nameserver \(listed(resolver.servers.map(\.address.description)))"] + apiLine,
            cause: isForeignOnly
                ? "Names of Services are not found there. This run missed none."
                : "Whoever asks it, as musl does with all servers at once and glibc after a time-out, hears that the cluster's names do not exist.",
            remedy: [
                "if it is not meant so: leave dnsPolicy: ClusterFirst, and let CoreDNS forward the zones that others hold"
            ])
    }

    private func answers(_ failing: [CheckEvidence]) -> [String] {
        evidenceLines(failing.flatMap { NameAnswers($0)?.lines { $0.rcode == .nxDomain } ?? [] }, limit: 3)
    }
}

extension IPAddress {
    /// 169.254.20.10, 169.254.10.10 and their like: NodeLocal DNSCache listens there.
    fileprivate var isNodeLocal: Bool {
        switch self {
        case .v4(let address): address.bits >> 16 == 0xa9fe
        case .v6(let address): address.high >> 54 == 0x3fa
        }
    }
}
