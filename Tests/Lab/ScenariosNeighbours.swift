/// Who has an address on the own link: asking needs CAP_NET_RAW. Without it the same silence is told as what it is.
extension Scenario {
    static let neighbours: [Scenario] = [
        staleEntry, staleEntryOnLink, staleEntryOverIPv6, freshEntryOverIPv6, freshEntry, twoClaimants, nobodyClaims,
    ]

    private static func old(_ address: String) -> LabChange {
        .shell("c", "ip neigh replace \(address) lladdr 02:00:00:00:00:99 dev to-r nud reachable")
    }

    private static let dropOnly = Scenario.Expected(verdict: "failing", exit: 1, must: ["tcp-filtered-drop"])

    /// The gateway's address has moved to another machine, and nobody said so.
    private static let staleEntry = Scenario(
        name: "neighbours: stale-arp-after-failover: the gateway's entry is of before",
        changes: [.http(), old("198.18.1.1")],
        checks: """
              - {name: page, tcp: "198.18.2.2:80", timeout: 2s, samples: 1}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["stale-arp-after-failover"], statuses: ["page": "failed"],
            headline: "stale-arp-after-failover", says: ["02:00:00:00:00:99", "198.18.1.1"]),
        expectedWithoutRights: dropOnly)

    private static let staleEntryOnLink = Scenario(
        name: "neighbours: stale-arp-after-failover: the entry of a machine on the own link is of before",
        changes: [.web("r", port: 80), old("198.18.1.1")],
        checks: """
              - {name: page, tcp: "198.18.1.1:80", timeout: 2s, samples: 1}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["stale-arp-after-failover"], statuses: ["page": "failed"],
            says: ["02:00:00:00:00:99"]),
        expectedWithoutRights: dropOnly)

    private static let staleEntryOverIPv6 = Scenario(
        name: "neighbours: stale-arp-after-failover: the gateway's entry is of before, over IPv6",
        changes: [
            .http(),
            .shell("c", "ip -6 neigh replace fd00:18:1::1 lladdr 02:00:00:00:00:99 dev to-r nud reachable"),
        ],
        checks: """
              - {name: page, tcp: "[fd00:18:2::2]:80", timeout: 2s, samples: 1}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["stale-arp-after-failover"], statuses: ["page": "failed"],
            says: ["02:00:00:00:00:99", "fd00:18:1::1"]),
        expectedWithoutRights: dropOnly)

    private static let freshEntryOverIPv6 = Scenario(
        name: "neighbours: a filtered port behind a gateway that answers for itself, over IPv6",
        changes: [.http(), .filter("r", at: "forward", rule: "tcp dport 80 counter drop")],
        checks: """
              - {name: page, tcp: "[fd00:18:2::2]:80", timeout: 2s, samples: 1}
            """,
        expected: dropOnly)

    /// The entry is right, and the silence has another reason.
    private static let freshEntry = Scenario(
        name: "neighbours: a filtered port behind a gateway that answers for itself",
        changes: [.http(), .filter("r", at: "forward", rule: "tcp dport 80 counter drop")],
        checks: """
              - {name: page, tcp: "198.18.2.2:80", timeout: 2s, samples: 1}
            """,
        expected: dropOnly)

    private static let twoClaimants = Scenario(
        name: "neighbours: arp-duplicate-ip: two link addresses answer for an address that is silent",
        changes: [
            .server("r", .client, ["claim", "to-c", "198.18.1.9", "02:00:00:00:00:0a", "02:00:00:00:00:0b"])
        ],
        checks: """
              - {name: page, tcp: "198.18.1.9:80", timeout: 2s, samples: 1}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["arp-duplicate-ip", "tcp-filtered-drop"],
            statuses: ["page": "failed"]),
        expectedWithoutRights: dropOnly)

    private static let nobodyClaims = Scenario(
        name: "neighbours: next-hop-unresolved: nobody answers our own question either",
        changes: [
            .sysctl("c", "net.ipv4.neigh.to-r.retrans_time_ms=100"),
            .sysctl("c", "net.ipv4.neigh.to-r.mcast_solicit=2"),
        ],
        checks: """
              - {name: page, tcp: "198.18.1.77:80", timeout: 2s, samples: 1}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["next-hop-unresolved"], statuses: ["page": "failed"],
            says: ["nobody answers"]),
        expectedWithoutRights: Expected(verdict: "failing", exit: 1, must: ["next-hop-unresolved"]))
}
