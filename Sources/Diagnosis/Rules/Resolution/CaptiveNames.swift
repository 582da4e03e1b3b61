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

    /// Names of unrelated operators that are said to be the internet's, each with no address but the one that all of them have.
    static func sharedNames(in evidence: Evidence) -> [Finding] {
        let found = evidence.measured.compactMap {
            check -> (check: CheckEvidence, host: Host, addresses: [IPAddress])? in
            guard check.check.outbound == .internet, check.check.proxy == nil, let host = check.check.target.host,
                host.name != nil
            else { return nil }
            let addresses = check.resolutions.flatMap(\.addresses).unique()
            return addresses.isEmpty ? nil : (check, host, addresses)
        }
        let operators = found.map { $0.check.check.operatorName ?? $0.host.description }.unique()
        guard operators.count >= 3, Set(found.map(\.host.description)).count >= 3,
            Set(found.flatMap(\.addresses)).count == 1, let address = found.first?.addresses.first
        else { return [] }
        return [
            finding(
                "names of the internet", checks: found.map(\.check.name), confidence: .likely,
                summary:
                    "Names of unrelated operators (\(listed(operators, limit: 6))) all have the one address \(address).",
                evidence: evidenceLines(found.map { "\($0.host): \(address)" }),
                cause:
                    "A captive portal or an intercepting resolver answers all names with one address, so that no name leads where it should."
            )
        ]
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
