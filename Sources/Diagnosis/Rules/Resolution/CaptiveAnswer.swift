import Planning

/// Whatever is asked for, one answer comes (catalogue section 21): of names (`CaptiveNames`) or of pages (`CaptivePortal`).
enum CaptiveAnswer: Rule {
    static let layer = Layer.beside
    static let replaces: Set = ["http-status-unexpected", "expectation-unmet"]
    static let explanation = FindingExplanation(
        id: "captive-answer", severity: .warning, title: "One answer comes, whatever is asked for",
        signals: [
            "names made at random under three or more unrelated zones all get the same address (dns: `randomNames: true`, --random-names)",
            "or names of three or more unrelated operators of the internet (label outbound) all have one and the same address",
            "or plain HTTP to unrelated hosts of the internet (label outbound) is sent to one foreign place, or gets one HTML page",
            "or a host says 511 Network Authentication Required (RFC 6585)",
        ],
        lookalikes: [
            "a wildcard in one zone: names of other zones do not exist",
            "a wildcard in a search domain: a name with a final dot is not looked for there",
            "a redirect of each host to itself (http to https)",
            "a filter that forbids (403, 470): that is a refusal and no portal",
            "hosts of one operator that share a page, and programs' own short answers (ok), which are alike everywhere",
        ],
        traps: [
            "a filter that answers for names it blocks does so for those names only",
            "behind a portal whatever else is seen of the internet is the portal's",
        ],
        remedy: [
            "sign in to the network's portal, if it has one: open any http:// page in a browser here",
            "a server has no browser: ask whoever runs the network to let this machine through",
            "of names: ask another resolver, or have the rewriting of answers switched off for this client: programs rely on NXDOMAIN",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let found = names(in: evidence) + portals(in: evidence)
        return found.isEmpty ? sharedNames(in: evidence) : found
    }
}
