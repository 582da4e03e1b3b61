import NetValues
import Observations
import Planning

/// Whatever is asked for, one answer comes (catalogue section 21).
enum CaptiveAnswer: Rule {
    static let layer = Layer.resolution
    static let replaces: Set = ["http-status-unexpected", "expectation-unmet"]
    static let explanation = FindingExplanation(
        id: "captive-answer", severity: .warning, title: "Whatever is asked for, one answer comes",
        signals: [
            "names made at random under three or more unrelated zones all get the same address (dns: `randomNames: true`, --random-names)",
            "plain HTTP to unrelated hosts of the internet (label outbound) is sent to one foreign place, or gets one HTML page",
            "or a host says 511 Network Authentication Required (RFC 6585)",
        ],
        lookalikes: [
            "a redirect of each host to itself (http to https), and programs' own short answers (ok), which are alike everywhere",
            "a filter by name that forbids (403, 470; egress-fqdn-filtered): that is a refusal and no portal",
            "a wildcard in one zone: names of other zones do not exist",
            "a wildcard in a search domain: a name with a final dot is not looked for there",
        ],
        traps: ["a filter that answers for names it blocks does so for those names only"],
        remedy: [
            "sign in to the network's portal, if it has one; for a server, have whoever runs the network let it through",
            "ask another resolver, or have the rewriting of answers switched off for this client: programs rely on NXDOMAIN",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        names(in: evidence) + portals(in: evidence)
    }
}
