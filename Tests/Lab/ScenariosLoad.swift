/// Limits that show only under load: many connections at once, connections left idle, too many requests.
extension Scenario {
    static let load: [Scenario] =
        [
            manyHealthy, manyBehindTranslation, exhaustedTranslation, exhaustedTranslationAlone,
            exhaustedTranslationUnheard, exhaustedTranslationCaptured,
            firewallNumber, deadBackend,
            numberForAll, fullTable, ownTable, ban, lossyConnects, narrowPorts, narrowPortsInASeries, closedMeanwhile,
        ] + queues + rates + idleTimes

    private static func flows(_ rest: String, to target: String = "198.18.2.2:80") -> String {
        "  - {name: flows, flows: \"\(target)\", samples: 1, \(rest)}"
    }

    private static let other = "beside: [\"198.18.2.2:81\"]"

    private static func translation(_ rule: String) -> LabChange {
        .shell(
            "r",
            """
            nft add table ip lab-nat
            nft 'add chain ip lab-nat post { type nat hook postrouting priority 100 ; }'
            nft add rule ip lab-nat post oifname to-s meta l4proto tcp \(rule)
            """)
    }

    private static let manyHealthy = Scenario(
        name: "silence: a hundred connections at once to a healthy server",
        changes: [.http(), .http(port: 81)],
        checks: flows("count: 100, \(other)"), expected: .healthy)

    private static let manyBehindTranslation = Scenario(
        name: "silence: a hundred connections at once through address translation with ports enough",
        changes: [.http(), .http(port: 81), translation("masquerade")],
        checks: flows("count: 100, \(other)"), expected: .healthy)

    private static let exhaustedTranslation = Scenario(
        name: "snat-port-exhaustion: the translation has five ports for each destination",
        changes: [.http(), .http(port: 81), translation("masquerade to :50000-50004")],
        checks: flows("count: 24, \(other)"),
        expected: .fails("snat-port-exhaustion", says: ["Only 5 of 24", "198.18.2.2:81 works"]))

    /// Without another destination beside, less can be said.
    private static let exhaustedTranslationAlone = Scenario(
        name: "snat-port-exhaustion: five ports, and nothing was tried beside",
        changes: [.http(), translation("masquerade to :50000-50004")],
        checks: flows("count: 24"),
        expected: .fails("snat-port-exhaustion", says: ["no other destination was tried", "look alike"]))

    /// Nothing is known that the server would answer.
    private static let exhaustedTranslationUnheard = Scenario(
        name: "snat-port-exhaustion: five ports to a server that is not spoken to",
        changes: [.http(port: 5432), .http(port: 81), translation("masquerade to :50000-50004")],
        checks: flows("count: 24, \(other)", to: "198.18.2.2:5432"), isTimed: true,
        expected: .fails("snat-port-exhaustion", says: ["--send", "look alike"]))

    /// What a capture shows of single connections does not contradict what the many show.
    private static let exhaustedTranslationCaptured = Scenario(
        name: "snat-port-exhaustion: five ports, with packets captured beside",
        changes: [.http(), .http(port: 81), translation("masquerade to :50000-50004")],
        checks: flows("count: 24, \(other)"), options: ["--evidence"], isTimed: true,
        expected: .fails("snat-port-exhaustion", says: ["Only 5 of 24"]),
        expectedWithoutRights: Expected(
            verdict: "failing", exit: 1, must: ["snat-port-exhaustion"], may: ["probe-inconclusive"],
            statuses: ["flows": "failed"], headline: "snat-port-exhaustion"))

    /// As many fail at the beginning as later: nothing counts here.
    private static let deadBackend = Scenario(
        name: "rate-limited: one of three backends that is dead is no limit",
        changes: [
            .http(), .http(port: 81),
            .filter("r", at: "forward", rule: "ip daddr 198.18.2.66 drop"),
            .shell(
                "r",
                """
                nft add table ip lab-nat
                nft 'add chain ip lab-nat pre { type nat hook prerouting priority -100 ; }'
                nft 'add rule ip lab-nat pre ip daddr 198.18.2.100 tcp dport 80 dnat to numgen inc mod 3 map { 0 : 198.18.2.2, 1 : 198.18.2.2, 2 : 198.18.2.66 }'
                """),
        ],
        checks: flows("count: 24, \(other)", to: "198.18.2.100:80"),
        expected: .fails("expectation-unmet", says: ["came about"]))

    /// One vantage cannot tell it from translation, and says so.
    private static let firewallNumber = Scenario(
        name: "snat-port-exhaustion: a firewall that limits the connections of one address looks the same from here",
        changes: [
            .http(), .http(port: 81),
            .filter("r", at: "forward", rule: "tcp dport 80 ct state new ct count over 5 counter drop"),
        ],
        checks: flows("count: 24, \(other)"),
        expected: .fails("snat-port-exhaustion", says: ["A firewall that limits the connections of one address"]))

    private static let numberForAll = Scenario(
        name: "conntrack-table-full: a limit on the number of all connections, lifted when they are closed, is none",
        changes: [
            .http(), .http(port: 81),
            .filter("r", at: "forward", rule: "ct state new ct count over 5 counter drop"),
        ],
        checks: flows("count: 24, \(other)"),
        expected: .fails("expectation-unmet", says: ["other destinations meanwhile: 0 of 1"]))

    private static let narrowPorts = Scenario(
        name: "local-port-exhaustion: this host gives out six ports",
        changes: [.http(), .http(port: 81), .sysctl("c", "net.ipv4.ip_local_port_range=40000 40005")],
        checks: flows("count: 24, \(other)"),
        expected: .fails("local-port-exhaustion", says: ["EADDRNOTAVAIL"]))

    private static let narrowPortsInASeries = Scenario(
        name: "local-port-exhaustion: series use up six ports, which wait in TIME_WAIT",
        changes: [.http(), .sysctl("c", "net.ipv4.ip_local_port_range=40000 40005")],
        checks: """
              - {name: flows, tcp: "198.18.2.2:80", samples: 30, interval: 5ms}
              - {name: over IPv6, tcp: "[fd00:18:2::2]:80", samples: 30, interval: 5ms}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["local-port-exhaustion", "local-port-exhaustion"],
            statuses: ["flows": "failed", "over IPv6": "failed"], headline: "local-port-exhaustion",
            says: ["6 came about", "40000 to 40005"]))

    private static let closedMeanwhile = Scenario(
        name: "tcp-refused: nobody listens, so that no load is made",
        changes: [.http(port: 81)], checks: flows("count: 24, \(other)"), expected: .fails("tcp-refused"))

    /// 262,144 entries of somebody else, less twenty.
    private static let fullTable = Scenario(
        name: "conntrack-table-full: the router's table has room for twenty more",
        changes: [
            .http(), .http(port: 81), .server("r", .web, ["8080"]),
            .filter("r", at: "forward", rule: "ct state established accept"), .server("r", .fill, ["20"]),
        ],
        checks: flows("count: 60, beside: [\"198.18.2.2:81\", \"198.18.2.1:8080\"]"), isTimed: true,
        expected: .fails("conntrack-table-full", says: ["every destination", "an established connection is answered"]))

    private static let ownTable = Scenario(
        name: "conntrack-table-full: the table of this host itself",
        changes: [
            .http(), .filter("c", at: "output", rule: "ct state established accept"), .server("c", .fill, ["0"]),
        ],
        checks: """
              - {name: flows, tcp: "198.18.2.2:80"}
              - {name: page, http: "http://198.18.2.2/ok"}
              - {name: name, dns: shop.test, type: A, servers: [198.18.2.2]}
            """,
        isTimed: true,
        expected: .fails("conntrack-table-full", says: ["nf_conntrack_max", "of this network namespace is full"]))

    /// Established connections go on, and nothing new of this address passes: from here as a full table.
    private static let ban = Scenario(
        name: "conntrack-table-full: a router that locks out an address after ten connections looks the same from here",
        changes: [
            .http(), .http(port: 81),
            .shell(
                "r",
                """
                nft add table ip lab-ban
                nft 'add set ip lab-ban seen { type ipv4_addr ; flags dynamic ; }'
                nft 'add chain ip lab-ban forward { type filter hook forward priority 0 ; }'
                nft 'add rule ip lab-ban forward ct state established accept'
                nft 'add rule ip lab-ban forward tcp dport { 80, 81 } add @seen { ip saddr limit rate over 1/hour burst 10 packets } drop'
                """),
        ],
        checks: flows("count: 24, \(other)"),
        expected: .fails("conntrack-table-full", says: ["locked this address out", "look alike"]))

    private static let lossyConnects = Scenario(
        name: "silence: one SYN in three is lost, and all come about when they are sent again",
        changes: [
            .http(), .http(port: 81),
            .filter(
                "r", at: "forward", rule: "tcp dport 80 tcp flags & (syn|ack) == syn numgen inc mod 3 0 counter drop"),
        ],
        checks: flows("timeout: 5s, count: 40, hold: 5s, \(other)"), expected: .healthy)
}

extension Scenario.Expected {
    fileprivate static func fails(_ id: String, says: [String] = []) -> Scenario.Expected {
        Scenario.Expected(
            verdict: "failing", exit: 1, must: [id], statuses: ["flows": "failed"], headline: id, says: says)
    }
}
