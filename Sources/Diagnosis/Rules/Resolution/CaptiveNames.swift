import NetValues
import Observations
import Planning
import Wire

/// The DNS half of `captive-answer`.
extension CaptiveAnswer {
    static func names(in evidence: Evidence) -> [Finding] {
        let liars = RandomNames.all(in: evidence.checks).filter(\.answersEverything)
        return grouped(liars, by: \.addresses).map { addresses, members in
            let servers = members.map(\.server.description)
            let own = ownAnswers(members)
            let isPortal = !own.isEmpty && own.allSatisfy { addresses.contains($0) }
            let isOne = servers.count == 1
            return finding(
                listed(servers), checks: members.flatMap(\.checks).map(\.name).unique(), confidence: .certain,
                summary:
                    "The DNS server\(isOne ? "" : "s") \(listed(servers)) \(isOne ? "has" : "have") \(listed(addresses.map(\.description))) for every name"
                    + (isPortal ? "." : " that does not exist."),
                evidence: evidenceLines(members.flatMap(\.facts).map(line)),
                cause: isPortal
                    ? "A captive portal or an intercepting resolver answers all names with its own address, so that no name leads where it should."
                    : "The resolver, or a box before it, answers with its own address where the true answer is NXDOMAIN: a mistyped name looks as if it existed."
            )
        }
    }

    /// For the names that the checks themselves asked for.
    private static func ownAnswers(_ liars: [RandomNames]) -> [IPAddress] {
        liars.flatMap { liar in
            liar.checks.flatMap(\.dns).filter { !$0.step.isBeside && $0.server == liar.server }.flatMap(\.addresses)
        }
    }

    private static func line(_ fact: DNSFact) -> String {
        let zone = fact.name.labels.last ?? ""
        let what =
            fact.addresses.isEmpty ? fact.rcode?.description ?? "no answer" : listed(fact.addresses.map(\.description))
        return "\(fact.server), a name made at random under \(zone): \(what)"
    }
}
