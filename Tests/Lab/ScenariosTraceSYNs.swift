/// SYNs of one flow: what filters with state, and targets that have seen the same four-tuple before, make of them.
extension Scenario {
    static let synTraces: [Scenario] = [synsOfOneFlow, synsPastState, synsToAClosedPort, synsThatTheOwnHostDrops]

    /// The first router lets SYNs of one source port pass, whichever comes first, and spreads flows by their ports.
    private static let synsOfOneFlow = Scenario(
        name: "trace: SYNs of one flow, over two ways", network: .twoWays,
        changes: [
            .http(), .sysctl("r", "net.ipv4.fib_multipath_hash_policy=1"),
            .shell(
                "r",
                """
                ip route replace 198.18.6.0/24 nexthop via 198.18.2.2 nexthop via 198.18.3.2
                nft -f - <<.
                table inet one {
                    set ports { type inet_service; size 1; flags dynamic; }
                    chain forward {
                        type filter hook forward priority 0;
                        tcp dport 80 tcp sport @ports accept
                        tcp dport 80 add @ports { tcp sport } accept
                        tcp dport 80 drop
                    }
                }
                .
                """),
        ], command: ["trace", "198.18.6.2:80", "--samples", "10", "--interval", "20ms"],
        expected: .healthy,
        // Each SYN but the first has another port.
        expectedWithoutRights: Expected(
            verdict: "failing", exit: 1, must: ["tcp-filtered-drop"], headline: "tcp-filtered-drop"))

    /// Its table holds the connection of the round before.
    private static let synsPastState = Scenario(
        name: "trace: SYNs of one flow through a filter with state", network: .chain,
        changes: [.http(), .filter("q", at: "forward", rule: "ct state invalid counter drop")],
        checks: """
              - {name: open, trace: 198.18.3.2, port: 80, samples: 10}
              - {name: closed, trace: 198.18.3.2, port: 81, samples: 10}
            """,
        expected: .healthy)

    /// Whose resets say no more than the sequence number; and the router before it is silent.
    private static let synsToAClosedPort = Scenario(
        name: "trace: SYNs to a closed port behind a silent router", network: .chain,
        changes: [.filter("q", at: "output", rule: "icmp type time-exceeded counter drop")],
        checks: """
              - {name: closed, trace: 198.18.3.2, port: 81, samples: 10}
            """,
        expected: .healthy)

    private static let synsThatTheOwnHostDrops = Scenario(
        name: "trace: SYNs that the own filter drops", network: .chain,
        changes: [.http(), .filter("c", at: "output", rule: "tcp dport 80 counter drop")],
        command: ["trace", "198.18.3.2:80", "--timeout", "3s"],
        expected: Expected(
            verdict: "failing", exit: 1, must: ["local-egress-denied"], headline: "local-egress-denied"),
        // TCP's own SYN is not told that it did not leave.
        expectedWithoutRights: Expected(
            verdict: "failing", exit: 1, must: ["tcp-filtered-drop"], headline: "tcp-filtered-drop"))
}
