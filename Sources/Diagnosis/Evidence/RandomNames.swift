import NetValues
import Observations
import Planning
import Wire

/// What one server had for names made at random under zones of different operators.
struct RandomNames: Sendable {
    let server: Endpoint
    let facts: [DNSFact]
    let checks: [CheckEvidence]

    static func all(in checks: [CheckEvidence]) -> [RandomNames] {
        let asked = checks.flatMap { check in check.dns.filter { $0.step == .random }.map { (check: check, fact: $0) } }
        return grouped(asked, by: \.fact.server).map { server, members in
            RandomNames(
                server: server, facts: members.map(\.fact),
                checks: grouped(members, by: \.check.name).map { $0.members[0].check })
        }
    }

    private var answered: [DNSFact] { facts.filter { !$0.addresses.isEmpty } }

    /// What all of the answered names have in common.
    var addresses: [IPAddress] {
        guard let first = answered.first else { return [] }
        return first.addresses.filter { address in answered.allSatisfy { $0.addresses.contains(address) } }
    }

    /// A wildcard is of one zone, or of one operator's.
    var zones: Int { Set(answered.compactMap { $0.name.labels.last?.lowercasedASCII() }).count }

    /// Names of at least three unrelated zones have an address, and the same one.
    var answersEverything: Bool { zones >= 3 && !addresses.isEmpty }
}
