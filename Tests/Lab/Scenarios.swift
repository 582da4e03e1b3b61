extension Scenario {
    static let all: [Scenario] =
        reach + resolution + certificates + web + layered + silence + resolvconf + largeAnswers + slowAnswers
        + dnsSilence + dnsDifferentials + dnsServers + dnsQuestions + dnsTrials + dnsDaemons + addresses + resets
        + series
        + differentials
        + silentDrop + refusedFamily + stalls + pathMTUs + twoFaultsAtOnce + impaired + realServers + recorded
        + recordedPaths
        + recordedSights + services + ranges + nameFilters + ways + clusterServices + neighbours
        + derivedPlans
        + evidence + load + transfers + latencies + doctor + outbound + vantage + paths + traces + synTraces + echoes
        + declaredStates + declaredRoutes + declaredAnswers + builtin

    private static let reach: [Scenario] =
        [
            healthy, filteredDrop, refused, blockedByDrop, blockedByRejection, flowNotBlocked, noRoute, dnsUnreachable,
            dnsPortClosed, packetLoss, icmpWithoutRights,
        ] + furtherReach

    /// Silence is tested too: a healthy network yields no finding at all.
    static let healthy = Scenario(
        name: "healthy: tcp, icmp and http over both families",
        changes: [.web("s", port: 80)],
        checks: """
              - {name: port, tcp: "198.18.2.2:80"}
              - {name: port over IPv6, tcp: "[fd00:18:2::2]:80"}
              - {name: echo, icmp: 198.18.2.2, samples: 20, expect: {loss: 0%}}
              - {name: echo over IPv6, icmp: "fd00:18:2::2", samples: 20, expect: {loss: 0%}}
              - {name: page, http: "http://198.18.2.2/"}
            """,
        expected: Expected(
            verdict: "healthy", exit: 0,
            statuses: [
                "port": "passed", "port over IPv6": "passed", "echo": "passed", "echo over IPv6": "passed",
                "page": "passed",
            ]))

    static let filteredDrop = Scenario(
        name: "tcp-filtered-drop: one port is dropped on the way, another works",
        changes: [
            .web("s", port: 80), .web("s", port: 81),
            .filter("r", at: "forward", rule: "tcp dport 81 counter drop"),
        ],
        checks: """
              - {name: open, tcp: "198.18.2.2:80"}
              - {name: dropped, tcp: "198.18.2.2:81"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-filtered-drop"],
            statuses: ["open": "passed", "dropped": "failed"], headline: "tcp-filtered-drop"))

    static let refused = Scenario(
        name: "tcp-refused: nobody listens",
        changes: [.web("s", port: 80)],
        checks: """
              - {name: open, tcp: "198.18.2.2:80"}
              - {name: closed, tcp: "198.18.2.2:82"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-refused"],
            statuses: ["open": "passed", "closed": "failed"], headline: "tcp-refused"))

    static let blockedByDrop = Scenario(
        name: "expect blocked: met by silence",
        changes: [.web("s", port: 81), .filter("r", at: "forward", rule: "tcp dport 81 counter drop")],
        checks: """
              - {name: isolated, tcp: "198.18.2.2:81", expect: blocked}
            """,
        expected: Expected(verdict: "healthy", exit: 0, statuses: ["isolated": "passed"]))

    static let blockedByRejection = Scenario(
        name: "expect blocked: met by ICMP administratively prohibited",
        changes: [
            .web("s", port: 81),
            .filter("r", at: "forward", rule: "tcp dport 81 reject with icmpx type admin-prohibited"),
        ],
        checks: """
              - {name: isolated, tcp: "198.18.2.2:81", expect: blocked}
            """,
        expected: Expected(verdict: "healthy", exit: 0, statuses: ["isolated": "passed"]))

    static let flowNotBlocked = Scenario(
        name: "flow-not-blocked: the plan says blocked and the flow connects",
        changes: [.web("s", port: 81)],
        checks: """
              - {name: isolated, tcp: "198.18.2.2:81", expect: blocked}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["flow-not-blocked"], statuses: ["isolated": "failed"],
            headline: "flow-not-blocked"))

    static let noRoute = Scenario(
        name: "no-route-local: the client has no default route",
        changes: [.web("s", port: 80), .removeRoute("c", "default via 198.18.1.1")],
        checks: """
              - {name: port, tcp: "198.18.2.2:80"}
              - {name: echo, icmp: 198.18.2.2}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["no-route-local"], statuses: ["port": "failed", "echo": "failed"],
            headline: "no-route-local"))

    static let dnsUnreachable = Scenario(
        name: "dns-server-unreachable: port 53 is dropped on the way",
        changes: [.filter("r", at: "forward", rule: "meta l4proto { tcp, udp } th dport 53 counter drop")],
        checks: """
              - {name: name, dns: shop.test, type: A, servers: [198.18.2.2]}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-server-unreachable"], statuses: ["name": "failed"],
            headline: "dns-server-unreachable"))

    static let dnsPortClosed = Scenario(
        name: "dns-server-port-closed: nobody listens on port 53",
        changes: [],
        checks: """
              - {name: name, dns: shop.test, type: A, servers: [198.18.2.2]}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-server-port-closed"], statuses: ["name": "failed"],
            headline: "dns-server-port-closed"))

    /// Counted, not by chance: exactly each tenth request is dropped.
    static let packetLoss = Scenario(
        name: "packet-loss: one echo in ten is dropped",
        changes: [.filter("r", at: "forward", rule: "icmp type echo-request numgen inc mod 10 0 counter drop")],
        checks: """
              - {name: echo, icmp: 198.18.2.2, samples: 100, interval: 10ms, expect: {loss: 1%}}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["packet-loss"], statuses: ["echo": "failed"], headline: "packet-loss"))

    /// A new namespace has ping_group_range "1 0": nobody may open a ping socket, and nobody has CAP_NET_RAW.
    static let icmpWithoutRights = Scenario(
        name: "icmp as nobody: unmeasured, not failed",
        changes: [], user: .nobody,
        checks: """
              - {name: echo, icmp: 198.18.2.2}
            """,
        expected: Expected(
            verdict: "inconclusive", exit: 3, must: ["probe-inconclusive"], statuses: ["echo": "unmeasured"]))
}
