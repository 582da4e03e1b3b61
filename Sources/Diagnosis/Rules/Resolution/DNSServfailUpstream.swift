import NetValues
import Observations
import Planning
import Wire

/// The server is there, but could not get an answer itself (catalogue section 3).
enum DNSServfailUpstream: Rule {
    static let layer = Layer.resolution
    static let explanation = FindingExplanation(
        id: "dns-servfail-upstream", severity: .error, title: "The DNS server cannot get an answer itself",
        signals: [
            "the server answers SERVFAIL, and no other server has an answer",
            "as a warning: only under load, at a rate that the plan asks for",
            "in a capture: for three names and a tenth of its answers, or each time",
        ],
        lookalikes: ["dns-server-unreachable: there nothing answers at all; here the way to the server is fine"],
        traps: ["DNSSEC failures are SERVFAIL too: an extended error or a query with checking disabled tells"],
        remedy: [
            "ask the server's upstream directly: an answer there means the server is at fault, silence its way out",
            "repair the forwarders (CoreDNS: the forward line), and allow the DNS pods' egress to them",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let failing = evidence.checks.compactMap(NameAnswers.init).filter { names in
            names.rcodes.contains(.servFail) && !names.rcodes.contains(.nxDomain) && !names.hasData
        }
        return failing.joined { $0.servers(answering: .servFail) }.map { servers, members in
            let names = members.map(\.name).unique()
            let answersOthers = evidence.servers.contains { state in
                servers.contains(state.server) && state.queries.contains { $0.message?.rcode == .noError }
            }
            let subject = listed(servers.map(\.description))
            return finding(
                subject, checks: members.map(\.check.name), confidence: .certain,
                summary:
                    "The DNS server\(servers.count == 1 ? "" : "s") \(subject) \(servers.count == 1 ? "answers" : "answer") SERVFAIL for \(listed(names)).",
                evidence: evidenceLines(members.flatMap { $0.lines { $0.rcode == .servFail } })
                    + (answersOthers
                        ? ["the same server answers other names: only the zone or forwarder of these is affected"]
                        : []),
                cause:
                    "The server could not get the answer from its own upstream or zone\(answersOthers ? " for these names" : "")."
            )
        } + underLoad(evidence) + captured(evidence)
    }
}
