/// Findings beside what looks like them, and over IPv6 what other scenarios show over IPv4.
extension Scenario {
    static let differentials: [Scenario] = [
        versionMismatch, mutualTLS("1.2"), mutualTLS("1.3"), plaintextFamily, plaintextOverIPv6, rejectedOverIPv6,
        portUnreachableOverIPv6, ownDropOverIPv6, ownProhibitOverIPv6, silentPingOverIPv6, nextHopOverIPv6,
        stallOverIPv6,
        fourWaysToBeRefused, fourWaysToBeSilent, fiveEndsAfterConnecting, deadResolverAndExpired,
    ]

    private static let shop = LabChange.hosts("198.18.2.2 shop.test")

    private static func secure(_ options: String..., port: Int = 443) -> LabChange {
        .server("s", .web, ["\(port)", "{lab}/good.pem", "{lab}/good.key"] + options)
    }

    private static func failing(_ finding: String, says: [String] = []) -> Expected {
        Expected(verdict: "failing", exit: 1, must: [finding], headline: finding, says: says)
    }

    // MARK: TLS

    private static let versionMismatch = Scenario(
        name: "tls-version-mismatch: the client may use 1.2 at most, the server 1.3 at least; and the other way round",
        changes: [
            .certificates, shop, secure("--min-version", "1.3"), secure("--max-version", "1.2", port: 8443),
        ],
        checks: """
              - {name: old client, tls: "shop.test:443", ca: "{lab}/ca.pem", maxVersion: "1.2"}
              - {name: new client, tls: "shop.test:8443", ca: "{lab}/ca.pem", minVersion: "1.3"}
              - {name: both agree, tls: "shop.test:443", ca: "{lab}/ca.pem"}
              - {name: both agree on 1.2, http: "https://shop.test:8443/ok", ca: "{lab}/ca.pem"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tls-version-mismatch", "tls-version-mismatch"],
            statuses: [
                "old client": "failed", "new client": "failed", "both agree": "passed", "both agree on 1.2": "passed",
            ]))

    private static func mutualTLS(_ version: String) -> Scenario {
        Scenario(
            name: "mtls-required: TLS \(version), for tls and https; a server that only asks is fine",
            changes: [
                .certificates, shop,
                secure("--client-ca", "{lab}/ca.pem", "--max-version", version, "--min-version", version),
                secure("--client-ca", "{lab}/ca.pem", "--client-optional", "--max-version", version, port: 8443),
            ],
            checks: """
                  - {name: handshake, tls: "shop.test:443", ca: "{lab}/ca.pem"}
                  - {name: page, http: "https://shop.test/ok", ca: "{lab}/ca.pem"}
                  - {name: only asked, http: "https://shop.test:8443/ok", ca: "{lab}/ca.pem"}
                """,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["mtls-required"],
                statuses: ["handshake": "failed", "page": "failed", "only asked": "passed"], headline: "mtls-required",
                checksOf: ["mtls-required": 2]))
    }

    private static let plaintextFamily = Scenario(
        name: "tls-plaintext-on-tls-port: SSH and HTTP, but not a server that only stays silent or hangs up",
        changes: [
            .certificates, shop, .server("s", .web, ["443", "--at", "say:SSH-2.0-OpenSSH_9.2"]), .http(port: 8443),
            .server("s", .web, ["8444", "--at", "close-on-bytes"]), secure(port: 8445),
        ],
        checks: """
              - {name: ssh, tls: "shop.test:443"}
              - {name: web, http: "https://shop.test:8443/ok"}
              - {name: closed, tls: "shop.test:8444"}
              - {name: fine, tls: "shop.test:8445", ca: "{lab}/ca.pem"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1,
            must: ["tls-plaintext-on-tls-port", "tls-plaintext-on-tls-port", "expectation-unmet"],
            statuses: ["ssh": "failed", "web": "failed", "closed": "failed", "fine": "passed"]))

    private static let plaintextOverIPv6 = Scenario(
        name: "tls-plaintext-on-tls-port: over IPv6",
        changes: [.http(port: 443)],
        checks: """
              - {name: web, tls: "[fd00:18:2::2]:443"}
            """,
        expected: failing("tls-plaintext-on-tls-port", says: ["plain HTTP"]))

    // MARK: IPv6: over a plain veth link an ICMPv6 error is told with the next SYN, a second later.

    private static func rejected(_ answer: String) -> LabChange {
        .filter("r", at: "forward", rule: "tcp dport 81 reject with \(answer)")
    }

    private static let rejectedOverIPv6 = Scenario(
        name: "tcp-rejected: administratively prohibited, over IPv6",
        changes: [.http(port: 81), rejected("icmpx type admin-prohibited")],
        checks: """
              - {name: port, tcp: "[fd00:18:2::2]:81", timeout: 3s, samples: 1}
            """,
        expected: failing("tcp-rejected", says: ["fd00:18:1::1"]))

    private static let portUnreachableOverIPv6 = Scenario(
        name: "tcp-rejected: port unreachable from a router, over IPv6",
        changes: [.http(port: 81), rejected("icmpx type port-unreachable")],
        checks: """
              - {name: port, tcp: "[fd00:18:2::2]:81", timeout: 3s, samples: 1}
            """,
        expected: failing("tcp-rejected", says: ["fd00:18:1::1"]))

    private static let ownDropOverIPv6 = Scenario(
        name: "local-egress-denied: the own output filter drops IPv6",
        changes: [.http(), .filter("c", at: "output", rule: "ip6 daddr fd00:18:2::2 counter drop")],
        checks: """
              - {name: port, tcp: "[fd00:18:2::2]:80"}
              - {name: fine, tcp: "198.18.2.2:80"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["local-egress-denied"],
            statuses: ["port": "failed", "fine": "passed"], says: ["EPERM"]))

    private static let ownProhibitOverIPv6 = Scenario(
        name: "local-egress-denied: the own routing table prohibits IPv6",
        changes: [.http(), .addRoute("c", "prohibit fd00:18:2::2/128")],
        checks: """
              - {name: port, tcp: "[fd00:18:2::2]:80"}
            """,
        expected: failing("local-egress-denied"))

    private static let silentPingOverIPv6 = Scenario(
        name: "icmp-filtered-tcp-ok: only ping is dropped, over IPv6",
        changes: [.http(), .filter("r", at: "forward", rule: "icmpv6 type echo-request counter drop")],
        checks: """
              - {name: port, tcp: "[fd00:18:2::2]:80"}
              - {name: echo, icmp: "fd00:18:2::2"}
            """,
        expected: Expected(
            verdict: "healthy", exit: 0, must: ["icmp-filtered-tcp-ok"], statuses: ["port": "passed"]))

    private static let nextHopOverIPv6 = Scenario(
        name: "next-hop-unresolved: nobody on the own link has the IPv6 address",
        changes: [
            .sysctl("c", "net.ipv6.neigh.to-r.retrans_time_ms=100"),
            .sysctl("c", "net.ipv6.neigh.to-r.mcast_solicit=2"),
        ],
        checks: """
              - {name: port, tcp: "[fd00:18:1::77]:80"}
            """,
        expected: failing("next-hop-unresolved"))

    private static let stallOverIPv6 = Scenario(
        name: "http-response-stalled: over IPv6",
        changes: [.http()],
        checks: """
              - {name: page, http: "http://[fd00:18:2::2]/stall"}
            """,
        expected: failing("http-response-stalled"))

    // MARK: The hardest differentials (catalogue section 17), each family in one run

    /// Number 2: four ways to be refused, told apart as far as one vantage can.
    private static let fourWaysToBeRefused = Scenario(
        name: "the refused family: closed, rejected by a router, forbidden here, reset after connecting",
        changes: [
            .http(port: 80), .http(port: 83), rejected("icmpx type port-unreachable"),
            .filter("r", at: "forward", rule: "tcp dport 83 tcp flags & psh == psh reject with tcp reset"),
            .addRoute("c", "prohibit 198.18.2.9/32"),
        ],
        checks: """
              - {name: open, tcp: "198.18.2.2:80"}
              - {name: closed, tcp: "198.18.2.2:82"}
              - {name: rejected, tcp: "198.18.2.2:81"}
              - {name: forbidden, tcp: "198.18.2.9:80"}
              - {name: reset, http: "http://198.18.2.2:83/ok"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1,
            must: ["tcp-refused", "tcp-rejected", "local-egress-denied", "tcp-reset-after-connect"],
            statuses: [
                "open": "passed", "closed": "failed", "rejected": "failed", "forbidden": "failed", "reset": "failed",
            ]))

    /// Number 1: silence that is dropped on the way, dropped here, and the kernel's own word about a neighbour.
    private static let fourWaysToBeSilent = Scenario(
        name: "the silent family: dropped on the way, dropped here, no neighbour, no host",
        changes: [
            .http(port: 80), .http(port: 81), .filter("r", at: "forward", rule: "tcp dport 81 counter drop"),
            .filter("c", at: "output", rule: "ip daddr 198.18.2.1 counter drop"),
            .addRoute("r", "blackhole 198.18.2.66/32"),
            .sysctl("c", "net.ipv4.neigh.to-r.retrans_time_ms=100"),
            .sysctl("c", "net.ipv4.neigh.to-r.mcast_solicit=2"),
        ],
        checks: """
              - {name: open, tcp: "198.18.2.2:80"}
              - {name: dropped, tcp: "198.18.2.2:81"}
              - {name: dropped here, tcp: "198.18.2.1:80"}
              - {name: neighbour, tcp: "198.18.1.77:80"}
              - {name: nowhere, tcp: "198.18.2.66:80"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1,
            must: ["tcp-filtered-drop", "tcp-filtered-drop", "local-egress-denied", "next-hop-unresolved"],
            statuses: ["open": "passed"]))

    /// Number 3 as far as it is built: what may happen after the connection is made.
    private static let fiveEndsAfterConnecting = Scenario(
        name: "the family after connecting: late, stalled, closed, reset, silent",
        changes: [.http(), .server("s", .web, ["81", "--at", "reset-on-bytes"])],
        checks: """
              - {name: late, http: "http://198.18.2.2/delay/500", expect: {latency: {p95: 200ms}}}
              - {name: stalled, http: "http://198.18.2.2/stall"}
              - {name: closed, http: "http://198.18.2.2/nothing"}
              - {name: reset, http: "http://198.18.2.2:81/"}
              - {name: silent, http: "http://198.18.2.2/delay/5000"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1,
            must: [
                "server-slow", "http-response-stalled", "http-protocol-error", "tcp-reset-after-connect",
                "expectation-unmet",
            ],
            statuses: ["late": "warned"]))

    private static let deadResolverAndExpired = Scenario(
        name: "two faults at once: one of two resolvers is dead, and a certificate has expired",
        changes: [
            .certificates, .names("shop.test A 198.18.2.2"), .tls("expired"),
            .resolver("nameserver 198.18.2.1", "nameserver 198.18.2.2", "options timeout:1"),
        ],
        checks: """
              - {name: page, http: "https://shop.test/ok", ca: "{lab}/ca.pem", timeout: 3s}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tls-cert-expired"], may: ["dns-server-port-closed"],
            statuses: ["page": "failed"]))
}
