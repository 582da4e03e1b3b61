import NetValues
import Observations
import Planning
import Wire

/// A server still gives an address that is no more (catalogue section 3).
enum DNSStaleRecord: Rule {
    static let layer = Layer.resolution
    static let explanation = FindingExplanation(
        id: "dns-stale-record", severity: .error, title: "A DNS server still gives an address that is no more",
        signals: [
            "an address in one server's answer is dead, another server has not got it, and an address that the other has works",
            "as a warning: the SRV records of a headless Service lead to an address that the Service's own name has not got",
            "certain where the other server is an authority for the zone, or the TTL is greater than the authority gives",
        ],
        lookalikes: [
            "address-dead: all servers give the dead address, so nothing shows that it is old",
            "lb-dead-backend: the address is right, and something behind it is dead",
            "split-horizon-mismatch: the answers are private and public addresses",
            "rotating subsets: then the other server's answers are not the same each time",
        ],
        traps: ["a change of a record spreads as caches expire: wait one TTL, and look again"],
        remedy: [
            "remove the address where the record is kept, or wait until the TTL told has passed; flush the cache of the server that has the old answer",
            "let records follow health (health checks at the DNS provider, ExternalDNS), and keep their TTL short before a move",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let failing = Set(
            evidence.measured.flatMap(\.connects).filter { $0.outcome != .connected }.map(\.endpoint.address))
        return grouped(stale(among: failing, evidence), by: \.names.name.canonical).map { _, members in judge(members) }
            + headlessServices(evidence)
    }

    private static func judge(_ members: [StaleAddress]) -> Finding {
        let name = members[0].names.spoken
        let checks = grouped(members.flatMap(\.names.checks), by: \.name).map { $0.members[0] }
        let dead = members.flatMap(\.dead)
        let addresses = listed(dead.map(\.endpoint.address.description).unique())
        let servers = members.flatMap(\.holders).map(\.server.description).unique()
        let others = members.flatMap(\.others).map(\.server.description).unique()
        let ttl = members.compactMap(\.remaining).max()
        return finding(
            name, checks: checks.filter { $0.check.kind == "dns" || $0.isFailing || $0.reaches(dead) }.map(\.name),
            confidence: members.contains(where: \.isShownByAuthority) ? .certain : .likely,
            summary:
                "\(listed(servers)) still \(servers.count == 1 ? "gives" : "give") \(addresses) for \(name), which is dead; \(listed(others)) \(others.count == 1 ? "does" : "do") not have it any more.",
            evidence: evidenceLines(members.flatMap(\.lines)) + flowLines(dead.flatMap(\.flows), limit: 3),
            cause: "The record was changed, and this server answers from an old copy"
                + (ttl.map { " that it keeps for \(Duration.seconds(Int64($0)).spoken) more." } ?? "."))
    }

    /// Whether this name's dead addresses are told by this rule.
    static func explains(_ addresses: [NameReach.Address], in evidence: Evidence) -> Bool {
        guard !addresses.isEmpty else { return false }
        let known = stale(among: Set(addresses.map(\.endpoint.address)), evidence)
        let endpoints = Set(known.flatMap(\.dead).map(\.endpoint))
        return addresses.allSatisfy { endpoints.contains($0.endpoint) }
    }

    /// Names of content networks differ at every server: only those with an address to which no connection was made are looked at.
    private static func stale(among failing: Set<IPAddress>, _ evidence: Evidence) -> [StaleAddress] {
        guard !failing.isEmpty else { return [] }
        return evidence.opinions.compactMap { names in
            names.servers.contains { !failing.isDisjoint(with: $0.addresses) } ? StaleAddress(names, evidence) : nil
        }
    }
}

/// A dead address that some servers give, and others, whose addresses work, do not.
private struct StaleAddress {
    let names: NameOpinions
    let dead: [NameReach.Address]
    let holders: [ServerOpinion]
    let others: [ServerOpinion]

    init?(_ names: NameOpinions, _ evidence: Evidence) {
        guard names.type == .a || names.type == .aaaa, names.servers.count > 1,
            !names.servers.contains(where: \.isFlapping)
        else { return nil }
        let having = names.servers.filter { !$0.addresses.isEmpty }
        guard Set(having.map { Set($0.addresses) }).count > 1 else { return nil }
        let reach = AnswerReach(having.flatMap(\.addresses).unique(), evidence)
        let current = having.filter { server in
            server.isSteady && reach.works.contains { server.addresses.contains($0.endpoint.address) }
                && !reach.dead.contains { server.addresses.contains($0.endpoint.address) }
        }
        // Private at one server and public at another is a split horizon, dead or not.
        let kinds = Set(current.map { AddressKind.only($0.addresses) })
        let dead = reach.dead.filter { address in
            reach.works.contains { $0.endpoint.port == address.endpoint.port }
                && kinds.contains(AddressKind(address.endpoint.address))
        }
        guard !current.isEmpty, !dead.isEmpty else { return nil }
        self.names = names
        self.dead = dead
        others = current
        holders = having.filter { server in dead.contains { server.addresses.contains($0.endpoint.address) } }
    }

    private var authorities: [DNSFact] {
        others.flatMap(\.facts).filter { $0.message?.isAuthoritative == true && $0.hasData }
    }

    /// Who keeps the zone does not have the address.
    var isShownByAuthority: Bool { !authorities.isEmpty }

    /// Of the old answer, in seconds; nil where an authority gives it, who counts nothing down.
    var remaining: UInt32? {
        holders.flatMap(\.facts).filter { $0.message?.isAuthoritative == false }.flatMap(\.data).map(\.ttl).max()
    }

    var lines: [String] {
        let told = (holders + others).map { opinion in
            let isAuthority = opinion.facts.contains { $0.message?.isAuthoritative == true }
            return
                "\(opinion.server)\(isAuthority ? ", an authority for the zone" : ""): \(listed(opinion.addresses.map(\.description)))"
        }
        guard let remaining, let full = authorities.flatMap(\.data).map(\.ttl).max(), remaining > full else {
            return told
        }
        return told + ["its TTL is \(remaining) s, and the authority gives \(full) s"]
    }
}

extension CheckEvidence {
    fileprivate func reaches(_ dead: [NameReach.Address]) -> Bool {
        connects.contains { connect in dead.contains { $0.endpoint == connect.endpoint } }
    }
}
