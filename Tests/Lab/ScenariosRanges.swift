/// Ranges of addresses and ports: a check for each endpoint, told together.
extension Scenario {
    static let ranges: [Scenario] = [
        mixedRange, declaredOpen, unexpectedlyOpen, blockedRange, portsOfAName, rangeOverIPv6, pingedRange, udpRange,
        deniedRange, proxiedRange,
    ]

    /// The server has three addresses of each family.
    private static let threeAddresses = LabChange.shell(
        "s",
        "for n in 3 4; do ip addr add 198.18.2.$n/24 dev to-r; ip addr add fd00:18:2::$n/64 dev to-r nodad; done")

    /// Of the ports 80 to 83 one is open, one closed, one dropped and one rejected.
    private static let world: [LabChange] = [
        threeAddresses, .http(port: 80), .filter("r", at: "forward", rule: "tcp dport 82 counter drop"),
        .filter("r", at: "forward", rule: "tcp dport 83 reject with icmpx type admin-prohibited"),
    ]

    private static let mixedRange = Scenario(
        name: "range: open, closed, dropped and rejected ports of three addresses, each way told once",
        changes: world,
        checks: """
              - {name: scan, tcp: "198.18.2.2-198.18.2.4:80-83", timeout: 2500ms, samples: 1}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-refused", "tcp-filtered-drop", "tcp-rejected"],
            statuses: ["scan [198.18.2.3:80]": "passed", "scan [198.18.2.3:82]": "failed"],
            checksOf: ["tcp-refused": 3, "tcp-filtered-drop": 3, "tcp-rejected": 3]))

    private static let declaredOpen = Scenario(
        name: "range: what is declared open is, and the rest may be closed in any way",
        changes: world,
        checks: """
              - {name: scan, tcp: "198.18.2.2-4:80-83", timeout: 2500ms, samples: 1, expect: {open: [80]}}
            """,
        expected: .healthy)

    private static let unexpectedlyOpen = Scenario(
        name: "unexpected-open-port: a port answers that is not declared",
        changes: world + [.http(port: 8080)],
        checks: """
              - {name: scan, tcp: "198.18.2.2/31:80-83,8080", timeout: 2500ms, samples: 1, expect: {open: [80]}}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["unexpected-open-port"], headline: "unexpected-open-port",
            checksOf: ["unexpected-open-port": 2]))

    private static let blockedRange = Scenario(
        name: "flow-not-blocked: one endpoint of a range that should be blocked",
        changes: [.http(port: 81), .filter("r", at: "forward", rule: "tcp dport 82 counter drop")],
        checks: """
              - {name: isolated, tcp: "198.18.2.2:81-82", timeout: 1500ms, samples: 1, expect: blocked}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["flow-not-blocked"],
            statuses: ["isolated [198.18.2.2:81]": "failed", "isolated [198.18.2.2:82]": "passed"]))

    private static let portsOfAName = Scenario(
        name: "range: ports of a name, by the command",
        changes: [
            .names("shop.test A 198.18.2.2"), .resolver("nameserver 198.18.2.2"), .http(port: 80), .http(port: 82),
        ],
        command: ["check", "shop.test:80-82", "--timeout", "1500ms"],
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-refused"], headline: "tcp-refused", says: ["shop.test:81"],
            checksOf: ["tcp-refused": 1]))

    private static let rangeOverIPv6 = Scenario(
        name: "range: addresses of IPv6",
        changes: [threeAddresses, .http(port: 80)],
        checks: """
              - {name: scan, tcp: "[fd00:18:2::2/127]:80"}
              - {name: ends, tcp: "[fd00:18:2::2-fd00:18:2::4]:80"}
            """,
        expected: Expected(verdict: "healthy", exit: 0, statuses: ["scan [[fd00:18:2::3]:80]": "passed"]))

    private static let pingedRange = Scenario(
        name: "range: echoes to a subnet, of which two addresses are nobody's",
        changes: [
            threeAddresses, .sysctl("r", "net.ipv4.neigh.to-s.retrans_time_ms=100"),
            .sysctl("r", "net.ipv4.neigh.to-s.mcast_solicit=1"),
        ],
        command: ["ping", "198.18.2.0/29", "--samples", "2", "--timeout", "1500ms"],
        expected: Expected(
            verdict: "failing", exit: 1, must: ["route-unreachable-remote"], headline: "route-unreachable-remote",
            checksOf: ["route-unreachable-remote": 2]))

    private static let udpRange = Scenario(
        name: "range: UDP services on three ports, one of them closed and one silent",
        changes: [.datagrams("ntp:123", "deaf:125")],
        checks: """
              - {name: scan, udp: "198.18.2.2:123-125", service: ntp, samples: 1}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-refused", "udp-no-response"],
            statuses: ["scan [198.18.2.2:123]": "passed"], headline: "tcp-refused"))

    /// That nothing leaves this host shows nothing of closed ports.
    private static let deniedRange = Scenario(
        name: "range: the own host forbids it all, which is not closed",
        changes: [.addRoute("c", "prohibit 198.18.2.2/32")],
        checks: """
              - {name: scan, tcp: "198.18.2.2:80-82", expect: {open: [80]}}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["local-egress-denied"], checksOf: ["local-egress-denied": 3]))

    private static let proxiedRange = Scenario(
        name: "proxy-in-path: a proxy accepts for addresses that no host has",
        changes: [
            .sysctl("r", "net.ipv4.neigh.to-s.retrans_time_ms=100"),
            .sysctl("r", "net.ipv4.neigh.to-s.mcast_solicit=1"),
        ] + LabChange.nameFilter(),
        checks: """
              - {name: port, tcp: "198.18.2.76-198.18.2.77:443"}
              - {name: echo, icmp: 198.18.2.77, timeout: 1500ms}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["route-unreachable-remote", "proxy-in-path"],
            statuses: ["port [198.18.2.77:443]": "passed", "echo": "failed"]))
}
