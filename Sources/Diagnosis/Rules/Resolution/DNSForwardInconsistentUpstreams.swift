import NetValues
import Observations
import Planning
import Wire

/// Whether a name exists depends on who happens to be asked (catalogue section 3).
enum DNSForwardInconsistentUpstreams: Rule {
    static let layer = Layer.resolution
    static let explanation = FindingExplanation(
        id: "dns-forward-inconsistent-upstreams", severity: .error,
        title: "The answer depends on which upstream is asked",
        signals: [
            "one server says now NXDOMAIN and now an address for the same question, there and back (a missing name is asked for seven times)",
            "the same with private and public addresses in turn",
            "of several servers each knows names that another says do not exist, or they disagree about a public name",
        ],
        lookalikes: [
            "split-horizon-mismatch: each server always says the same, and one of them has private addresses",
            "addresses that rotate, or subsets of them: all the answers exist",
            "dns-name-not-found: a server still has the old “no” in its cache",
            "dns-stale-record: the answers differ in an address that is dead",
        ],
        traps: [
            "a cache before the upstreams makes one answer stick for a while (CoreDNS: 30 s)",
            "a name that was created or removed meanwhile changes once",
        ],
        remedy: [
            "forward each zone only to the servers that hold it: NXDOMAIN is a valid answer, so no forwarder asks the next upstream after it",
            "CoreDNS: a server block for each zone (in AKS the ConfigMap coredns-custom, keys *.server); several upstreams in one forward line, with any policy, only where they hold the same",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let flapping = evidence.opinions.flatMap { names in
            names.servers.filter(\.isFlapping).map { (names: names, server: $0) }
        }
        return grouped(flapping, by: \.server.server).map { server, members in unsteady(server, members) }
            + disputes(evidence)
    }

    // MARK: One server, now this and now that

    private static func unsteady(
        _ server: Endpoint, _ members: [(names: NameOpinions, server: ServerOpinion)]
    ) -> Finding {
        let names = members.map(\.names.spoken).unique()
        let isOfReach = !members.contains { $0.server.changesOfExistence.isFlapping }
        let isSure = members.contains { max($0.server.changesOfExistence.count, $0.server.changesOfReach.count) >= 2 }
        return finding(
            server.description, checks: members.flatMap(\.names.checks).map(\.name).unique(),
            confidence: isSure ? .certain : .likely,
            summary: isOfReach
                ? "The DNS server \(server) gives private and public addresses in turn for \(listed(names))."
                : "The DNS server \(server) has an answer for \(listed(names)) at one time and says NXDOMAIN at another.",
            evidence: evidenceLines(members.map { line($0.names, $0.server) }),
            cause:
                "The server forwards to several upstreams that do not hold the same zones, and takes any of them: each question is a draw."
        )
    }

    private static func line(_ names: NameOpinions, _ opinion: ServerOpinion) -> String {
        let data = opinion.addresses.map(\.description)
        let what = data.isEmpty ? "an answer" : listed(data)
        let question = "\(names.name) \(names.type)"
        guard opinion.missing > 0 else { return "\(opinion.server), \(question): \(what), in turn" }
        return
            "\(opinion.server), \(question): NXDOMAIN \(opinion.missing) times of \(opinion.facts.count), otherwise \(what)"
    }

    // MARK: Several servers, each of its own mind

    private static func disputes(_ evidence: Evidence) -> [Finding] {
        let disputed = evidence.opinions.filter { $0.isUpstreamDispute(among: evidence.opinions) }
        return grouped(disputed) { Set($0.servers.map(\.server)) }.map { _, members in
            let servers = members.flatMap(\.servers).map(\.server).unique()
            let checks = members.flatMap(\.checks)
            let names = members.map(\.spoken).unique()
            return finding(
                listed(servers.map(\.description)), checks: checks.map(\.name).unique(),
                severity: checks.contains(where: \.isFailing) ? .error : .warning, confidence: .likely,
                summary:
                    "The DNS servers do not agree whether \(listed(names)) \(names.count == 1 ? "exists" : "exist").",
                evidence: evidenceLines(members.flatMap(lines)),
                cause:
                    "Each of the servers holds other zones, and a resolver takes whichever answers first: NXDOMAIN of one is final for it."
            )
        }
    }

    private static func lines(_ names: NameOpinions) -> [String] {
        names.affirming.map {
            "\($0.server) has \(names.name) \(names.type): \(listed($0.addresses.map(\.description)))"
        }
            + names.denying.map { "\($0.server) says NXDOMAIN for \(names.name) \(names.type)" }
    }
}

extension ServerOpinion {
    /// Says now this and now that of one name.
    var isFlapping: Bool { changesOfExistence.isFlapping || changesOfReach.isFlapping }
}

extension NameOpinions {
    /// Stable, and no matter of a private zone or of an old “no”.
    fileprivate func isUpstreamDispute(among all: [NameOpinions]) -> Bool {
        guard isDisputed, !servers.contains(where: \.isFlapping), !isDeniedFromCacheOnly else { return false }
        return !isPrivateZone || isMirrored(in: all)
    }

    /// All that say that the name does not exist have that from a cache.
    var isDeniedFromCacheOnly: Bool { denying.allSatisfy { $0.cachedDenial != nil } }

    /// What exists for some is private.
    var isPrivateZone: Bool { AddressKind.only(affirming.flatMap(\.addresses)) == .private }

    /// Another name exists only where this one does not: the servers hold different zones.
    func isMirrored(in all: [NameOpinions]) -> Bool {
        let deniers = Set(denying.map(\.server))
        let affirmers = Set(affirming.map(\.server))
        return all.contains { other in
            other.isDisputed && other.affirming.contains { deniers.contains($0.server) }
                && other.denying.contains { affirmers.contains($0.server) }
        }
    }
}
