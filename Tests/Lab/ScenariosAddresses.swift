/// Names with several addresses, of which some work and some do not.
extension Scenario {
    static let addresses: [Scenario] = [
        oneAddressRefuses, oneAddressSilent, bothAddressesWork, deadAddressAndExpiredCertificate, ipv6Blackholed,
        ipv6NotListening, ipv4Blackholed, oneIPv6AddressDead, bothFamiliesDropped, onlyIPv6AndDropped,
        bothFamiliesWanted,
        noIPv6AndClosed, noIPv6AndDropped, ownFilterBeforeOneAddress,
    ]

    private static let everyKind = """
          - {name: port, tcp: "shop.test:80"}
          - {name: page, http: "http://shop.test/ok"}
        """

    private static func failing(
        _ finding: String, says: [String] = [], checks: Int = 2, statuses: [String: String] = [:]
    ) -> Expected {
        Expected(
            verdict: "failing", exit: 1, must: [finding], statuses: statuses, headline: finding, says: says,
            checksOf: [finding: checks])
    }

    private static func degraded(_ finding: String, says: [String], checks: Int = 2) -> Expected {
        Expected(
            verdict: "degraded", exit: 0, must: [finding], headline: finding, says: says, checksOf: [finding: checks])
    }

    /// The order of the records is fixed, so that the address that works comes first: only trying all shows the other.
    private static let oneAddressRefuses = Scenario(
        name: "address-dead: the second of two addresses refuses",
        changes: [
            .names("shop.test A 198.18.2.2", "shop.test A 198.18.2.1"), .resolver("nameserver 198.18.2.2"), .http(),
        ],
        checks: everyKind,
        expected: failing("address-dead", says: ["198.18.2.1", "these work: 198.18.2.2"]))

    private static let oneAddressSilent = Scenario(
        name: "address-dead: one of three addresses is silent, for tcp, http and tls",
        changes: [
            .certificates, .hosts("198.18.2.2 shop.test", "198.18.2.77 shop.test", "198.18.2.1 shop.test"), .http(),
            .server("r", .web, ["80"]), .tls("good"),
            .server("r", .web, ["443", "{lab}/good.pem", "{lab}/good.key"]),
            .addRoute("r", "blackhole 198.18.2.77/32"),
        ],
        checks: everyKind + "\n  - {name: tls, tls: \"shop.test:443\", ca: \"{lab}/ca.pem\"}",
        expected: Expected(
            verdict: "failing", exit: 1, must: ["address-dead", "address-dead"], headline: "address-dead",
            says: ["198.18.2.77"]))

    private static let bothAddressesWork = Scenario(
        name: "silence: a name with two addresses that both work",
        changes: [
            .names("shop.test A 198.18.2.2", "shop.test A 198.18.2.1"), .resolver("nameserver 198.18.2.2"), .http(),
            .server("r", .web, ["80"]),
        ],
        checks: everyKind, expected: .healthy)

    private static let deadAddressAndExpiredCertificate = Scenario(
        name: "two faults at once: a dead address, and an expired certificate at the living one",
        changes: [.certificates, .hosts("198.18.2.2 shop.test", "198.18.2.1 shop.test"), .tls("expired")],
        checks: """
              - {name: page, http: "https://shop.test/ok", ca: "{lab}/ca.pem"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tls-cert-expired", "address-dead"], statuses: ["page": "failed"],
            headline: "tls-cert-expired"))

    // MARK: Families

    private static let bothFamilies = LabChange.hosts("fd00:18:2::2 shop.test", "198.18.2.2 shop.test")

    private static let ipv6Blackholed = Scenario(
        name: "ipv6-broken: the IPv6 address is blackholed, IPv4 works",
        changes: [bothFamilies, .http(), .addRoute("r", "blackhole fd00:18:2::2/128")],
        checks: everyKind,
        expected: degraded("ipv6-broken", says: ["works over IPv4 but not over IPv6", "AAAA"]))

    private static let ipv6NotListening = Scenario(
        name: "ipv6-broken: the service listens on IPv4 only",
        changes: [bothFamilies, .server("s", .web, ["80", "--bind", "0.0.0.0"])],
        checks: everyKind + "\n  - {name: echo, icmp: \"fd00:18:2::2\"}",
        expected: degraded("ipv6-broken", says: ["nothing listens there", "listen on IPv6 too"]))

    private static let ipv4Blackholed = Scenario(
        name: "ipv4-broken: the IPv4 address is blackholed, IPv6 works",
        changes: [bothFamilies, .http(), .addRoute("r", "blackhole 198.18.2.2/32")],
        checks: everyKind,
        expected: degraded("ipv4-broken", says: ["works over IPv6 but not over IPv4"]))

    private static let oneIPv6AddressDead = Scenario(
        name: "address-dead: one of two IPv6 addresses, which is no broken IPv6",
        changes: [
            .hosts("fd00:18:2::2 shop.test", "fd00:18:2::1 shop.test", "198.18.2.2 shop.test"), .http(),
        ],
        checks: everyKind, expected: failing("address-dead", says: ["fd00:18:2::1"]))

    private static let bothFamiliesDropped = Scenario(
        name: "tcp-filtered-drop: both families of a name are dropped",
        changes: [bothFamilies, .http(), .filter("r", at: "forward", rule: "tcp dport 80 counter drop")],
        checks: everyKind, expected: failing("tcp-filtered-drop"))

    private static let onlyIPv6AndDropped = Scenario(
        name: "tcp-filtered-drop: a name with IPv6 only, dropped",
        changes: [
            .hosts("fd00:18:2::2 shop.test"), .http(), .filter("r", at: "forward", rule: "tcp dport 80 counter drop"),
        ],
        checks: everyKind, expected: failing("tcp-filtered-drop"))

    private static let bothFamiliesWanted = Scenario(
        name: "ipv6-broken: an error where the plan asks for both families",
        changes: [bothFamilies, .server("s", .web, ["80", "--bind", "0.0.0.0"])],
        checks: """
              - {name: page, http: "http://shop.test/ok", family: both}
            """,
        expected: failing("ipv6-broken", checks: 1, statuses: ["page": "failed"]))

    // MARK: Vantages

    /// That this host cannot speak IPv6 is not why it fails.
    private static let noIPv6AndClosed = Scenario(
        name: "tcp-refused: a dual-stack name on a client without IPv6",
        changes: [bothFamilies, .removeRoute("c", "default via fd00:18:1::1")],
        checks: everyKind, expected: failing("tcp-refused"))

    private static let noIPv6AndDropped = Scenario(
        name: "tcp-filtered-drop: a dual-stack name on a client without IPv6",
        changes: [
            bothFamilies, .http(), .removeRoute("c", "default via fd00:18:1::1"),
            .filter("r", at: "forward", rule: "tcp dport 80 counter drop"),
        ],
        checks: everyKind, expected: failing("tcp-filtered-drop"))

    /// What the own host drops is no fault of the address.
    private static let ownFilterBeforeOneAddress = Scenario(
        name: "local-egress-denied: the own output filter drops one of two addresses, which is not called dead",
        changes: [
            .hosts("198.18.2.2 shop.test", "198.18.2.1 shop.test"), .http(), .server("r", .web, ["80"]),
            .filter("c", at: "output", rule: "ip daddr 198.18.2.1 counter drop"),
        ],
        checks: """
              - {name: port, tcp: "shop.test:80", timeout: 2s}
            """,
        expected: degraded("local-egress-denied", says: ["198.18.2.1", "other addresses are reached"], checks: 1))
}
