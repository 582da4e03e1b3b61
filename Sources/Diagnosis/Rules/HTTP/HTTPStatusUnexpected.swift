import NetValues
import Observations
import Planning

/// An answer with another status than expected (catalogue section 21).
enum HTTPStatusUnexpected: Rule {
    static let layer = Layer.http
    static let explanation = FindingExplanation(
        id: "http-status-unexpected", severity: .error, title: "The HTTP status is not the expected one",
        signals: [
            "a whole HTTP answer whose status is outside the expected set (without a plan's word: 2xx and 3xx)",
            "in a capture: a server fails (5xx) at least one in twenty requests",
        ],
        lookalikes: [
            "502, 503 and 504 often come from a proxy that has no backend, not from the application: the evidence shows who answered",
            "rate-limited: 429, and 503 that says when to come again beside answers as expected",
        ],
        traps: ["a wrong path (404) is not a broken service (5xx)"],
        remedy: ["look at the application's log for this request"])

    static func findings(in evidence: Evidence) -> [Finding] {
        let wrong = evidence.checks.compactMap {
            check -> (check: CheckEvidence, exchange: HTTPFact, comparison: Comparison)? in
            guard check.check.expectation.word == .reachable, check.hasExchanges else { return nil }
            let isMixed = check.failures < check.finals.count
            for sample in check.samples where RateLimited.limit(on: sample, isMixed: isMixed) == nil {
                guard let comparison = sample.comparisons.first(where: { $0.key == "status" && !$0.isMet }) else {
                    continue
                }
                let exchanges = sample.facts.compactMap {
                    if case .http(let fact) = $0, !fact.isContrast, fact.response != nil { fact } else { nil }
                }
                if let last = exchanges.last, !HTTPRedirectLoop.isLoop(exchanges) { return (check, last, comparison) }
            }
            return nil
        }
        return grouped(wrong, by: { "\($0.exchange.url) \($0.exchange.response?.status ?? 0)" }).map { _, members in
            let first = members[0]
            let status = first.exchange.response?.status ?? 0
            let failures = members.map(\.check.failures).reduce(0, +)
            let total = members.map(\.check.finals.count).reduce(0, +)
            return finding(
                first.exchange.url.description, checks: members.map(\.check.name), confidence: .certain,
                summary: "\(first.exchange.url) answers \(status), expected \(first.comparison.expected).",
                evidence: ["\(failures) of \(counted(total, "request")) so"] + lines(first.exchange),
                cause: wantsTLS(first.exchange)
                    ? "This port speaks TLS, and the request came in plain HTTP." : cause(status),
                remedy: wantsTLS(first.exchange) ? ["use https:// in the URL"] : remedy(status))
        } + captured(evidence)
    }

    private static func lines(_ exchange: HTTPFact) -> [String] {
        guard let response = exchange.response else { return [] }
        var lines = [
            "\(exchange.method) \(exchange.url) at \(exchange.endpoint): \(response.version) \(response.status) \(response.reason.escaped(limit: 60))"
        ]
        for name in ["server", "via", "location", "retry-after", "www-authenticate"] {
            if let value = response.header(name) { lines.append("header \(name): \(value.escaped(limit: 120))") }
        }
        if !response.bodyStart.isEmpty { lines.append("body begins: \(response.bodyStart.escaped(limit: 120))") }
        return lines
    }

    /// nginx, Apache and Go's server say so in the body, each in its own words.
    private static func wantsTLS(_ exchange: HTTPFact) -> Bool {
        guard exchange.url.scheme == .http, let response = exchange.response, response.status == 400 else {
            return false
        }
        let body = response.bodyStart.escaped(limit: 400)
        return ["to HTTPS port", "to an SSL-enabled server port", "to an HTTPS server"].contains {
            body.contains($0)
        }
    }

    private static func cause(_ status: Int) -> String {
        switch status {
        case 401, 407: "The server wants credentials, or does not accept those that were sent."
        case 403: "The server understood and refuses: an authorization rule, or a filter in front of it."
        case 404, 410:
            "The server works, but has nothing at this path: the path or the host name of the request is wrong."
        case 502, 503, 504:
            "A proxy or load balancer answered that its backend is missing, refuses, or is too slow; or the application says so itself."
        case 500...: "The application failed while handling the request."
        case 300..<400: "The server sends the client elsewhere, and the redirect was not followed to an end."
        default: "The server's answer is outside what the plan expects."
        }
    }

    private static func remedy(_ status: Int) -> [String] {
        switch status {
        case 401, 403, 407:
            ["check the credentials (basic, bearer, client certificate) and the authorization rules for this path"]
        case 404, 410:
            ["correct the path or the Host header; for a health check look up the path that the server serves"]
        case 502, 503, 504:
            ["look whether the Service behind has ready endpoints", "then at the backend's own log and latency"]
        default: explanation.remedy
        }
    }
}
