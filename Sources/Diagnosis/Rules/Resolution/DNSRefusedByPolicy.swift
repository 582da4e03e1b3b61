import NetValues
import Observations
import Planning
import Wire

/// A DNS answer that says REFUSED (catalogue section 3): not a refused connection.
enum DNSRefusedByPolicy: Rule {
    static let layer = Layer.resolution
    static let explanation = FindingExplanation(
        id: "dns-refused-by-policy", severity: .error, title: "The DNS server refuses to answer for this name",
        signals: [
            "a DNS answer with rcode REFUSED, and no other server has an answer",
            "as a warning: only under load, at a rate that the plan asks for",
        ],
        lookalikes: ["dns-server-port-closed: the connection is refused, no DNS answer comes"],
        traps: [
            "an authoritative server refuses every foreign zone",
            "CoreDNS refuses above max_concurrent, under load only",
        ],
        remedy: [
            "add the name to the DNS or FQDN policy (Cilium: toFQDNs), or the client to the server's access list",
            "point the client at a resolver that does recursion",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let refused = evidence.checks.compactMap(NameAnswers.init).filter { names in
            names.rcodes.contains(.refused) && !names.rcodes.contains(.servFail)
                && !names.rcodes.contains(.nxDomain) && !names.hasData
        }
        return refused.joined { $0.servers(answering: .refused) }.map { servers, members in
            let subject = listed(servers.map(\.description))
            let hasRecursion = members.flatMap(\.answered).contains { $0.message.recursionAvailable }
            return finding(
                subject, checks: members.map(\.check.name), confidence: hasRecursion ? .certain : .likely,
                summary:
                    "The DNS server\(servers.count == 1 ? "" : "s") \(subject) \(servers.count == 1 ? "refuses" : "refuse") to answer for \(listed(members.map(\.name).unique())).",
                evidence: evidenceLines(members.flatMap { $0.lines { $0.rcode == .refused } })
                    + (hasRecursion ? [] : ["the answers say that recursion is not available"]),
                cause: hasRecursion
                    ? "A policy, an access list or an overload limit of the server excludes this name or this client."
                    : "The server is authoritative only, or does not do recursion for this client.")
        } + underLoad(evidence) + captured(evidence)
    }
}
