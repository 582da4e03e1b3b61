/// Limits that show only under load: many connections at once, connections left idle, too many requests.
extension Scenario {
    static let load: [Scenario] =
        [
            manyHealthy, manyBehindTranslation, exhaustedTranslation, exhaustedTranslationAlone, firewallNumber,
            numberForAll, fullTable, narrowPorts, narrowPortsInASeries, closedMeanwhile,
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
        name: "local-port-exhaustion: a series uses up six ports, which wait in TIME_WAIT",
        changes: [.http(), .sysctl("c", "net.ipv4.ip_local_port_range=40000 40005")],
        checks: "  - {name: flows, tcp: \"198.18.2.2:80\", samples: 30, interval: 5ms}",
        expected: .fails("local-port-exhaustion", says: ["6 came about"]))

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
}

extension Scenario.Expected {
    fileprivate static func fails(_ id: String, says: [String] = []) -> Scenario.Expected {
        Scenario.Expected(
            verdict: "failing", exit: 1, must: [id], statuses: ["flows": "failed"], headline: id, says: says)
    }
}
