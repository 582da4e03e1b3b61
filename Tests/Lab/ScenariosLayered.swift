/// `leadsman check TARGET`: the lowest layer that fails is the headline, and nothing above it is blamed.
extension Scenario {
    static let layered: [Scenario] = [
        check(
            "all is well", ["https://shop.test/ok"], [.certificates, .tls("good")] + world, .healthy),
        check(
            "the name is missing", ["https://shpo.test/ok"], [.certificates, .tls("good")] + world,
            failing("dns-name-not-found")),
        check(
            "the resolver is dead", ["https://shop.test/ok"],
            [.resolver("nameserver 198.18.2.66"), .addRoute("r", "blackhole 198.18.2.66/32")],
            failing("dns-server-unreachable")),
        check("the port is closed", ["shop.test:81"], world, failing("tcp-refused")),
        check(
            "the port is dropped", ["http://shop.test:81/ok"],
            world + [.http(port: 81), .filter("r", at: "forward", rule: "tcp dport 81 counter drop")],
            failing("tcp-filtered-drop", says: ["while the host is up"])),
        check(
            "the certificate has expired", ["https://shop.test/ok"], [.certificates, .tls("expired")] + world,
            failing("tls-cert-expired")),
        check(
            "the status is wrong", ["https://shop.test/status/500"], [.certificates, .tls("good")] + world,
            failing("http-status-unexpected")),
        check(
            "the host is gone", ["198.18.2.2"], [.addRoute("r", "unreachable 198.18.2.2/32")],
            failing("route-unreachable-remote")),
        check(
            "no route", ["http://198.18.2.2/"], [.removeRoute("c", "default via 198.18.1.1")], failing("no-route-local")
        ),
        check(
            "ping is filtered", ["http://shop.test/ok"],
            world + [.http(), .filter("r", at: "forward", rule: "icmp type echo-request counter drop")],
            Expected(verdict: "healthy", exit: 0, must: ["icmp-filtered-tcp-ok"])),
        check(
            "a filtered port of an address", ["198.18.2.2:81"],
            [
                .http(port: 81),
                .filter("r", at: "forward", rule: "tcp dport 81 reject with icmpx type admin-prohibited"),
            ],
            failing("tcp-rejected")),
        check(
            "a page over IPv4, while its IPv6 address is a hole that ping meets as well", ["http://shop.test/ok"],
            [
                .hosts("fd00:18:2::2 shop.test", "198.18.2.2 shop.test"), .http(),
                .addRoute("r", "blackhole fd00:18:2::2/128"),
            ],
            Expected(verdict: "degraded", exit: 0, must: ["ipv6-broken"], headline: "ipv6-broken")),
        check(
            "several targets, one of them broken", ["http://shop.test/ok", "shop.test:82"], world + [.http()],
            failing("tcp-refused")),
        check("a question to a server", ["dns://198.18.2.2/nowhere.test?type=A"], world, failing("dns-name-not-found")),
    ]

    private static let world: [LabChange] = [.names("shop.test A 198.18.2.2"), .resolver("nameserver 198.18.2.2")]

    private static func failing(_ finding: String, says: [String] = []) -> Expected {
        Expected(verdict: "failing", exit: 1, must: [finding], headline: finding, says: says)
    }

    private static func check(
        _ name: String, _ targets: [String], _ changes: [LabChange], _ expected: Expected
    ) -> Scenario {
        Scenario(
            name: "check: \(name)", changes: changes,
            command: ["check"] + targets + ["--timeout", "1500ms"], environment: ["SSL_CERT_FILE={lab}/ca.pem"],
            expected: expected)
    }
}
