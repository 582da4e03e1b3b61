import NetValues
import Observations
import Planning
import Wire

/// The name does not exist under any form that was asked for (catalogue section 3).
enum DNSNameNotFound: Rule {
    static let layer = Layer.resolution
    static let explanation = FindingExplanation(
        id: "dns-name-not-found", severity: .error, title: "The name does not exist",
        signals: [
            "every server that answers says NXDOMAIN, for the name as written and for each name of the search list"
        ],
        lookalikes: [
            "dns-nxdomain-search-path: another form of the name does exist",
            "dns-forward-inconsistent-upstreams: answers alternate",
            "split-horizon-mismatch: another server has the name, with private addresses",
            "service-no-endpoints: a Service with an address of its own keeps its name; a headless one without ready pods has none",
        ],
        traps: [
            "a negative answer is cached: after creating the record wait for the SOA's minimum; where another server has the name already, this is told"
        ],
        remedy: [
            "check the spelling, and the namespace: NAME.NAMESPACE.svc.CLUSTER-DOMAIN",
            "create the record or the Service; a headless Service needs a ready pod",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        evidence.checks.compactMap(NameAnswers.init).filter {
            $0.rcodes == [.nxDomain] && !SearchPathForms.anotherFormExists($0) && !evidence.isDisputed($0)
        }
        .map { names in
            let says = "\(counted(names.servers.count, "DNS server")) \(names.servers.count == 1 ? "says" : "say") so"
            let isReverse = IPAddress(names.name) != nil
            return finding(
                names.name, checks: [names.check.name], confidence: .certain,
                summary: isReverse
                    ? "No name is registered for the address \(names.name): \(says)."
                    : "The name \(names.name) does not exist: \(says).",
                evidence: evidenceLines(names.lines { $0.rcode == .nxDomain })
                    + evidenceLines(
                        SearchPathForms.wildcards(names).map {
                            "\($0.server) has an answer for \($0.name), and the same one for any name in that domain: a wildcard"
                        }, limit: 2),
                cause: isReverse
                    ? "The reverse zone of the address, as these servers know it, has no PTR record for it."
                    : "No zone that these servers know holds the name, neither as written nor under the search domains that apply."
                        + (names.isOfService
                            ? " A headless Service has no name either while none of its pods is ready." : ""),
                remedy: isReverse ? ["add a PTR record to the reverse zone, if programs depend on it"] : nil)
        } + deniedFromCache(evidence) + missingTargets(evidence)
    }

    /// A name that is new: one server has it, and another still keeps that there is none.
    private static func deniedFromCache(_ evidence: Evidence) -> [Finding] {
        let denied = evidence.opinions.filter {
            $0.isDisputed && $0.isDeniedFromCacheOnly && !$0.servers.contains(where: \.isFlapping)
        }
        return grouped(denied, by: \.name.canonical).map { _, members in
            let checks = grouped(members.flatMap(\.checks), by: \.name).map { $0.members[0] }
            let deniers = members.flatMap(\.denying)
            let servers = deniers.map(\.server.description).unique()
            let left = deniers.compactMap(\.cachedDenial).max() ?? 0
            let owners = members.flatMap(\.affirming).map(\.server.description).unique()
            return finding(
                members[0].spoken, checks: checks.map(\.name),
                severity: checks.contains(where: \.isFailing) ? .error : .warning,
                confidence: .likely,
                summary:
                    "\(listed(servers)) still \(servers.count == 1 ? "says" : "say") that \(members[0].spoken) does not exist, from the cache; \(listed(owners)) \(owners.count == 1 ? "has" : "have") it.",
                evidence: [
                    "the denial is kept for up to \(Duration.seconds(Int64(left)).spoken) more (its SOA record's TTL has fallen below the minimum)"
                ]
                    + evidenceLines(
                        members.flatMap(\.affirming).map { "\($0.server): \(listed($0.addresses.map(\.description)))" }),
                cause:
                    "The name was created after this server had asked for it: servers keep that a name does not exist (RFC 2308).",
                remedy: [
                    "wait until the time told has passed, or flush the server's cache",
                    "lower the minimum of the zone's SOA record, if names come and go (CoreDNS: cache denial)",
                ])
        }
    }

    /// SRV records that lead to hosts which do not exist.
    private static func missingTargets(_ evidence: Evidence) -> [Finding] {
        evidence.checks.compactMap { check in
            let asked = grouped(check.dns.filter { $0.step == .target }, by: \.name)
            let missing = asked.filter { $0.members.allSatisfy { $0.rcode == .nxDomain } }.map(\.key)
            // The Service that the pods are of is asked for too, and is nobody's target.
            let named = check.dns.flatMap(\.data).compactMap { record -> DomainName? in
                if case .srv(_, _, _, let host) = record.data { DomainName(host)?.absolute } else { nil }
            }
            let dead = missing.filter { named.contains($0) }
            guard !dead.isEmpty else { return nil }
            return finding(
                check.askedName, checks: [check.name], confidence: .certain,
                summary:
                    "The SRV records of \(check.askedName) lead to \(listed(dead.map(\.relative.description))), which \(dead.count == 1 ? "does" : "do") not exist.",
                evidence: evidenceLines(
                    check.dns.filter { dead.contains($0.name) }.map {
                        "\($0.server) answers NXDOMAIN for \($0.name) \($0.type)"
                    }),
                cause:
                    "The service record names a host that its zone does not hold: it was removed or renamed, or the pod is gone.",
                remedy: ["correct the SRV record, or create the host's address record"])
        }
    }
}

extension NameAnswers {
    /// `NAME.NAMESPACE.svc.ZONE`, as written or by the search list (Kubernetes DNS specification 1.1.0, section 2.4).
    fileprivate var isOfService: Bool { answered.contains { $0.fact.name.labels.dropFirst(2).contains("svc") } }
}
