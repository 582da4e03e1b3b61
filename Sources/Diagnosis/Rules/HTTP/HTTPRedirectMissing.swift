import NetValues
import Observations
import Planning

/// A page that must only be had by HTTPS is served in the clear (catalogue section 21).
enum HTTPRedirectMissing: Rule {
    static let layer = Layer.http
    static let explanation = FindingExplanation(
        id: "http-redirect-missing", severity: .warning, title: "Plain HTTP is served where HTTPS is demanded",
        signals: ["the plan says redirect: https, and the http:// URL answers 2xx itself"],
        lookalikes: [
            "a redirect that leads elsewhere, or names no place: the service does redirect, but wrongly (expectation-unmet)",
            "http-status-unexpected: an error, or 426 Upgrade Required, which serves nothing in the clear either",
        ],
        traps: ["Strict-Transport-Security sent over plain HTTP is ignored by clients (RFC 6797 section 7.2)"],
        remedy: [
            "have the server, ingress or load balancer redirect http to https (301 or 308)",
            "or close the plain port",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let served = evidence.measured.compactMap { check -> (check: CheckEvidence, exchanges: [HTTPFact])? in
            guard check.hasExchanges else { return nil }
            let exchanges = check.samples.filter(isUnmet).flatMap { firstHops($0, check.check.target) }.filter {
                (200..<300).contains($0.response?.status ?? 0)
            }
            return exchanges.isEmpty ? nil : (check, exchanges)
        }
        return grouped(served, by: \.check.check.target.description).map { target, members in
            finding(
                target, checks: members.map(\.check.name), confidence: .certain,
                summary: "\(target) is served in the clear; the plan demands a redirect to https.",
                evidence: evidenceLines(members.flatMap(\.exchanges).flatMap(lines)),
                cause:
                    "Nothing in front of the application sends plain requests to HTTPS: what is asked here can be read and changed on the way."
            )
        }
    }

    private static func isUnmet(_ sample: Sample) -> Bool {
        sample.comparisons.contains { $0.key == "redirect" && !$0.isMet }
    }

    /// One for each address that was asked.
    private static func firstHops(_ sample: Sample, _ target: Target) -> [HTTPFact] {
        guard case .url(let url) = target else { return [] }
        return sample.facts.compactMap {
            if case .http(let fact) = $0, !fact.isContrast, fact.url == url { fact } else { nil }
        }
    }

    private static func lines(_ exchange: HTTPFact) -> [String] {
        guard let response = exchange.response else { return [] }
        var lines = [
            "\(exchange.method) \(exchange.url): status \(response.status), \(counted(response.bodyBytes, "byte")) of body"
        ]
        if response.header("strict-transport-security") != nil {
            lines.append("it sends Strict-Transport-Security, which counts only over https")
        }
        if let server = response.header("server") { lines.append("header server: \(server.escaped(limit: 80))") }
        return lines
    }
}
