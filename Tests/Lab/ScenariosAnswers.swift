/// Answers that are too large for a datagram, and answers that are late.
extension Scenario {
    static let largeAnswers: [Scenario] =
        [
            tcpDropped, tcpRefused, tcpForbidden, tcpReset, tcpHeld, largeAmongSmall, cutByOneServer,
            bothTransportsDead,
            largeAnswerOverTCP,
        ] + [fragmentsDropped, fragmentsAvoided]

    static let slowAnswers: [Scenario] = [
        everyLookupSlow, lateWithinTheTime, oneSlowServer, onlyFirstSlow, oneSlowSample, slowZone, manyQuickQuestions,
        oneDatagramLost, quickEnough,
    ]

    private static let shop = "shop.test A 198.18.2.2"
    private static let large = (1...100).map { "large.test A 198.18.100.\($0)" }

    private static func cut(
        _ name: String, _ changes: [LabChange], options: [String] = [], says: [String]
    ) -> Scenario {
        Scenario(
            name: "dns-truncation-tcp-blocked: \(name)",
            changes: [
                .server("s", .names, ["198.18.2.2"] + options + [shop] + large), .resolver("nameserver 198.18.2.2"),
            ] + changes,
            checks: """
                  - {name: small, dns: shop.test, type: A}
                  - {name: large, dns: large.test, type: A}
                  - {name: port, tcp: "large.test:80"}
                """,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["dns-truncation-tcp-blocked"],
                statuses: ["small": "passed", "large": "failed", "port": "failed"], says: says + ["smaller answers"],
                checksOf: ["dns-truncation-tcp-blocked": 2]))
    }

    private static let tcpDropped = cut(
        "TCP port 53 is dropped on the way",
        [.filter("r", at: "forward", rule: "tcp dport 53 counter drop")], says: ["drops TCP"])
    private static let tcpRefused = cut(
        "the server does not listen on TCP", [], options: ["--no-tcp"], says: ["is refused"])
    private static let tcpForbidden = cut(
        "a router forbids TCP port 53",
        [.filter("r", at: "forward", rule: "tcp dport 53 reject with icmpx type admin-prohibited")],
        says: ["rejected on the way", "198.18.1.1"])
    private static let tcpReset = cut(
        "TCP connections are reset once the question is there", [], options: ["--reset-tcp"], says: ["are reset"])
    private static let tcpHeld = cut(
        "TCP connections are accepted and never answered", [], options: ["--hold-tcp"],
        says: ["the connection is accepted"])

    private static let largeAmongSmall = Scenario(
        name: "small answers need no TCP: its filter is not noticed",
        changes: [
            .names(shop), .resolver("nameserver 198.18.2.2"),
            .filter("r", at: "forward", rule: "tcp dport 53 counter drop"), .http(),
        ],
        checks: """
              - {name: small, dns: shop.test, type: A}
              - {name: port, tcp: "shop.test:80"}
            """,
        expected: .healthy)

    private static let cutByOneServer = Scenario(
        name: "dns-truncation-tcp-blocked: of one of two servers, a warning",
        changes: [
            .server("s", .names, ["198.18.2.2", "--no-tcp"] + large), .server("r", .names, ["198.18.2.1"] + large),
        ],
        checks: """
              - {name: large, dns: large.test, type: A, servers: [198.18.2.2, 198.18.2.1]}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-truncation-tcp-blocked"], statuses: ["large": "warned"],
            says: ["198.18.2.2"]))

    private static let bothTransportsDead = Scenario(
        name: "dns-server-unreachable: a large answer, and both transports are dropped",
        changes: [
            .server("s", .names, ["198.18.2.2"] + large),
            .filter("r", at: "forward", rule: "meta l4proto { tcp, udp } th dport 53 counter drop"),
        ],
        checks: """
              - {name: large, dns: large.test, type: A, servers: [198.18.2.2]}
            """,
        expected: Expected(verdict: "failing", exit: 1, must: ["dns-server-unreachable"]))

    private static let largeAnswerOverTCP = Scenario(
        name: "a large answer that TCP brings is healthy",
        changes: [.server("s", .names, ["198.18.2.2"] + large), .resolver("nameserver 198.18.2.2")],
        checks: """
              - {name: large, dns: large.test, type: A}
            """,
        expected: .healthy)

    private static let noFragments: LabChange = .filter(
        "r", at: "forward", rule: "ip frag-off & 0x3fff != 0 counter drop")

    /// With a large EDNS size the server answers in fragments, which are lost: no dead server, and no filtered UDP.
    private static let fragmentsDropped = Scenario(
        name:
            "dns-truncation-tcp-blocked: fragments of a large UDP answer are lost, a warning since a smaller size helps",
        changes: [.server("s", .names, ["198.18.2.2"] + large), noFragments],
        checks: """
              - {name: large, dns: large.test, type: A, servers: [198.18.2.2], edns: 4096}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-truncation-tcp-blocked"], statuses: ["large": "warned"],
            says: ["in fragments", "edns: 1232"]))

    private static let fragmentsAvoided = Scenario(
        name: "lost fragments do not matter where EDNS is 1232",
        changes: [.server("s", .names, ["198.18.2.2"] + large), noFragments],
        checks: """
              - {name: large, dns: large.test, type: A, servers: [198.18.2.2]}
            """,
        expected: .healthy)

    // MARK: Late

    private static let everyLookupSlow = Scenario(
        name: "dns-slow: each look-up takes 700 ms",
        changes: [.names(shop, "* delay 0.7"), .resolver("nameserver 198.18.2.2"), .http()],
        checks: """
              - {name: name, dns: shop.test, type: A, timeout: 4s, samples: 4}
              - {name: port, tcp: "shop.test:80", timeout: 4s, samples: 4}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-slow"], statuses: ["name": "warned", "port": "warned"],
            says: ["198.18.2.2:53"], checksOf: ["dns-slow": 2]))

    /// The first answer comes when the second question is out already: a slow server is no dead one.
    private static let lateWithinTheTime = Scenario(
        name: "dns-slow: the answer comes after more than half of the time",
        changes: [.names(shop, "* delay 1.3")],
        checks: """
              - {name: name, dns: shop.test, type: A, timeout: 2s, samples: 4, servers: [198.18.2.2]}
            """,
        expected: Expected(verdict: "degraded", exit: 0, must: ["dns-slow"], statuses: ["name": "warned"]))

    private static let oneSlowServer = Scenario(
        name: "dns-slow: one of two servers, the other is quick",
        changes: [.names(shop, "* delay 0.7"), .server("r", .names, ["198.18.2.1", shop])],
        checks: """
              - {name: name, dns: shop.test, type: A, timeout: 4s, samples: 4, servers: [198.18.2.1, 198.18.2.2]}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-slow"],
            says: ["server 198.18.2.2:53 takes", "198.18.2.1:53, asked as well"]))

    private static let onlyFirstSlow = Scenario(
        name: "dns-slow: a note, only the first look-up is slow and the cache has the rest",
        changes: [.names(shop, "* delayfirst 0.8")],
        checks: """
              - {name: name, dns: shop.test, type: A, timeout: 4s, samples: 4, servers: [198.18.2.2]}
            """,
        expected: Expected(
            verdict: "healthy", exit: 0, must: ["dns-slow"], statuses: ["name": "passed"], says: ["cache", "upstream"]))

    private static let oneSlowSample = Scenario(
        name: "one slow look-up alone proves nothing",
        changes: [.names(shop, "* delay 0.8")],
        checks: """
              - {name: name, dns: shop.test, type: A, timeout: 4s, samples: 1, servers: [198.18.2.2]}
            """,
        expected: .healthy)

    private static let slowZone = Scenario(
        name: "dns-slow: one zone only, the server is quick with others",
        changes: [.names(shop, "db.corp.test A 198.18.2.9", "*.corp.test delay 0.7")],
        checks: """
              - {name: own, dns: shop.test, type: A, timeout: 4s, samples: 4, servers: [198.18.2.2]}
              - {name: theirs, dns: db.corp.test, type: A, timeout: 4s, samples: 4, servers: [198.18.2.2]}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-slow"], statuses: ["own": "passed", "theirs": "warned"],
            says: ["upstream of these"]))

    /// Eight quick questions for each look-up, which is the search list's doing.
    private static let manyQuickQuestions = Scenario(
        name: "dns-nxdomain-search-path: many questions of 150 ms each are no slow server",
        changes: [
            .names("www.shop.test A 198.18.2.2", "* delay 0.15"),
            .resolver("nameserver 198.18.2.2", "search a.lab b.lab c.lab d.lab", "options ndots:5"),
        ],
        checks: """
              - {name: name, dns: www.shop.test, type: A, timeout: 5s, samples: 4}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-nxdomain-search-path"], headline: "dns-nxdomain-search-path"))

    /// Each third question is lost and asked again: late by the time until then, quick in itself.
    private static let oneDatagramLost = Scenario(
        name: "a lost datagram now and then is no slow server",
        changes: [
            .names(shop), .filter("r", at: "forward", rule: "udp dport 53 numgen inc mod 3 1 counter drop"),
        ],
        checks: """
              - {name: name, dns: shop.test, type: A, timeout: 3s, samples: 6, servers: [198.18.2.2]}
            """,
        expected: .healthy)

    private static let quickEnough = Scenario(
        name: "look-ups of 100 ms each are healthy",
        changes: [.names(shop, "* delay 0.1"), .resolver("nameserver 198.18.2.2"), .http()],
        checks: """
              - {name: name, dns: shop.test, type: A, samples: 6}
              - {name: port, tcp: "shop.test:80", samples: 6}
            """,
        expected: .healthy)
}
