/// Series of samples of which some fail: with a pattern, without one, and for a reason that has a name.
extension Scenario {
    static let series: [Scenario] = [
        everyThirdRefused, randomlyRefused, tooFewSamples, everyFourthReset, deadAddressInASeries,
        soundSeries,
        lostEchoesBesideASeries, wrongClock, oneServersClock, youngCertificate, youngCertificateAndClock,
        redirectMissing,
        redirectElsewhere, redirectSound,
    ]

    private static func refuse(_ condition: String) -> LabChange {
        .filter(
            "r", at: "forward", rule: "tcp dport 80 tcp flags syn / fin,syn,rst,ack \(condition) reject with tcp reset")
    }

    private static let everyThirdRefused = Scenario(
        name: "intermittent-failure: every third connection is refused",
        changes: [.http(), refuse("numgen inc mod 3 0")],
        checks: """
              - {name: port, tcp: "198.18.2.2:80", samples: 30, interval: 5ms}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["intermittent-failure"], statuses: ["port": "warned"],
            says: ["10 of 30 samples", "every third", "load balancer"]))

    private static let randomlyRefused = Scenario(
        name: "intermittent-failure: one connection in four is refused, at random",
        changes: [.http(), refuse("numgen random mod 4 0")],
        checks: """
              - {name: port, tcp: "198.18.2.2:80", samples: 80, interval: 2ms}
              - {name: over IPv6, tcp: "[fd00:18:2::2]:80", samples: 80, interval: 2ms}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["intermittent-failure", "intermittent-failure"],
            statuses: ["port": "warned", "over IPv6": "warned"]))

    private static let tooFewSamples = Scenario(
        name: "expectation-unmet: nineteen samples show no pattern",
        changes: [.http(), refuse("numgen inc mod 3 0")],
        checks: """
              - {name: port, tcp: "198.18.2.2:80", samples: 19, interval: 5ms}
            """,
        expected: Expected(verdict: "failing", exit: 1, must: ["expectation-unmet"], says: ["7 of 19"]))

    /// A reset has a name, and its share is told with it.
    private static let everyFourthReset = Scenario(
        name: "tcp-reset-after-connect: every fourth connection of a series",
        changes: [.server("s", .web, ["80", "--at", "reset-on-bytes", "--every", "4"])],
        checks: """
              - {name: page, http: "http://198.18.2.2/ok", samples: 24, interval: 5ms}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-reset-after-connect"], says: ["6 of 24 samples"]))

    private static let deadAddressInASeries = Scenario(
        name: "address-dead: in a series of twenty nothing is called intermittent",
        changes: [.hosts("198.18.2.1 shop.test", "198.18.2.2 shop.test"), .http()],
        checks: """
              - {name: page, http: "http://shop.test/ok", samples: 20, interval: 5ms}
              - {name: all, http: "http://shop.test/ok", addresses: all, samples: 20, interval: 5ms}
            """,
        expected: Expected(verdict: "failing", exit: 1, must: ["address-dead"], checksOf: ["address-dead": 2]))

    private static let soundSeries = Scenario(
        name: "silence: a series of twenty that all work",
        changes: [.http()],
        checks: """
              - {name: port, tcp: "198.18.2.2:80", samples: 20, interval: 5ms}
              - {name: page, http: "http://198.18.2.2/ok", samples: 20, interval: 5ms}
            """,
        expected: .healthy)

    private static let lostEchoesBesideASeries = Scenario(
        name: "packet-loss: lost echoes are not called intermittent",
        changes: [
            .http(), .filter("r", at: "forward", rule: "icmp type echo-request numgen inc mod 5 0 counter drop"),
        ],
        checks: """
              - {name: echo, icmp: 198.18.2.2, samples: 50, interval: 5ms}
              - {name: port, tcp: "198.18.2.2:80", samples: 20, interval: 5ms}
            """,
        expected: Expected(verdict: "failing", exit: 1, must: ["packet-loss"], statuses: ["port": "passed"]))

    // MARK: Clocks

    private static let twoServers = LabChange.hosts("198.18.2.2 shop.test", "198.18.2.1 hub.test")

    private static func clocks(_ first: String, _ second: String) -> [LabChange] {
        [
            twoServers, .server("s", .web, ["80", "--date", first]), .server("r", .web, ["80", "--date", second]),
        ]
    }

    private static let twoPages = """
          - {name: shop, http: "http://shop.test/ok"}
          - {name: hub, http: "http://hub.test/ok"}
        """

    private static let wrongClock = Scenario(
        name: "clock-skew: two servers agree that this host's clock is three days behind",
        changes: clocks("3", "3"), checks: twoPages,
        expected: Expected(verdict: "degraded", exit: 0, must: ["clock-skew"], says: ["behind"]))

    private static let oneServersClock = Scenario(
        name: "silence: one of two servers has a wrong clock, which is not ours",
        changes: clocks("3", "0"), checks: twoPages, expected: .healthy)

    private static let youngCertificate = Scenario(
        name: "expectation-unmet: a certificate for a time to come, while the clocks agree",
        changes: [.certificates, .tls("notyet")] + clocks("0", "0"),
        checks: twoPages + "\n  - {name: tls, tls: \"shop.test:443\", ca: \"{lab}/ca.pem\"}",
        expected: Expected(
            verdict: "failing", exit: 1, must: ["expectation-unmet"], statuses: ["tls": "failed", "shop": "passed"],
            says: ["agree with it", "too soon"]))

    private static let youngCertificateAndClock = Scenario(
        name: "clock-skew: only possible, where one server and its young certificate agree",
        changes: [
            .certificates, twoServers,
            .server("s", .web, ["443", "{lab}/notyet.pem", "{lab}/notyet.key", "--date", "3"]),
        ],
        checks: """
              - {name: page, http: "https://shop.test/ok", ca: "{lab}/ca.pem"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["expectation-unmet", "clock-skew"], statuses: ["page": "failed"],
            headline: "expectation-unmet", says: ["this host's clock is behind"]))

    // MARK: Redirects

    private static func redirect(_ name: String, _ path: String) -> String {
        "  - {name: \(name), http: \"http://shop.test\(path)\", follow: false, expect: {redirect: https}}"
    }

    private static let redirectMissing = Scenario(
        name: "http-redirect-missing: a page in the clear, also with Strict-Transport-Security",
        changes: [twoServers, .http()],
        checks: redirect("page", "/ok") + "\n" + redirect("hsts", "/hsts"),
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["http-redirect-missing", "http-redirect-missing"],
            statuses: ["page": "warned", "hsts": "warned"]))

    private static let redirectElsewhere = Scenario(
        name: "expectation-unmet: redirects that lead elsewhere or nowhere, and 426, are no page in the clear",
        changes: [twoServers, .http()],
        checks: redirect("plain", "/send-to/302/http://hub.test/") + "\n" + redirect("nowhere", "/send-to/301/") + "\n"
            + redirect("upgrade", "/status/426"),
        expected: Expected(
            verdict: "failing", exit: 1,
            must: ["http-status-unexpected", "expectation-unmet", "expectation-unmet"], may: ["expectation-unmet"],
            statuses: ["plain": "failed", "nowhere": "failed", "upgrade": "failed"]))

    private static let redirectSound = Scenario(
        name: "silence: redirects to https, to the same and to another host",
        changes: [twoServers, .http()],
        checks: redirect("same", "/send-to/301/https://shop.test/ok") + "\n"
            + redirect("other", "/send-to/308/https://hub.test/"),
        expected: .healthy)
}
