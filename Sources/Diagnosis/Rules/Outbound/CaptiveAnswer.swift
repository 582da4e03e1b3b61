import Planning

/// Whatever is asked for, one answer comes (catalogue section 21).
enum CaptiveAnswer: Rule {
    static let layer = Layer.beside
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "captive-answer", severity: .warning, title: "One answer comes, whatever is asked for",
        signals: [
            "plain HTTP to unrelated hosts is sent to one and the same foreign place, or gets one and the same page",
            "or a host says 511 Network Authentication Required (RFC 6585)",
        ],
        lookalikes: [
            "a redirect of each host to itself (http to https)",
            "a filter that forbids (403, 470): that is a refusal and no portal",
            "hosts of one operator that share a page",
        ],
        traps: ["behind a portal whatever else is seen of the internet is the portal's"],
        remedy: [
            "open any http:// page in a browser here, and accept or log in as the portal asks",
            "a server has no browser: ask whoever runs the network to let this machine through",
        ])

    static func findings(in evidence: Evidence) -> [Finding] { portals(in: evidence) }
}
