/// Connections that are accepted and then end: by reset or in good order, at each moment; and what only looks like it.
extension Scenario {
    static let resets: [Scenario] = [
        bannerReset("reset", after: "at once", says: ["before a byte was said"]),
        bannerReset("reset-on-bytes", after: "after the first bytes", says: ["after our first bytes"]),
        bannerClosed, requestReset, answerReset, requestResetByRouter, requestResetOverIPv6, plainToMutualTLS,
        helloReset, helloResetByName, handshakeReset, helloClosed, healthyConversations, resetAndExpired,
    ]

    private static let greeting = "expect: {banner: \"^220\"}"

    private static func failing(_ finding: String, says: [String] = []) -> Expected {
        Expected(verdict: "failing", exit: 1, must: [finding], headline: finding, says: says)
    }

    private static let shop = LabChange.hosts("198.18.2.2 shop.test other.test")

    private static func secure(_ options: String..., port: Int = 443) -> LabChange {
        .server("s", .web, ["\(port)", "{lab}/good.pem", "{lab}/good.key"] + options)
    }

    private static func bannerReset(_ moment: String, after: String, says: [String]) -> Scenario {
        Scenario(
            name: "tcp-reset-after-connect: \(after)",
            changes: [.server("s", .web, ["25", "--at", moment])],
            checks: """
                  - {name: mail, tcp: "198.18.2.2:25", send: "EHLO x\\\\r\\\\n", \(greeting)}
                  - {name: mail over IPv6, tcp: "[fd00:18:2::2]:25", send: "EHLO x\\\\r\\\\n", \(greeting)}
                """,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["tcp-reset-after-connect", "tcp-reset-after-connect"],
                // A reset that is quicker than our first write is seen before a byte was sent.
                says: moment == "reset" ? ["accepts connections and then resets them"] : says))
    }

    private static let bannerClosed = Scenario(
        name: "expectation-unmet: closed in good order without a banner is no reset",
        changes: [.server("s", .web, ["25", "--at", "close-on-bytes"])],
        checks: """
              - {name: mail, tcp: "198.18.2.2:25", send: "EHLO x\\\\r\\\\n", \(greeting)}
            """,
        expected: failing("expectation-unmet", says: ["then it closed"]))

    private static let requestReset = Scenario(
        name: "tcp-reset-after-connect, http-protocol-error, http-response-stalled: four ways to end a request",
        changes: [.http()],
        checks: """
              - {name: reset, http: "http://198.18.2.2/reset"}
              - {name: closed, http: "http://198.18.2.2/nothing"}
              - {name: stalled, http: "http://198.18.2.2/stall"}
              - {name: broken, http: "http://198.18.2.2/status/500"}
              - {name: fine, http: "http://198.18.2.2/ok"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1,
            must: [
                "tcp-reset-after-connect", "http-protocol-error", "http-response-stalled", "http-status-unexpected",
            ],
            statuses: ["fine": "passed"], checksOf: ["tcp-reset-after-connect": 1, "http-protocol-error": 1]))

    private static let answerReset = Scenario(
        name: "tcp-reset-after-connect: in the middle of the answer",
        changes: [.http()],
        checks: """
              - {name: page, http: "http://198.18.2.2/reset-within/5000"}
            """,
        expected: failing("tcp-reset-after-connect", says: ["in the middle of the answer"]))

    /// A device that lets the connection come about and resets it at the first bytes: what a filter of contents does.
    private static let requestResetByRouter = Scenario(
        name: "tcp-reset-after-connect: a router resets at the first bytes",
        changes: [
            .http(port: 80), .http(port: 81),
            .filter("r", at: "forward", rule: "tcp dport 81 tcp flags & psh == psh reject with tcp reset"),
        ],
        checks: """
              - {name: fine, http: "http://198.18.2.2/ok"}
              - {name: page, http: "http://198.18.2.2:81/ok"}
            """,
        expected: failing("tcp-reset-after-connect", says: ["right after the request", "TTL"]))

    private static let requestResetOverIPv6 = Scenario(
        name: "tcp-reset-after-connect: over IPv6, by a router",
        changes: [
            .http(port: 81),
            .filter("r", at: "forward", rule: "tcp dport 81 tcp flags & psh == psh reject with tcp reset"),
        ],
        checks: """
              - {name: page, http: "http://[fd00:18:2::2]:81/ok"}
            """,
        expected: failing("tcp-reset-after-connect"))

    private static let plainToMutualTLS = Scenario(
        name: "tcp-reset-after-connect: plaintext to a port of mutual TLS, which the tls check beside it shows",
        changes: [
            .certificates, shop, secure("--client-ca", "{lab}/ca.pem", "--client-optional"),
        ],
        checks: """
              - {name: plain, http: "http://shop.test:443/ok"}
              - {name: tls, tls: "shop.test:443", ca: "{lab}/ca.pem"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-reset-after-connect"],
            statuses: ["plain": "failed", "tls": "passed"],
            says: ["wants TLS, with a client certificate"]))

    private static let helloReset = Scenario(
        name: "tcp-reset-after-connect: after ClientHello",
        changes: [.certificates, shop, secure("--at", "reset-on-bytes")],
        checks: """
              - {name: tls, tls: "shop.test:443", ca: "{lab}/ca.pem"}
              - {name: page, http: "https://shop.test/ok", ca: "{lab}/ca.pem"}
            """,
        expected: failing("tcp-reset-after-connect", says: ["right after the ClientHello", "Either the server itself"]))

    /// A server that resets what asks for one name looks like a filter: both are told.
    private static let helloResetByName = Scenario(
        name: "egress-fqdn-filtered: a server that resets one server name, which cannot be told from a filter",
        changes: [
            .certificates, .hosts("198.18.2.2 a.shop.test b.shop.test"),
            .server(
                "s", .web,
                ["443", "{lab}/wildcard.pem", "{lab}/wildcard.key", "--at", "reset-on-bytes", "--sni", "a.shop.test"]),
        ],
        checks: """
              - {name: filtered, tls: "a.shop.test:443", ca: "{lab}/ca.pem"}
              - {name: allowed, tls: "b.shop.test:443", ca: "{lab}/ca.pem"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["egress-fqdn-filtered"],
            statuses: ["filtered": "failed", "allowed": "passed"],
            says: ["looks the same from here", "from a network without the filter"]))

    private static let handshakeReset = Scenario(
        name: "tcp-reset-after-connect: in the middle of the handshake",
        changes: [.certificates, shop, secure("--at", "reset-in-handshake")],
        checks: """
              - {name: tls, tls: "shop.test:443", ca: "{lab}/ca.pem"}
            """,
        expected: failing("tcp-reset-after-connect", says: ["in the middle of the TLS handshake"]))

    private static let helloClosed = Scenario(
        name: "expectation-unmet: TLS closed in good order without a byte",
        changes: [.certificates, shop, secure("--at", "close-on-bytes")],
        checks: """
              - {name: tls, tls: "shop.test:443", ca: "{lab}/ca.pem"}
            """,
        expected: failing("expectation-unmet", says: ["without a backend"]))

    private static let healthyConversations = Scenario(
        name: "silence: a banner, a handshake and a page, with servers that have options but no fault",
        changes: [
            .certificates, shop, .server("s", .web, ["25", "--at", "say:220 mail ready"]),
            secure("--client-ca", "{lab}/ca.pem", "--client-optional"), secure("--min-version", "1.3", port: 8443),
        ],
        checks: """
              - {name: mail, tcp: "198.18.2.2:25", \(greeting)}
              - {name: asks but does not insist, tls: "shop.test:443", ca: "{lab}/ca.pem"}
              - {name: page, http: "https://shop.test/ok", ca: "{lab}/ca.pem"}
              - {name: newest, tls: "shop.test:8443", ca: "{lab}/ca.pem", minVersion: "1.3"}
            """,
        expected: .healthy)

    private static let resetAndExpired = Scenario(
        name: "two faults at once: requests that are reset, and an expired certificate",
        changes: [
            .certificates, shop,
            .server(
                "s", .web,
                ["443", "{lab}/expired.pem", "{lab}/expired.key", "--at", "reset-on-bytes", "--every", "2"]),
        ],
        checks: """
              - {name: page, http: "https://shop.test/ok", ca: "{lab}/ca.pem", samples: 4}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tls-cert-expired", "tcp-reset-after-connect"],
            headline: "tls-cert-expired"))
}
