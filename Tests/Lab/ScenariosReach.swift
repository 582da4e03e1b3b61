/// Rejections, routes, neighbours and filters of the own host: all of them are "no connection" to an application.
extension Scenario {
    static let furtherReach: [Scenario] = [
        rejected(with: "icmpx type admin-prohibited"), rejected(with: "icmpx type port-unreachable"),
        rejectedByReset, remoteRoute, remoteRouteOverIPv6, deadHostBehindRouter, nextHop, localDrop, localProhibit,
        silentPing, deadHost, refusedAsExpected, blockedByName, blockedButRefused, partlyLostConnects,
        echoAndPortDropped,
    ]

    private static func rejected(with answer: String) -> Scenario {
        Scenario(
            name: "tcp-rejected: \(answer)",
            changes: [
                .http(port: 80), .http(port: 81),
                .filter("r", at: "forward", rule: "tcp dport 81 reject with \(answer)"),
            ],
            checks: """
                  - {name: open, tcp: "198.18.2.2:80"}
                  - {name: rejected, tcp: "198.18.2.2:81"}
                """,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["tcp-rejected"],
                statuses: ["open": "passed", "rejected": "failed"],
                says: ["198.18.1.1"]))
    }

    /// The target's own packets come from one hop further: the hop limits with which both arrive tell them apart, without a right.
    private static let rejectedByReset = Scenario(
        name: "tcp-rejected: a router's reset is told from a closed port",
        changes: [.http(port: 81), .filter("r", at: "forward", rule: "tcp dport 81 reject with tcp reset")],
        checks: """
              - {name: reset, tcp: "198.18.2.2:81"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-rejected"], statuses: ["reset": "failed"],
            says: ["1 hop away (198.18.1.1)"]))

    private static let remoteRoute = Scenario(
        name: "route-unreachable-remote: a router has no route",
        changes: [.http(port: 80), .addRoute("r", "unreachable 198.18.2.2/32")],
        checks: """
              - {name: port, tcp: "198.18.2.2:80"}
              - {name: echo, icmp: 198.18.2.2}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["route-unreachable-remote"],
            statuses: ["port": "failed", "echo": "failed"],
            says: ["198.18.1.1"], checksOf: ["route-unreachable-remote": 2]))

    /// Over a plain veth link an ICMPv6 error finds the socket busy, and is told with the next SYN, a second later.
    private static let remoteRouteOverIPv6 = Scenario(
        name: "route-unreachable-remote over IPv6",
        changes: [.http(port: 80), .addRoute("r", "unreachable fd00:18:2::9/128")],
        checks: """
              - {name: port, tcp: "[fd00:18:2::9]:80", timeout: 3s, samples: 1}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["route-unreachable-remote"], statuses: ["port": "failed"]))

    private static let deadHostBehindRouter = Scenario(
        name: "route-unreachable-remote: the last router finds no such host",
        changes: [
            .sysctl("r", "net.ipv4.neigh.to-s.retrans_time_ms=100"),
            .sysctl("r", "net.ipv4.neigh.to-s.mcast_solicit=1"),
        ],
        checks: """
              - {name: port, tcp: "198.18.2.77:80"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["route-unreachable-remote"], statuses: ["port": "failed"],
            says: ["198.18.1.1"]))

    private static let nextHop = Scenario(
        name: "next-hop-unresolved: nobody on the own link has the address",
        changes: [
            .sysctl("c", "net.ipv4.neigh.to-r.retrans_time_ms=100"),
            .sysctl("c", "net.ipv4.neigh.to-r.mcast_solicit=2"),
        ],
        checks: """
              - {name: port, tcp: "198.18.1.77:80"}
              - {name: echo, icmp: 198.18.1.77}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["next-hop-unresolved"], statuses: ["port": "failed", "echo": "failed"],
            checksOf: ["next-hop-unresolved": 2]))

    private static let localDrop = Scenario(
        name: "local-egress-denied: the own output filter drops",
        changes: [.http(port: 80), .filter("c", at: "output", rule: "ip daddr 198.18.2.2 counter drop")],
        checks: """
              - {name: port, tcp: "198.18.2.2:80"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["local-egress-denied"], statuses: ["port": "failed"], says: ["EPERM"]))

    private static let localProhibit = Scenario(
        name: "local-egress-denied: the own routing table prohibits",
        changes: [.http(port: 80), .addRoute("c", "prohibit 198.18.2.2/32")],
        checks: """
              - {name: port, tcp: "198.18.2.2:80"}
              - {name: echo, icmp: 198.18.2.2}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["local-egress-denied"], statuses: ["port": "failed", "echo": "failed"]))

    private static let silentPing = Scenario(
        name: "icmp-filtered-tcp-ok: only ping is dropped",
        changes: [.http(port: 80), .filter("r", at: "forward", rule: "icmp type echo-request counter drop")],
        checks: """
              - {name: port, tcp: "198.18.2.2:80"}
              - {name: echo, icmp: 198.18.2.2}
            """,
        expected: Expected(
            verdict: "healthy", exit: 0, must: ["icmp-filtered-tcp-ok"], statuses: ["port": "passed"]))

    /// Nothing of it answers: a filter and a dead host look alike, and the finding must not claim the one.
    private static let deadHost = Scenario(
        name: "a blackholed host: no claim that it is up",
        changes: [.http(port: 80), .addRoute("r", "blackhole 198.18.2.2/32")],
        checks: """
              - {name: port, tcp: "198.18.2.2:80"}
              - {name: echo, icmp: 198.18.2.2}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-filtered-drop"], statuses: ["port": "failed", "echo": "failed"],
            says: ["or the host is down"], checksOf: ["tcp-filtered-drop": 2]))

    private static let refusedAsExpected = Scenario(
        name: "expect refused: met by a closed port",
        changes: [],
        checks: """
              - {name: closed, tcp: "198.18.2.2:82", expect: refused}
            """,
        expected: .healthy)

    /// The names come from DNS, whose answers are no passage; and name servers that must not answer.
    private static let blockedByName = Scenario(
        name: "expect blocked and refused: met, by names and by name servers",
        changes: [
            .names("shop.test A 198.18.2.2", "hole.test A 198.18.2.78"), .resolver("nameserver 198.18.2.2"),
            .addRoute("r", "blackhole 198.18.2.78/32"),
        ],
        checks: """
              - {name: closed, tcp: "shop.test:82", expect: refused}
              - {name: isolated, tcp: "hole.test:80", expect: blocked}
              - {name: no page, http: "http://hole.test/", expect: blocked}
              - {name: no names, dns: shop.test, servers: [198.18.2.78], expect: blocked}
              - {name: closed names, dns: shop.test, servers: ["198.18.2.2:54"], expect: refused}
            """,
        expected: .healthy)

    private static let blockedButRefused = Scenario(
        name: "expect blocked: a plain refusal warns",
        changes: [],
        checks: """
              - {name: isolated, tcp: "198.18.2.2:82", expect: blocked}
            """,
        expected: Expected(verdict: "degraded", exit: 0, must: ["tcp-refused"], statuses: ["isolated": "warned"]))

    /// Each second SYN is dropped, so that each connection is late by the retransmission time.
    private static let partlyLostConnects = Scenario(
        name: "syn-retransmit-latency: each connect is late by a lost SYN",
        changes: [
            .http(port: 80),
            .filter(
                "r", at: "forward", rule: "tcp dport 80 tcp flags syn / fin,syn,rst,ack numgen inc mod 2 0 counter drop"
            ),
        ],
        checks: """
              - {name: port, tcp: "198.18.2.2:80", timeout: 3s, samples: 3, expect: {latency: {p95: 500ms}}}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["syn-retransmit-latency"], statuses: ["port": "warned"],
            says: ["3 of 3 connections"]))

    /// Ping is dropped too: the other port shows that the host is up.
    private static let echoAndPortDropped = Scenario(
        name: "tcp-filtered-drop beside a filtered ping: the open port shows life",
        changes: [
            .http(port: 80), .filter("r", at: "forward", rule: "tcp dport 81 counter drop"),
            .filter("r", at: "forward", rule: "icmp type echo-request counter drop"),
        ],
        checks: """
              - {name: open, tcp: "198.18.2.2:80"}
              - {name: dropped, tcp: "198.18.2.2:81"}
              - {name: echo, icmp: 198.18.2.2}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-filtered-drop"], may: ["icmp-filtered-tcp-ok"],
            statuses: ["open": "passed", "dropped": "failed"], headline: "tcp-filtered-drop",
            says: ["while the host is up"]))
}
