/// Networks that are odd and healthy: any finding about them is false.
extension Scenario {
    static let silence: [Scenario] = [
        oneFamilyEach, noIPv6Route, aliases, roundRobin, answersOverTCP, withoutEDNS, tcpOnlyResolver,
        slowButWithinLimits,
        earlyClose,
        largeBanner, noIPv6AtAll, bothFamilies, nearestResolverOverIPv6,
    ]

    private static let four: LabChange = .names(
        "four.test A 198.18.2.2", "six.test AAAA fd00:18:2::2", "both.test A 198.18.2.2", "both.test AAAA fd00:18:2::2")

    private static func everyKind(_ name: String) -> String {
        """
          - {name: name \(name), dns: \(name)}
          - {name: port \(name), tcp: "\(name):80"}
          - {name: echo \(name), icmp: \(name)}
          - {name: page \(name), http: "http://\(name)/ok"}
        """
    }

    private static let oneFamilyEach = Scenario(
        name: "silence: a name with IPv4 only, one with IPv6 only",
        changes: [four, .resolver("nameserver 198.18.2.2"), .http()],
        checks: everyKind("four.test") + "\n" + everyKind("six.test"), expected: .healthy)

    private static let bothFamilies = Scenario(
        name: "silence: a name with both families",
        changes: [four, .resolver("nameserver 198.18.2.2"), .http()],
        checks: everyKind("both.test"), expected: .healthy)

    /// The client has addresses of IPv6, but no route: a dual-stack name still works over IPv4.
    private static let noIPv6AtAll = Scenario(
        name: "silence: a dual-stack name on a client without IPv6",
        changes: [
            four, .resolver("nameserver 198.18.2.2"), .http(), .removeRoute("c", "default via fd00:18:1::1"),
            .sysctl("c", "net.ipv6.conf.all.disable_ipv6=1"),
        ],
        checks: everyKind("both.test"), expected: .healthy)

    private static let noIPv6Route = Scenario(
        name: "silence: a dual-stack name on a client without a route for IPv6",
        changes: [four, .resolver("nameserver 198.18.2.2"), .http(), .removeRoute("c", "default via fd00:18:1::1")],
        checks: everyKind("both.test"), expected: .healthy)

    private static let aliases = Scenario(
        name: "silence: a chain of aliases",
        changes: [
            .names("a.test CNAME b.test", "b.test CNAME c.test", "c.test A 198.18.2.2"),
            .resolver("nameserver 198.18.2.2"), .http(),
        ],
        checks: everyKind("a.test") + "\n  - {name: alias, dns: a.test, type: CNAME}", expected: .healthy)

    private static let roundRobin = Scenario(
        name: "silence: the records come in another order each time",
        changes: [
            .names("rr.test rotate", "rr.test A 198.18.2.2", "rr.test A 198.18.2.1"),
            .resolver("nameserver 198.18.2.2"), .http(), .server("r", .web, ["80"]),
        ],
        checks: everyKind("rr.test") + """

              - {name: answers, dns: rr.test, type: A, samples: 4, expect: {answers: [198.18.2.1, 198.18.2.2]}}
            """,
        expected: .healthy)

    private static let answersOverTCP = Scenario(
        name: "silence: a large answer comes over TCP after truncation",
        changes: [
            .names(
                "shop.test truncate", "shop.test A 198.18.2.2", "large.test TXT \(String(repeating: "x", count: 3000))"),
            .resolver("nameserver 198.18.2.2"), .http(),
        ],
        checks: everyKind("shop.test") + "\n  - {name: large, dns: large.test, type: TXT}", expected: .healthy)

    private static let withoutEDNS = Scenario(
        name: "silence: a server older than EDNS",
        changes: [
            .names("shop.test A 198.18.2.2", options: ["--no-edns"]), .resolver("nameserver 198.18.2.2"), .http(),
        ],
        checks: everyKind("shop.test"), expected: .healthy)

    private static let tcpOnlyResolver = Scenario(
        name: "silence: a server asked over TCP, which is all it has",
        changes: [
            .names("shop.test A 198.18.2.2", options: ["--no-udp"]),
            .resolver("nameserver 198.18.2.2", "options use-vc"), .http(),
        ],
        checks: """
              - {name: name, dns: shop.test, transport: tcp, servers: [198.18.2.2]}
              - {name: port, tcp: "shop.test:80"}
            """,
        expected: .healthy)

    private static let nearestResolverOverIPv6 = Scenario(
        name: "silence: a resolver over IPv6",
        changes: [.names("shop.test A 198.18.2.2", on: "fd00:18:2::2"), .resolver("nameserver fd00:18:2::2"), .http()],
        checks: everyKind("shop.test"), expected: .healthy)

    private static let slowButWithinLimits = Scenario(
        name: "silence: slow within its limits",
        changes: [
            .names("shop.test A 198.18.2.2", "shop.test delay 0.1"), .resolver("nameserver 198.18.2.2"), .http(),
        ],
        checks: """
              - {name: page, http: "http://shop.test/delay/300", expect: {latency: {p95: 900ms}}}
              - {name: drip, http: "http://shop.test/drip/300"}
            """,
        expected: .healthy)

    private static let earlyClose = Scenario(
        name: "silence: a server that resets the connection after its whole answer",
        changes: [.http(), .certificates, .hosts("198.18.2.2 shop.test"), .tls("good")],
        checks: """
              - {name: slam, http: "http://198.18.2.2/slam"}
              - {name: end over TLS, http: "https://shop.test/close-delimited", ca: "{lab}/ca.pem"}
            """,
        expected: .healthy)

    private static let largeBanner = Scenario(
        name: "silence: a banner as expected",
        changes: [.http()],
        checks: """
              - {name: banner, tcp: "198.18.2.2:80", send: "GET /ok HTTP/1.0\\\\r\\\\n\\\\r\\\\n", expect: {banner: "200 OK"}}
            """,
        expected: .healthy)
}
