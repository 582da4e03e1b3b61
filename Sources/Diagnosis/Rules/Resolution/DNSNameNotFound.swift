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
            "service-no-endpoints: a headless Service without ready pods has no name either",
        ],
        traps: ["a negative answer is cached: after creating the record wait for the SOA's minimum"],
        remedy: [
            "check the spelling, and the namespace: NAME.NAMESPACE.svc.CLUSTER-DOMAIN",
            "create the record or the Service; a headless Service needs a ready pod",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        evidence.checks.compactMap(NameAnswers.init).filter {
            $0.rcodes == [.nxDomain] && !SearchPathForms.anotherFormExists($0)
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
                    : "No zone that these servers know holds the name, neither as written nor under the search domains that apply.",
                remedy: isReverse ? ["add a PTR record to the reverse zone, if programs depend on it"] : nil)
        }
    }
}
