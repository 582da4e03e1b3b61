/// Two faults that have nothing to do with each other: both are found, and neither hides or is blamed for the other.
extension Scenario {
    static let twoFaultsAtOnce: [Scenario] = [
        deadResolverAndCertificate("first", ["198.18.2.66", "198.18.2.2", "198.18.2.1"]),
        deadResolverAndCertificate("middle", ["198.18.2.2", "198.18.2.66", "198.18.2.1"]),
        deadResolverAndCertificate("last", ["198.18.2.2", "198.18.2.1", "198.18.2.66"]),
        lossAndDroppedPort, refusedAndSlow,
    ]

    /// The dns checks ask each server by itself, as a check of resolvers does.
    private static func deadResolverAndCertificate(_ place: String, _ servers: [String]) -> Scenario {
        Scenario(
            name: "two faults at once: the \(place) of three resolvers is dead, and the certificate has expired",
            changes: [
                .certificates, .names("shop.test A 198.18.2.2"),
                .server("r", .names, ["198.18.2.1", "shop.test A 198.18.2.2"]),
                .etc("c", file: "resolv.conf", servers.map { "nameserver \($0)\n" }.joined()),
                .addRoute("r", "blackhole 198.18.2.66/32"), .tls("expired"),
            ],
            checks: """
                  - {name: name, dns: shop.test, type: A, servers: [\(servers.joined(separator: ", "))]}
                  - {name: page, http: "https://shop.test/ok", ca: "{lab}/ca.pem", timeout: 3s}
                """,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["tls-cert-expired", "dns-server-unreachable"],
                statuses: ["page": "failed"]))
    }

    private static let lossAndDroppedPort = Scenario(
        name: "two faults at once: one packet in ten is lost, and one port is dropped",
        changes: [
            .impair("c", "r", Impairment(only: .icmp, loss: 10), back: Impairment()), .http(), .http(port: 81),
            .filter("r", at: "forward", rule: "tcp dport 81 counter drop"),
        ],
        checks: """
              - {name: echo, icmp: 198.18.2.2, samples: 100, interval: 5ms, timeout: 300ms}
              - {name: open, tcp: "198.18.2.2:80"}
              - {name: dropped, tcp: "198.18.2.2:81"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-filtered-drop", "packet-loss"],
            statuses: ["echo": "failed", "open": "passed", "dropped": "failed"],
            checksOf: ["tcp-filtered-drop": 1, "packet-loss": 1]))

    private static let refusedAndSlow = Scenario(
        name: "two faults at once: a closed port, and a slow server beside it",
        changes: [.http()],
        checks: """
              - {name: closed, tcp: "198.18.2.2:82"}
              - {name: page, http: "http://198.18.2.2/delay/400", expect: {latency: {p95: 200ms}}}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tcp-refused", "server-slow"],
            statuses: ["closed": "failed", "page": "warned"], headline: "tcp-refused"))
}
