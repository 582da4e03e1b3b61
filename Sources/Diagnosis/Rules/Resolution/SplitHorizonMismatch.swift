import NetValues
import Observations
import Planning
import Wire

/// A private zone that one resolver sees and another does not (catalogue section 3).
enum SplitHorizonMismatch: Rule {
    static let layer = Layer.resolution
    static let explanation = FindingExplanation(
        id: "split-horizon-mismatch", severity: .warning, title: "One resolver sees a private zone, another does not",
        signals: [
            "two resolvers, each the same each time, give private addresses and public ones for one name, or private ones and NXDOMAIN",
            "as an error: a check fails by it, or the addresses of one answer are dead while those of the other work",
        ],
        lookalikes: [
            "dns-forward-inconsistent-upstreams: one server gives both in turn, or each server lacks what the other has",
            "geographic or weighted DNS, content networks: the answers differ, and all are public",
            "addresses that rotate: the sets overlap over several questions",
        ],
        traps: [
            "a name that is meant to differ inside and outside: then only one of the two resolvers belongs in resolv.conf"
        ],
        remedy: [
            "let all resolvers of this host see the zone: link the private zone to this network, or forward the zone to the resolver that holds it",
            "Azure: link the private DNS zone to the VNet, or forward the zone to 168.63.129.16",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let mismatched = evidence.opinions.filter { names in
            guard !names.servers.contains(where: \.isFlapping) else { return false }
            return names.hasTwoHorizons
                || names.isDisputed && names.isPrivateZone && !names.isDeniedFromCacheOnly
                    && !names.isMirrored(in: evidence.opinions)
        }
        return grouped(mismatched, by: \.name.canonical).map { _, members in judge(members, evidence) }
    }

    private static func judge(_ members: [NameOpinions], _ evidence: Evidence) -> Finding {
        let checks = grouped(members.flatMap(\.checks), by: \.name).map { $0.members[0] }
        let reach = AnswerReach(members.flatMap(\.servers).flatMap(\.addresses).unique(), evidence)
        let isBroken = checks.contains(where: \.isFailing) || reach.isDivided
        // A connection that works is no part of an error.
        let concerned = isBroken ? checks.filter { $0.check.kind == "dns" || $0.isFailing } : checks
        let name = members[0].spoken
        let missing = members.flatMap(\.denying).map(\.server.description).unique()
        let having = members.flatMap(\.servers).filter { !$0.addresses.isEmpty }
        return finding(
            name, checks: concerned.map(\.name), severity: isBroken ? .error : .warning,
            confidence: isBroken ? .certain : .likely,
            summary: missing.isEmpty
                ? "\(name) has private addresses for \(listed(servers(having, .private))) and public ones for \(listed(servers(having, .public)))."
                : "\(name) exists only for \(listed(servers(having, .private))), with private addresses; \(listed(missing)) \(missing.count == 1 ? "says" : "say") that it does not exist.",
            evidence: evidenceLines(
                having.map { "\($0.server): \(listed($0.addresses.map(\.description)))" }
                    + missing.map { "\($0): NXDOMAIN" }) + reach.lines,
            cause:
                "The name is in a private zone that only some of these resolvers are linked or forwarded to: which answer a program gets depends on the resolver that it happens to ask."
        )
    }

    private static func servers(_ opinions: [ServerOpinion], _ kind: AddressKind) -> [String] {
        opinions.filter { AddressKind.only($0.addresses) == kind }.map(\.server.description).unique()
    }
}

extension NameOpinions {
    /// Some servers have only private addresses, others only public ones.
    fileprivate var hasTwoHorizons: Bool {
        let kinds = servers.filter { !$0.addresses.isEmpty }.map { AddressKind.only($0.addresses) }
        return Set(kinds) == [.private, .public]
    }
}

/// What connections showed of the addresses of differing answers.
struct AnswerReach {
    let works: [NameReach.Address]
    let dead: [NameReach.Address]

    init(_ addresses: [IPAddress], _ evidence: Evidence) {
        let wanted = Set(addresses)
        let connects = evidence.measured.flatMap(\.connects).filter { wanted.contains($0.endpoint.address) }
        let states = grouped(connects, by: \.endpoint).map { NameReach.Address($0.key, $0.members, evidence) }
        works = states.filter { $0.state == .works }
        dead = states.filter { $0.state == .dead }
    }

    /// At one port some work and some do not.
    var isDivided: Bool { dead.contains { one in works.contains { $0.endpoint.port == one.endpoint.port } } }

    var lines: [String] {
        evidenceLines(works.map { "\($0.endpoint) accepts connections" })
            + flowLines(dead.flatMap(\.flows), limit: 3)
    }
}
