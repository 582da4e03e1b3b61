/// No usable answer from a name server (catalogue section 17, number 4): who or what is silent.
extension Scenario {
    static let dnsSilence: [Scenario] =
        [
            udpDropped, bothDropped, answersDropped, neighbourDead, hostDead, ownFilter, ownFilterForEveryKind,
            forwarderWithoutUpstream, slowForwarderWithoutUpstream, tcpOnlyHang,
        ] + deadOfThree + [
            wrongSource, wrongID, wrongQuestion, foreignRecords, allSilent, droppedNames, wholeAgain,
        ]

    private static let shop = "shop.test A 198.18.2.2"
    private static let one = "  - {name: name, dns: shop.test, type: A, servers: [198.18.2.2]}"

    private static func unreachable(_ name: String, _ changes: [LabChange], says: [String]) -> Scenario {
        Scenario(
            name: "dns silence: \(name)", changes: changes, checks: one,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["dns-server-unreachable"], statuses: ["name": "failed"], says: says)
        )
    }

    private static let udpDropped = unreachable(
        "UDP port 53 is dropped, TCP passes",
        [.names(shop), .filter("r", at: "forward", rule: "udp dport 53 counter drop")],
        says: ["though it does over TCP", "UDP to this port is filtered"])
    private static let bothDropped = unreachable(
        "port 53 is dropped for UDP and TCP",
        [.names(shop), .filter("r", at: "forward", rule: "meta l4proto { tcp, udp } th dport 53 counter drop")],
        says: ["neither over UDP nor over TCP"])
    /// The server hears every question; its answers are lost.
    private static let answersDropped = unreachable(
        "the answers are dropped on their way back",
        [.names(shop), .filter("r", at: "forward", rule: "meta l4proto { tcp, udp } th sport 53 counter drop")],
        says: ["neither over UDP nor over TCP"])
    private static let tcpOnlyHang = unreachable(
        "the server's process hangs, its kernel accepts connections",
        [.names("* drop", options: ["--hold-tcp"])], says: ["TCP connections to it are accepted"])
    private static let allSilent = unreachable(
        "the server drops every question", [.names("* drop")], says: ["TCP"])

    /// The kernel gives up on the address after three requests of a second each.
    private static let neighbourDead = Scenario(
        name: "dns silence: the server's host is off, on the own link",
        changes: [.resolver("nameserver 198.18.1.77")],
        checks: """
              - {name: name, dns: shop.test, type: A, timeout: 8s, samples: 1}
              - {name: port, tcp: "shop.test:80", timeout: 8s, samples: 1}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["next-hop-unresolved"], statuses: ["name": "failed", "port": "failed"],
            says: ["198.18.1.77"], checksOf: ["next-hop-unresolved": 2]))

    private static let hostDead = Scenario(
        name: "dns silence: the server's host is off, behind a router that says so",
        changes: [
            .sysctl("r", "net.ipv4.neigh.to-s.retrans_time_ms=100"),
            .sysctl("r", "net.ipv4.neigh.to-s.mcast_solicit=1"),
        ],
        checks: """
              - {name: name, dns: shop.test, type: A, timeout: 4s, samples: 1, servers: [198.18.2.77]}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["route-unreachable-remote"], statuses: ["name": "failed"],
            says: ["198.18.1.1"]))

    private static let ownFilter = Scenario(
        name: "dns silence: the own host forbids questions to leave",
        changes: [
            .names(shop), .filter("c", at: "output", rule: "meta l4proto { tcp, udp } th dport 53 counter drop"),
        ],
        checks: one,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["local-egress-denied"], statuses: ["name": "failed"],
            headline: "local-egress-denied"))

    private static let ownFilterForEveryKind = Scenario(
        name: "dns silence: the own host forbids questions, and what needs names fails by it",
        changes: [
            .names(shop), .http(), .resolver("nameserver 198.18.2.2"),
            .filter("c", at: "output", rule: "udp dport 53 counter drop"),
        ],
        checks: """
              - {name: port, tcp: "shop.test:80"}
              - {name: page, http: "http://shop.test/ok"}
              - {name: by address, tcp: "198.18.2.2:80"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["local-egress-denied"],
            statuses: ["port": "failed", "page": "failed", "by address": "passed"], checksOf: ["local-egress-denied": 2]
        ))

    // MARK: An answer that there is none

    private static func upstreamDead(_ name: String, _ rules: [String]) -> Scenario {
        Scenario(
            name: "dns silence: \(name) is an answer, SERVFAIL",
            changes: [
                .server("s", .names, ["198.18.2.2", shop] + rules), .resolver("nameserver 198.18.2.2"), .http(),
            ],
            checks: """
                  - {name: cluster name, tcp: "shop.test:80", timeout: 5s}
                  - {name: external name, dns: www.elsewhere.example, type: A, timeout: 5s}
                  - {name: external page, http: "http://www.elsewhere.example/", timeout: 5s}
                """,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["dns-servfail-upstream"],
                statuses: ["cluster name": "passed", "external name": "failed", "external page": "failed"],
                says: ["answers other names"], checksOf: ["dns-servfail-upstream": 2]))
    }

    private static let forwarderWithoutUpstream = upstreamDead(
        "a forwarder whose upstream is refused", ["*.example rcode 2"])
    /// As CoreDNS does after its two seconds for an upstream.
    private static let slowForwarderWithoutUpstream = upstreamDead(
        "a forwarder whose upstream is silent for two seconds", ["*.example rcode 2", "*.example delay 2"])

    // MARK: One of three

    private static let deadOfThree: [Scenario] = [("first", 0), ("middle", 1), ("last", 2)].map { word, place in
        var servers = ["198.18.2.2", "198.18.2.1"]
        servers.insert("198.18.2.66", at: place)
        return Scenario(
            name: "dns silence: the \(word) of three servers is dead, names resolve",
            changes: [
                .names(shop), .server("r", .names, ["198.18.2.1", shop]), .addRoute("r", "blackhole 198.18.2.66/32"),
                .etc("c", file: "resolv.conf", servers.map { "nameserver \($0)\n" }.joined()), .http(),
            ],
            checks: """
                  - {name: name, dns: shop.test, type: A}
                  - {name: port, tcp: "shop.test:80", timeout: 3s}
                """,
            expected: Expected(
                verdict: "degraded", exit: 0, must: ["dns-server-unreachable"],
                statuses: ["name": "warned", "port": place == 0 ? "warned" : "passed"], says: ["198.18.2.66"]))
    }

    // MARK: Something comes, and it is no answer

    private static func noAnswer(_ name: String, _ changes: [LabChange], says: [String]) -> Scenario {
        Scenario(
            name: "dns silence: \(name)", changes: changes, checks: one,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["expectation-unmet"], statuses: ["name": "failed"], says: says))
    }

    private static let wrongID = noAnswer(
        "an answer with another id is none", [.names(shop, "* badid")], says: ["a query id that was never used"])
    private static let wrongQuestion = noAnswer(
        "an answer to another question is none", [.names(shop, "* badquestion")], says: ["for another question"])
    private static let foreignRecords = noAnswer(
        "records of another name are no answer", [.names(shop, "* foreign")], says: ["other names only"])

    /// A connected socket does not take it, and nor does any resolver: UDP is silent, TCP answers.
    private static let wrongSource = unreachable(
        "the answers come from another address than was asked",
        [
            .addRoute("s", "local 198.18.2.3/32 dev lo"), .names(shop, options: ["--from=198.18.2.3"]),
        ], says: ["over TCP", "from another address"])

    /// A server that drops some names only is there.
    private static let droppedNames = Scenario(
        name: "dns silence: one name is dropped, another answered: the server is there",
        changes: [.names(shop, "denied.test drop")],
        checks: """
              - {name: name, dns: shop.test, type: A, servers: [198.18.2.2]}
              - {name: denied, dns: denied.test, type: A, servers: [198.18.2.2]}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["expectation-unmet"],
            statuses: ["name": "passed", "denied": "failed"], says: ["denied.test"]))

    private static let wholeAgain = Scenario(
        name: "dns silence: three servers that all answer are healthy",
        changes: [
            .names(shop), .server("r", .names, ["198.18.2.1", shop]), .server("r", .names, ["198.18.1.1", shop]),
            .resolver("nameserver 198.18.2.2", "nameserver 198.18.2.1", "nameserver 198.18.1.1"), .http(),
        ],
        checks: """
              - {name: name, dns: shop.test, type: A}
              - {name: port, tcp: "shop.test:80"}
            """,
        expected: .healthy)
}
