import NetValues
import Observations
import Planning

/// The own resolv.conf names no server that can answer, or holds lines that do not do what they say (catalogue section 14).
/// Nothing about it is said when no check went by resolv.conf.
enum DNSResolvconfInvalid: Rule {
    /// The file is the measuring host's own: where it breaks resolution, no server and no network is to blame.
    static let layer = Layer.vantage
    static let explanation = FindingExplanation(
        id: "dns-resolvconf-invalid", severity: .error, title: "resolv.conf cannot be used as it is",
        signals: [
            "no line names a usable server, and 127.0.0.1, which is asked then, does not answer",
            "a server on a loopback address, and nothing listens there (a host's 127.0.0.53 inside a pod)",
            "in a pod: the cluster's search list with a server that is not the cluster's, or the node's own file, and names of the cluster are not found",
            "as a warning: a server line that resolvers cannot read, or lines that end with CR LF, while names still resolve",
            "as a note: a fourth server, a seventh search domain, an unknown option, a search line that another replaces",
        ],
        lookalikes: [
            "dns-server-port-closed: the server is another host's, or systemd-resolved has stopped on this one",
            "dns-name-not-found: the cluster's own DNS says so",
            "a node-local cache (169.254.20.10) or a loopback resolver that answers: both are right",
        ],
        traps: [
            "a check with `servers:` does not read resolv.conf, and shows nothing about it",
            "dnsPolicy: None and Default may be meant so: told only where names of the cluster were missed, else as a note",
        ],
        remedy: [
            "name the address of a DNS server that answers from here in /etc/resolv.conf, one to a nameserver line",
            "in Kubernetes: let dnsPolicy ClusterFirst write the file (with hostNetwork: ClusterFirstWithHostNet), or give dnsConfig.nameservers",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let readers = evidence.checks.filter(\.goesByResolvconf)
        guard !readers.isEmpty else { return [] }
        let only = ServerState.all(of: readers)
        let broken = withoutServer(only, evidence.resolver) ?? deadLoopback(only, evidence.resolver)
        if let broken { return [broken] }
        return [PodResolver(evidence, readers: readers)?.finding, oddLines(readers, evidence.resolver)].compactMap(
            \.self)
    }

    // MARK: What breaks resolution

    private static func withoutServer(_ states: [ServerState], _ resolver: ResolverConfiguration) -> Finding? {
        guard resolver.isFallback, let state = states.first(where: \.isDeadForSomebody) else { return nil }
        return finding(
            resolver.source, checks: [state].checkNames(onlyFailing: true), confidence: .certain,
            summary: "\(resolver.source) names no usable DNS server, so that names cannot be resolved here.",
            evidence: evidenceLines(resolver.oddities.filter { $0.kind.isAboutServers }.map(\.description))
                + flowLines(state.queries.map(\.flow), limit: 2),
            cause: "Resolvers then ask \(state.server.address), where no DNS server answers.")
    }

    /// The address of a resolver on this host, and none there.
    private static func deadLoopback(_ states: [ServerState], _ resolver: ResolverConfiguration) -> Finding? {
        guard !resolver.isFallback else { return nil }
        let dead = states.filter { state in
            let isOwnStub = resolver.hasSystemdResolved && Self.stubs.contains(state.server.address)
            return state.server.address.isLoopback && state.isClosed && state.isDeadForSomebody && !isOwnStub
        }
        guard !dead.isEmpty else { return nil }
        let isForeign = dead.contains { Self.stubs.contains($0.server.address) }
        return finding(
            resolver.source, checks: dead.checkNames(onlyFailing: true), confidence: isForeign ? .certain : .likely,
            summary:
                "\(resolver.source) names \(listed(dead.map(\.server.address.description))), a resolver on this host "
                + "itself, and nothing listens there.",
            evidence: flowLines(dead.flatMap(\.queries).filter(\.isRefused).map(\.flow))
                + (isForeign ? ["systemd-resolved, whose address this is, does not run in this system"] : []),
            cause: isForeign
                ? "The file is another machine's, as when a container or pod is given that of its host: a loopback address means another place in each network namespace."
                : "Either the file is another machine's (a container with that of its host), or the local resolver is not running here."
        )
    }

    /// The listeners of systemd-resolved(8).
    private static let stubs = [53, 54].map { IPAddress.v4(IPv4Address(bits: 0x7f00_0000 | $0)) }

    // MARK: What does no harm now

    /// A server that was meant to be there is missing when another fails, and with CR LF the programs of glibc resolve
    /// nothing at all: a warning. What only some resolvers ignore, and what this run did not miss, is a note: files with a
    /// fourth server or an option of another system are common, and work.
    private static func oddLines(_ readers: [CheckEvidence], _ resolver: ResolverConfiguration) -> Finding? {
        let told = resolver.oddities.filter { $0.kind != .noServer }
        guard let first = told.first(where: { $0.kind.isHarmful }) ?? told.first else { return nil }
        let isHarmful = first.kind.isHarmful
        return finding(
            resolver.source, checks: readers.map(\.name), severity: isHarmful ? .warning : .info, confidence: .certain,
            summary: isHarmful
                ? "\(resolver.source), \(first.place): \(first.reason)."
                : "\(resolver.source) holds what not every resolver follows: \(first.place) \(first.reason).",
            evidence: evidenceLines(told.map(\.description)),
            cause: isHarmful
                ? "Names still resolve for this run, by what else the file says; other programs may have less."
                : "This run resolved names without it. Programs with another resolver may behave differently.",
            remedy: [
                "correct or remove the line, at its source if the file is generated (DHCP, kubelet, NetworkManager)"
            ])
    }
}

extension ResolverOddity.Kind {
    fileprivate var isAboutServers: Bool { self == .noServer || self == .unusableServer || self == .carriageReturn }
    fileprivate var isHarmful: Bool { self == .unusableServer || self == .carriageReturn }
}

extension CheckEvidence {
    /// Servers of resolv.conf were asked, since neither the plan nor the hosts file made that needless; `doctor` asks each of them
    /// by its address.
    fileprivate var goesByResolvconf: Bool {
        let isNamed = check.kind == "dns" && check.parameters.list("servers") != nil
        return !dns.isEmpty && (!isNamed || check.labels[VantagePart.label] == VantagePart.nameServer.rawValue)
    }
}
