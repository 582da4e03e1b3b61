import NetValues
import Observations
import Planning

/// Of the addresses of one name some answer and some do not (catalogue section 21).
enum AddressDead: Rule {
    static let layer = Layer.beside
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "address-dead", severity: .error, title: "One of the addresses of a name is dead",
        signals: [
            "a name has several addresses; connections to some of them work and to others of the same family never do",
            "an address that stays silent counts only after two SYNs",
        ],
        lookalikes: [
            "ipv6-broken, ipv4-broken: all addresses of one family fail, and the other family works",
            "dns-stale-record: another name server has not got the dead address any more",
            "lb-dead-backend: the same behind one address, where each address works now and then",
            "no-route-local: this host cannot speak the family at all, which says nothing of the target",
        ],
        traps: [
            "a client that tries one address only does not see it: each address is tried here",
            "a client that falls back hides it as a delay",
        ],
        remedy: ["remove the record of the dead address, or mend the host behind it"])

    static func findings(in evidence: Evidence) -> [Finding] {
        NameReach.all(in: evidence).compactMap { name in finding(name, evidence) }
    }

    private static func finding(_ name: NameReach, _ evidence: Evidence) -> Finding? {
        let split = IPAddress.Family.allCases.filter {
            !name.addresses(.works, $0).isEmpty && !name.addresses(.dead, $0).isEmpty
        }
        let dead = split.flatMap { name.addresses(.dead, $0) }
        let alive = IPAddress.Family.allCases.flatMap { name.addresses(.works, $0) }
        guard !dead.isEmpty, !DNSStaleRecord.explains(dead, in: evidence) else { return nil }
        let who = listed(dead.map(\.endpoint.address.description), limit: 6)
        let total = name.addresses.count
        return finding(
            name.subject, checks: name.checks.map(\.name), confidence: .certain,
            summary:
                "\(who), \(dead.count) of \(total) addresses of \(name.host), \(dead.count == 1 ? "does" : "do") not "
                + "accept connections on port \(name.port); \(listed(alive.map(\.endpoint.address.description), limit: 2)) \(alive.count == 1 ? "does" : "do").",
            evidence: flowLines(dead.flatMap(\.flows)) + working(alive) + life(of: dead, evidence),
            cause: cause(dead),
            remedy: ["remove \(who) from the records of \(name.host), or mend what is behind it"])
    }

    private static func working(_ alive: [NameReach.Address]) -> [String] {
        ["these work: \(listed(alive.map(\.endpoint.address.description), limit: 6))"]
    }

    private static func life(of dead: [NameReach.Address], _ evidence: Evidence) -> [String] {
        let flows = dead.flatMap { address in
            (evidence.signsOfLife[address.endpoint.address] ?? []).filter { !address.flows.contains($0) }
        }
        return flowLines(flows, limit: 2).map { "the machine itself is up: \($0)" }
    }

    private static func cause(_ dead: [NameReach.Address]) -> String {
        let isRefused = dead.flatMap(\.flows).allSatisfy {
            if case .refused = $0.outcome { true } else { false }
        }
        return isRefused
            ? "Nothing listens there: whoever is given this address by DNS fails or falls back after a delay."
            : "The host behind it is down, or the way to it is closed: whoever is given this address by DNS fails or waits."
    }
}
