/// Trials that a plan asks for: pairs of questions in four manners, and questions at a rate.
extension Scenario {
    static let dnsTrials: [Scenario] = [
        race, raceOfFewLosses, pairsWhole, pairsOfALossyWay, pairsOfAServerThatDrops, pairsOfASlowServer,
        pairsOfADeadServer,
        rateHealthy, rateRefused, rateLossy, rateOfADeadServer,
    ]

    private static let shop = ["shop.test A 198.18.2.2", "shop.test AAAA fd00:18:2::2"]

    private static func pairs(
        _ name: String, options: [String] = [], also changes: [LabChange] = [], rules: [String] = shop,
        count: Int = 100,
        timeout: String = "600ms", expected: Expected
    ) -> Scenario {
        Scenario(
            name: name,
            changes: [.server("s", .names, ["198.18.2.2"] + options + rules), .resolver("nameserver 198.18.2.2")]
                + changes,
            command: ["dns", "shop.test", "--pairs", "\(count)", "--timeout", timeout], expected: expected)
    }

    private static let race = pairs(
        "dns-slow-5s-conntrack-race: the second of two questions from one port is lost now and then",
        options: ["--second=5"],
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-slow-5s-conntrack-race"],
            says: ["that leave one port at once", "both at once from two ports: 0 of 100 pairs"]))

    private static let raceOfFewLosses = pairs(
        "three losses in a hundred pairs claim nothing", options: ["--second=33"],
        expected: Expected(verdict: "healthy", exit: 0))

    private static let pairsWhole = pairs(
        "pairs of questions that are all answered are healthy", expected: Expected(verdict: "healthy", exit: 0))

    private static let pairsOfALossyWay = pairs(
        "packet-loss: one datagram in nine is lost, from one port or from two",
        also: [.filter("r", at: "forward", rule: "udp dport 53 numgen inc mod 9 0 counter drop")],
        expected: Expected(
            verdict: "failing", exit: 1, must: ["packet-loss"], says: ["One DNS datagram in 9", "in whatever manner"]))

    private static let pairsOfAServerThatDrops = pairs(
        "dns-slow: an overloaded server leaves questions unanswered, over TCP too", options: ["--drop=7"],
        expected: Expected(verdict: "degraded", exit: 0, must: ["dns-slow"], says: ["over TCP too"]))

    /// Late is not lost.
    private static let pairsOfASlowServer = pairs(
        "pairs of questions that are answered late are no race", rules: shop + ["* delay 0.2"], count: 40,
        timeout: "2s",
        expected: Expected(verdict: "healthy", exit: 0))

    private static let pairsOfADeadServer = pairs(
        "dns-server-unreachable: no pair is tried at a dead server",
        also: [.filter("r", at: "forward", rule: "meta l4proto { tcp, udp } th dport 53 counter drop")],
        expected: Expected(verdict: "failing", exit: 1, must: ["dns-server-unreachable"]))

    // MARK: At a rate

    private static func rate(
        _ name: String, options: [String] = [], also changes: [LabChange] = [], rate: Int = 200, expected: Expected
    ) -> Scenario {
        Scenario(
            name: name,
            changes: [.server("s", .names, ["198.18.2.2"] + options + shop)] + changes,
            checks: """
                  - {name: load, dns: shop.test, type: A, servers: [198.18.2.2], samples: 1, rate: \(rate), for: 2s}
                """,
            isTimed: true, expected: expected)
    }

    private static let rateHealthy = rate(
        "two hundred questions a second that are all answered are healthy",
        expected: Expected(verdict: "healthy", exit: 0, statuses: ["load": "passed"]))

    private static let rateRefused = rate(
        "dns-refused-by-policy: under load only, a warning", options: ["--refuse-above=50"],
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-refused-by-policy"], statuses: ["load": "warned"],
            says: ["under load only", "REFUSED"]))

    private static let rateLossy = rate(
        "dns-slow: a quarter of the questions of a rate stay unanswered",
        also: [
            .filter("r", at: "forward", rule: "udp dport 53 limit rate over 150/second burst 20 packets counter drop")
        ],
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-slow"], statuses: ["load": "warned"], says: ["unanswered at"]))

    private static let rateOfADeadServer = rate(
        "dns-server-port-closed: no rate is sent to a server that is not there",
        also: [
            .filter(
                "r", at: "forward",
                rule: "meta l4proto { tcp, udp } th dport 53 reject with icmpx type port-unreachable")
        ],
        expected: Expected(verdict: "failing", exit: 1, must: ["dns-server-port-closed"]))
}
