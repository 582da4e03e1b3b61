/// Delay, loss, disorder and narrow links, by the relay; and their healthy variants.
extension Scenario {
    static let impaired: [Scenario] = [
        farAway, farAwayOverIPv6, tooFarAway, slowServerFarAway, randomLoss, randomLossOverIPv6, reordered, duplicated,
        jittered, lossOfOneProtocol, narrowLink,
    ]

    private static func between(_ impairment: Impairment, back: Impairment? = nil) -> LabChange {
        .impair("c", "r", impairment, back: back)
    }

    private static let everything = """
          - {name: port, tcp: "198.18.2.2:80", expect: {latency: {p95: 150ms}}}
          - {name: echo, icmp: 198.18.2.2, samples: 30, interval: 10ms, expect: {loss: 1%}}
          - {name: page, http: "http://198.18.2.2/ok", expect: {latency: {p95: 400ms}}}
        """

    private static let farAway = Scenario(
        name: "impaired: a round trip of 20 ms is no fault",
        changes: [between(Impairment(delay: 10)), .http()], checks: everything, isTimed: true, expected: .healthy)

    private static let farAwayOverIPv6 = Scenario(
        name: "impaired: a round trip of 20 ms over IPv6 is no fault",
        changes: [between(Impairment(delay: 10)), .http()],
        checks: """
              - {name: port, tcp: "[fd00:18:2::2]:80", expect: {latency: {p95: 150ms}}}
              - {name: echo, icmp: "fd00:18:2::2", samples: 30, interval: 10ms, expect: {loss: 1%}}
              - {name: page, http: "http://[fd00:18:2::2]/ok", expect: {latency: {p95: 400ms}}}
            """,
        isTimed: true, expected: .healthy)

    private static let tooFarAway = Scenario(
        name: "latency-high-p95: a round trip of 100 ms where the plan allows 50",
        changes: [between(Impairment(delay: 50)), .http()],
        checks: """
              - {name: port, tcp: "198.18.2.2:80", samples: 5, expect: {latency: {p95: 50ms}}}
              - {name: page, http: "http://198.18.2.2/ok", expect: {latency: {p95: 150ms}}}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["latency-high-p95"], statuses: ["port": "warned", "page": "warned"],
            says: ["TCP connect"], checksOf: ["latency-high-p95": 2]))

    /// The network takes 20 ms of it, the server the rest: the network is not to blame.
    private static let slowServerFarAway = Scenario(
        name: "server-slow: a slow server behind a round trip of 20 ms",
        changes: [between(Impairment(delay: 10)), .http()],
        checks: """
              - {name: page, http: "http://198.18.2.2/delay/400", expect: {latency: {p95: 300ms}}}
              - {name: quick, http: "http://198.18.2.2/ok", expect: {latency: {p95: 300ms}}}
            """,
        isTimed: true,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["server-slow"], statuses: ["page": "warned", "quick": "passed"]))

    private static func lossy(_ name: String, _ selection: Impairment.Selection, _ target: String) -> Scenario {
        Scenario(
            name: name, changes: [between(Impairment(only: selection, loss: 10), back: Impairment())],
            checks: """
                  - {name: echo, icmp: "\(target)", samples: 100, interval: 5ms, timeout: 300ms}
                """,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["packet-loss"], statuses: ["echo": "failed"],
                headline: "packet-loss"))
    }

    private static let randomLoss = lossy("packet-loss: 10 % by chance", .icmp, "198.18.2.2")
    private static let randomLossOverIPv6 = lossy("packet-loss: 10 % by chance over IPv6", .icmp6, "fd00:18:2::2")

    private static func sound(_ name: String, _ impairment: Impairment, expected: Expected = .healthy) -> Scenario {
        Scenario(
            name: "impaired: \(name)", changes: [between(impairment), .http()],
            checks: """
                  - {name: echo, icmp: 198.18.2.2, samples: 50, interval: 5ms, expect: {loss: 0%}}
                  - {name: port, tcp: "198.18.2.2:80", samples: 5}
                  - {name: page, http: "http://198.18.2.2/big/200000"}
                """,
            expected: expected)
    }

    private static func warned(_ finding: String) -> Expected {
        Expected(
            verdict: "degraded", exit: 0, must: [finding],
            statuses: ["echo": "warned", "port": "passed", "page": "passed"])
    }

    private static let reordered = sound(
        "packets out of order are no loss", Impairment(reorder: 20, reorderBy: 12),
        expected: warned("packet-reordering"))
    private static let duplicated = sound(
        "packets that come twice are no loss", Impairment(duplicate: 20), expected: warned("packet-duplication"))
    private static let jittered = sound("20 ms more or less are no loss", Impairment(delay: 30, jitter: 20))

    /// What is lost is TCP alone: ping is innocent, and the connects are late by the retransmission.
    private static let lossOfOneProtocol = Scenario(
        name: "syn-retransmit-latency: the only connection's first SYN is lost, ping is not",
        changes: [between(Impairment(only: .tcp(80), drop: 1...1), back: Impairment()), .http()],
        checks: """
              - {name: port, tcp: "198.18.2.2:80", timeout: 3s, samples: 1, expect: {latency: {max: 500ms}}}
              - {name: echo, icmp: 198.18.2.2, samples: 20, expect: {loss: 0%}}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["syn-retransmit-latency"],
            statuses: ["port": "warned", "echo": "passed"], says: ["1 of 1 connection"]))

    /// 200 kB at 2 Mbit/s: almost a second of transfer, and neither the server nor the path's length is to blame.
    private static let narrowLink = Scenario(
        name: "latency-high-p95: a narrow link makes the transfer long",
        changes: [between(Impairment(rate: 2, queue: 200)), .http()],
        checks: """
              - {name: page, http: "http://198.18.2.2/big/200000", timeout: 5s, samples: 1, expect: {latency: {p95: 400ms}}}
              - {name: small, http: "http://198.18.2.2/ok", needs: [page], expect: {latency: {p95: 400ms}}}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["latency-high-p95"], statuses: ["page": "warned", "small": "passed"],
            says: ["transfer"]))
}
