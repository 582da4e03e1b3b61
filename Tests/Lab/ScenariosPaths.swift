/// What needs the way itself: where packets go round, end, are lost or begin to go another way. In the chain the client is at 198.18.1.2,
/// the routers at 198.18.1.1 and 198.18.2.2, the server at 198.18.3.2, three hops away.
extension Scenario {
    static let paths: [Scenario] = pathPlaces + pathLosses + pathChanges + pathLookalikes

    private static let pathPlaces: [Scenario] = [
        named("a circle, checked", command: ["check", "198.18.77.1:80"], "routing-loop", says: loop),
        named("a circle, traced", command: ["trace", "198.18.77.1", "--max-hops", "12"], "routing-loop", says: loop),
        named(
            "a circle in which one router is silent, traced",
            [.filter("q", at: "output", rule: "icmp type time-exceeded counter drop")],
            command: ["trace", "198.18.77.1", "--max-hops", "12"], "routing-loop", says: ["198.18.1.1, from hop 1 on"]),
        named(
            "the second router has no route, checked", [.addRoute("q", "unreachable 198.18.3.2/32")],
            command: ["check", "198.18.3.2:80"], "route-unreachable-remote", says: secondRouter),
        named(
            "the second router has no route, traced", [.addRoute("q", "unreachable 198.18.3.2/32")],
            command: ["trace", "198.18.3.2"], "route-unreachable-remote", says: secondRouter),
        named(
            "the second router prohibits it, traced", [.addRoute("q", "prohibit 198.18.3.2/32")],
            command: ["trace", "198.18.3.2"], "tcp-rejected", says: ["198.18.2.2"]),
        named(
            "nobody is there, and the last router says so after three seconds", [],
            command: ["check", "198.18.3.77:80", "--timeout", "5s"], "next-hop-unresolved",
            says: ["The router 198.18.2.2 (hop 2 of the way) finds nobody at 198.18.3.77"]),
        named(
            "nobody is there, traced", [], command: ["trace", "198.18.3.78"], "next-hop-unresolved",
            says: ["The router 198.18.2.2 (hop 2 of the way) finds nobody at 198.18.3.78"]),
        named(
            "SYNs end at the first router, traced",
            [.http(port: 81), .filter("r", at: "forward", rule: "tcp dport 81 counter drop")],
            command: ["trace", "198.18.3.2:81"], "tcp-filtered-drop",
            says: [
                "Connections to 198.18.3.2:81 disappear after hop 1 (198.18.1.1)", "before 198.18.2.2, the next router",
            ]),
    ]

    private static let loop = ["at 198.18.1.1 and 198.18.2.2, from hop 1 on"]
    private static let secondRouter = ["The router 198.18.2.2, hop 2 of the way,", "198.18.1.1 (hop 1)"]

    private static func named(
        _ name: String, _ changes: [LabChange] = [], command: [String], _ finding: String, says: [String]
    ) -> Scenario {
        Scenario(
            name: "path: \(name)", network: .chain, changes: changes, command: command,
            expected: Expected(
                verdict: "failing", exit: 1, must: [finding], headline: finding, says: says))
    }

    private static func rounds(_ count: Int, every milliseconds: Int, to target: String = "198.18.3.2") -> [String] {
        ["trace", target, "--method", "icmp", "--samples", "\(count)", "--interval", "\(milliseconds)ms"]
    }

    // MARK: Loss

    private static let pathLosses: [Scenario] = [
        Scenario(
            name: "path: the link between two routers loses packets", network: .chain,
            changes: [.impair("r", "q", Impairment(loss: 35), back: Impairment())], command: rounds(60, every: 20),
            expected: Expected(
                verdict: "failing", exit: 1, must: ["packet-loss"], headline: "packet-loss",
                says: ["between hop 1 (198.18.1.1) and hop 2 (198.18.2.2)"])),
        Scenario(
            name: "path: the last link loses packets", network: .chain,
            changes: [.impair("q", "s", Impairment(loss: 35), back: Impairment())], command: rounds(60, every: 20),
            expected: Expected(
                verdict: "failing", exit: 1, must: ["packet-loss"], headline: "packet-loss",
                says: ["behind hop 2 (198.18.2.2)"])),
        Scenario(
            name: "path: a router that rations its errors loses nothing", network: .chain,
            changes: [.sysctl("q", "net.ipv4.icmp_ratelimit=1000")], command: rounds(20, every: 20),
            expected: .healthy),
        Scenario(
            name: "path: routers and target that all ration their errors lose nothing", network: .chain,
            changes: ["r", "q", "s"].map { .sysctl($0, "net.ipv4.icmp_ratelimit=1000") },
            command: ["trace", "198.18.3.2", "--samples", "20", "--interval", "50ms"], expected: .healthy),
    ]

    // MARK: Changes

    private static let pathChanges: [Scenario] = [
        Scenario(
            name: "path: the route changes during the run", network: .twoWays,
            changes: [changing(after: 60)], command: rounds(40, every: 50, to: "198.18.6.2"),
            expected: Expected(
                verdict: "healthy", exit: 0, must: ["path-changed"], headline: "path-changed",
                says: ["198.18.3.2 in place of 198.18.2.2 at hop 2"])),
        Scenario(
            name: "path: flows are spread over two ways from the beginning", network: .twoWays,
            changes: [
                .sysctl("r", "net.ipv4.fib_multipath_hash_policy=1"),
                .shell(
                    "r", "ip route replace 198.18.6.0/24 nexthop via 198.18.2.2 nexthop via 198.18.3.2"),
            ], command: rounds(20, every: 20, to: "198.18.6.2"), expected: .healthy),
        Scenario(
            name: "path: answers come back another way", network: .twoWays,
            changes: [.shell("q", "ip route replace default via 198.18.5.1")],
            command: rounds(20, every: 20, to: "198.18.6.2"), expected: .healthy),
    ]

    /// When so many echoes have come from the client, the first router sends them another way.
    private static func changing(after count: Int) -> LabChange {
        .shell(
            "r",
            """
            nft add table inet seen
            nft 'add counter inet seen echoes'
            nft 'add chain inet seen prerouting { type filter hook prerouting priority raw; }'
            nft 'add rule inet seen prerouting icmp type echo-request counter name echoes'
            (until [ "$(nft list counter inet seen echoes | sed -n 's/.*packets \\([0-9]*\\).*/\\1/p')" -ge \(count) ]; do sleep 0.01; done
            ip route replace 198.18.6.0/24 via 198.18.3.2) </dev/null >/dev/null 2>&1 &
            """)
    }

    // MARK: What only looks like trouble

    private static let pathLookalikes: [Scenario] = [
        Scenario(
            name: "path: a healthy way, by all three kinds of packets", network: .chain, changes: [.http()],
            checks: """
                  - {name: udp, trace: 198.18.3.2}
                  - {name: icmp, trace: 198.18.3.2, method: icmp, samples: 20}
                  - {name: tcp, trace: 198.18.3.2, method: tcp, port: 80}
                """,
            expected: .healthy),
        Scenario(
            name: "path: a router that sets hop limits anew hides the others", network: .chain,
            changes: [
                .http(),
                .shell("r", "nft 'table ip t { chain c { type filter hook prerouting priority 0; ip ttl set 64; }; }'"),
            ],
            checks: """
                  - {name: udp, trace: 198.18.3.2}
                  - {name: tcp, trace: 198.18.3.2, method: tcp, port: 80}
                """,
            expected: .healthy),
        Scenario(
            name: "path: a silent router is no place where packets end", network: .chain,
            changes: [.http(), .filter("q", at: "output", rule: "icmp type time-exceeded counter drop")],
            checks: """
                  - {name: udp, trace: 198.18.3.2}
                  - {name: tcp, trace: 198.18.3.2, method: tcp, port: 80}
                """,
            expected: .healthy),
        Scenario(
            name: "path: a target that answers no datagrams", network: .chain,
            changes: [.filter("s", at: "input", rule: "meta l4proto udp counter drop")],
            command: ["trace", "198.18.3.2"],
            expected: Expected(
                verdict: "degraded", exit: 0, must: ["expectation-unmet"], headline: "expectation-unmet",
                says: ["known to its end (3 hops)", "The way itself works"])),
        Scenario(
            name: "path: nothing answers behind a router, whatever is sent", network: .chain,
            changes: [.addRoute("q", "blackhole 198.18.3.2/32")],
            command: ["trace", "198.18.3.2"],
            expected: Expected(
                verdict: "failing", exit: 1, must: ["expectation-unmet"], headline: "expectation-unmet",
                says: ["behind hop 1 (198.18.1.1) nothing answers"])),
        Scenario(
            name: "path: a proxy answers nearer than other packets get", network: .chain,
            changes: [.http()] + LabChange.nameFilter(ports: "80"),
            checks: """
                  - {name: udp, trace: 198.18.3.2}
                  - {name: tcp, trace: 198.18.3.2, method: tcp, port: 80}
                """,
            expected: Expected(
                verdict: "healthy", exit: 0, must: ["proxy-in-path"], headline: "proxy-in-path",
                says: ["hop 1"])),
    ]
}
