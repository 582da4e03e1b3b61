import NetValues
import Observations
import Planning

/// Redirects that lead nowhere (catalogue section 21).
enum HTTPRedirectLoop: Rule {
    static let layer = Layer.http
    static let explanation = FindingExplanation(
        id: "http-redirect-loop", severity: .error, title: "Redirects go round in a circle",
        signals: ["the same URL twice in one chain of redirects, or more than ten redirects"],
        lookalikes: ["http-status-unexpected: a redirect that was not to be followed"],
        traps: ["a redirect that depends on a cookie: this client keeps none"],
        remedy: [
            "see who redirects: typically both the ingress and the application redirect http to https while TLS ends before them (X-Forwarded-Proto)"
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let looping = evidence.checks.compactMap { check -> (check: CheckEvidence, chain: [HTTPFact])? in
            let chains = check.samples.map { sample in
                sample.facts.compactMap { if case .http(let fact) = $0, !fact.isContrast { fact } else { nil } }
            }
            return chains.first(where: isLoop).map { (check, $0) }
        }
        return grouped(looping, by: { $0.chain.first?.url.description ?? "" }).map { url, members in
            finding(
                url, checks: members.map(\.check.name), confidence: .certain,
                summary: "\(url) redirects in a circle: \(counted(members[0].chain.count, "hop")) and no end.",
                evidence: hops(members[0].chain),
                cause: "Each answer sends the client to a URL that sends it back, so no page is ever delivered.")
        }
    }

    static func isLoop(_ chain: [HTTPFact]) -> Bool {
        guard let last = chain.last?.response, (300..<400).contains(last.status),
            let location = last.header("location"),
            let next = chain.last?.url.resolving(location)
        else { return false }
        return chain.count > 10 || chain.contains { $0.url == next }
    }

    private static func hops(_ chain: [HTTPFact]) -> [String] {
        evidenceLines(
            chain.compactMap { hop in
                hop.response.map {
                    "\(hop.url) → \($0.status) to \(($0.header("location") ?? "nowhere").escaped(limit: 120))"
                }
            }, limit: 5)
    }
}
