/// Whole HTTP answers that are wrong, late, or never whole; and odd but sound ones.
extension Scenario {
    static let web: [Scenario] = [
        notFound, backendMissing, redirectLoop, tooManyRedirects, slowServer, slowTransfer, brokenAnswers, bodyUnmet,
        soundAnswers, redirectNotFollowed,
    ]

    private static func page(_ path: String) -> String { "http://198.18.2.2\(path)" }

    private static let notFound = Scenario(
        name: "http-status-unexpected: 404 and 500 are different findings",
        changes: [.http()],
        checks: """
              - {name: fine, http: "\(page("/ok"))"}
              - {name: missing, http: "\(page("/status/404"))"}
              - {name: broken, http: "\(page("/status/500"))"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["http-status-unexpected", "http-status-unexpected"],
            statuses: ["fine": "passed", "missing": "failed", "broken": "failed"]))

    private static let backendMissing = Scenario(
        name: "http-status-unexpected: 503 speaks of a backend",
        changes: [.http()],
        checks: """
              - {name: page, http: "\(page("/status/503"))"}
              - {name: as expected, http: "\(page("/status/503"))", expect: {status: 5xx}}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["http-status-unexpected"],
            statuses: ["page": "failed", "as expected": "passed"], says: ["backend"]))

    private static let redirectLoop = Scenario(
        name: "http-redirect-loop: a page that sends to itself",
        changes: [.http()],
        checks: """
              - {name: page, http: "\(page("/loop"))"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["http-redirect-loop"], statuses: ["page": "failed"], says: ["/loop"]))

    private static let tooManyRedirects = Scenario(
        name: "http-redirect-loop: twenty redirects, but three are fine",
        changes: [.http()],
        checks: """
              - {name: many, http: "\(page("/redirect/20"))"}
              - {name: few, http: "\(page("/redirect/3"))"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["http-redirect-loop"], statuses: ["many": "failed", "few": "passed"]))

    private static let slowServer = Scenario(
        name: "server-slow: the first byte is late",
        changes: [.http()],
        checks: """
              - {name: page, http: "\(page("/delay/400"))", expect: {latency: {p95: 200ms}}}
              - {name: quick, http: "\(page("/ok"))", expect: {latency: {p95: 200ms}}}
              - {name: patient, http: "\(page("/delay/400"))"}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["server-slow"],
            statuses: ["page": "warned", "quick": "passed", "patient": "passed"]))

    private static let slowTransfer = Scenario(
        name: "latency-high-p95: the body is late, not the server's first byte",
        changes: [.http()],
        checks: """
              - {name: page, http: "\(page("/drip/400"))", expect: {latency: {p95: 200ms}}}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["latency-high-p95"], statuses: ["page": "warned"],
            says: ["transfer"]))

    private static let brokenAnswers = Scenario(
        name: "http-protocol-error, http-response-stalled: closed without an answer, and half an answer",
        changes: [.http()],
        checks: """
              - {name: nothing, http: "\(page("/nothing"))"}
              - {name: half, http: "\(page("/stall"))"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["http-response-stalled", "http-protocol-error"],
            statuses: ["nothing": "failed", "half": "failed"]))

    private static let bodyUnmet = Scenario(
        name: "expectation-unmet: another body than the plan says",
        changes: [.http()],
        checks: """
              - {name: page, http: "\(page("/ok"))", expect: {body: "^healthy$"}}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["expectation-unmet"], statuses: ["page": "failed"],
            says: ["healthy"]))

    private static let soundAnswers = Scenario(
        name: "healthy: chunked, HTTP/1.0, closed for an end, large, redirected, no keep-alive",
        changes: [.http(), .web("s", port: 81)],
        checks: """
              - {name: chunked, http: "\(page("/chunked"))"}
              - {name: old, http: "\(page("/http10"))"}
              - {name: close-delimited, http: "\(page("/close-delimited"))"}
              - {name: large, http: "\(page("/big/3000000"))"}
              - {name: redirected, http: "\(page("/redirect/2"))"}
              - {name: head, http: "http://198.18.2.2:81/", method: HEAD}
              - {name: empty, http: "\(page("/status/204"))"}
              - {name: over IPv6, http: "http://[fd00:18:2::2]/chunked"}
            """,
        expected: .healthy)

    private static let redirectNotFollowed = Scenario(
        name: "healthy: a redirect that is not to be followed, and is expected",
        changes: [.http()],
        checks: """
              - {name: page, http: "\(page("/redirect/1"))", expect: {status: 302}}
            """,
        expected: .healthy)
}
