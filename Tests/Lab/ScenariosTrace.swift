/// The way to a host, hop by hop.
extension Scenario {
    static let traces: [Scenario] = [
        traceOfTwentyRouters, traceWithSilentAndRationingRouters, traceThatEndsAtAFilter, traceIntoSilence,
        traceOverSeveralWays, traceThroughOddRouters, traceWithExpectations,
    ]

    private static let twentyRouters = LabNetwork.routers(20)

    /// By each method, over both families.
    private static let traceOfTwentyRouters = Scenario(
        name: "trace: twenty routers, by datagrams, echo and SYNs over both families", network: twentyRouters,
        changes: [.http()],
        checks: ["198.18.121.2", "\"fd00:18:121::2\""].map { target in
            """
                  - {name: "udp \(target.filter { $0 != "\"" })", trace: \(target), expect: {via: \(target)}}
                  - {name: "icmp \(target.filter { $0 != "\"" })", trace: \(target), method: icmp}
                  - {name: "tcp \(target.filter { $0 != "\"" })", trace: \(target), port: 80, expect: {reaches: true}}
            """
        }.joined(separator: "\n"),
        options: ["--samples", "1", "--timeout", "5s"],
        expected: Expected(
            verdict: "healthy", exit: 0,
            statuses: Dictionary(
                uniqueKeysWithValues: ["udp", "icmp", "tcp"].flatMap { method in
                    ["198.18.121.2", "fd00:18:121::2"].map { ("\(method) \($0)", "passed") }
                })))

    /// The first never says that hops ran out, the second once in an hour: neither loses anything.
    private static let traceWithSilentAndRationingRouters = Scenario(
        name: "trace: a silent router and one that rations are no loss", network: .chain,
        changes: [
            .filter("r", at: "output", rule: "icmp type time-exceeded counter drop"),
            .filter(
                "q", at: "output", rule: "icmp type time-exceeded limit rate over 1/hour burst 1 packets counter drop"),
        ],
        checks: """
              - {name: way, trace: 198.18.3.2, samples: 3, interval: 1100ms, timeout: 3s}
            """,
        options: ["--samples", "3", "--interval", "1100ms"],
        isTimed: true, expected: Expected(verdict: "healthy", exit: 0, statuses: ["way": "passed"]))

    /// Somebody says so: who, and in which words.
    private static let traceThatEndsAtAFilter = Scenario(
        name: "trace: a router that forbids the way", network: .chain,
        changes: [.filter("q", at: "forward", rule: "udp dport 33434 counter reject with icmp type admin-prohibited")],
        checks: """
              - {name: way, trace: 198.18.3.2, samples: 1, timeout: 3s}
            """,
        options: ["--samples", "1"],
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-rejected"], statuses: ["way": "failed"], says: ["198.18.2.2"]))

    /// Nobody says anything: datagrams are often dropped on purpose, and that alone is a warning.
    private static let traceIntoSilence = Scenario(
        name: "trace: nothing is heard behind the last router", network: .chain,
        changes: [.http(), .filter("s", at: "input", rule: "udp dport 33434 counter drop")],
        checks: """
              - {name: way, trace: 198.18.3.2, samples: 1, timeout: 3s}
              - {name: way of SYNs, trace: 198.18.3.2, port: 80, samples: 1}
            """,
        options: ["--samples", "1"],
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["expectation-unmet"],
            statuses: ["way": "warned", "way of SYNs": "passed"], says: ["198.18.3.2"]))

    /// Two ways of which the first router chooses one by addresses and ports.
    private static let traceOverSeveralWays = Scenario(
        name: "trace: two ways are found by several flows", network: .twoWays,
        changes: ["c", "r", "a", "b", "q", "s"].map { .sysctl($0, "net.ipv4.icmp_ratelimit=0") } + [
            .sysctl("r", "net.ipv4.fib_multipath_hash_policy=1"),
            .shell("r", "ip route replace 198.18.6.0/24 nexthop via 198.18.2.2 nexthop via 198.18.3.2"),
        ],
        checks: """
              - {name: ways, trace: 198.18.6.2, flows: 32, timeout: 20s, expect: {via: [198.18.2.2, 198.18.3.2]}}
              - {name: one way, trace: 198.18.6.2}
            """,
        options: ["--samples", "1"],
        expected: Expected(verdict: "healthy", exit: 0, statuses: ["ways": "passed", "one way": "passed"]))

    /// Labels, a quote of eight bytes, a foreign one, a rewritten one, a raised hop limit.
    private static let traceThroughOddRouters = Scenario(
        name: "trace: routers that answer in odd manners",
        changes: [
            .addRoute("r", "198.18.9.0/24 via 198.18.2.2"),
            .server("s", .routers, ["labels", "old", "short", "foreign", "raised", "far"]),
        ],
        checks: """
              - {name: way, trace: 198.18.9.99, samples: 1, expect: {via: [198.18.9.1, 198.18.9.2, 198.18.9.3, 198.18.9.5]}}
              - {name: echo, trace: 198.18.9.99, method: icmp, samples: 1}
            """,
        options: ["--samples", "1"],
        expected: Expected(verdict: "healthy", exit: 0, statuses: ["way": "passed", "echo": "passed"]))

    private static let traceWithExpectations = Scenario(
        name: "trace: a router that is not on the way", network: .chain, changes: [],
        checks: """
              - {name: way, trace: 198.18.3.2, samples: 1, expect: {via: [198.18.1.1, 198.18.77.1]}}
              - {name: no way, trace: 198.18.3.2, samples: 1, expect: {reaches: false}}
            """,
        options: ["--samples", "1"],
        expected: Expected(
            verdict: "failing", exit: 1, must: ["expectation-unmet"], may: ["expectation-unmet"],
            statuses: ["way": "failed", "no way": "failed"]))
}

extension LabNetwork {
    /// A client `c`, routers `n1` … and a server `s`, both families; the link before router i has 198.18.(100+i).0/24.
    static func routers(_ count: Int) -> LabNetwork {
        let nodes = ["c"] + (1...count).map { "n\($0)" } + ["s"]
        let links = (1...count + 1).map { number in
            Link(
                first: End(
                    node: nodes[number - 1],
                    addresses: ["198.18.\(100 + number).1/24", "fd00:18:\(100 + number)::1/64"]),
                second: End(
                    node: nodes[number], addresses: ["198.18.\(100 + number).2/24", "fd00:18:\(100 + number)::2/64"]))
        }
        var routes: [Route] = []
        for (place, node) in nodes.enumerated() {
            if place <= count {
                let next = 101 + place
                routes += ["default via 198.18.\(next).2", "default via fd00:18:\(next)::2"].map {
                    Route(node: node, route: $0)
                }
            }
            // Back: to the client's link, from which all is asked.
            if place >= 2 {
                let back = 100 + place
                routes += ["198.18.101.0/24 via 198.18.\(back).1", "fd00:18:101::/64 via fd00:18:\(back)::1"]
                    .map { Route(node: node, route: $0) }
            }
        }
        return LabNetwork(nodes: nodes, links: links, routers: (1...count).map { "n\($0)" }, routes: routes)
    }
}
