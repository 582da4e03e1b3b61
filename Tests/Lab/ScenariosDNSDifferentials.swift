/// Each finding about names beside what only looks like it, as far as the older scenarios do not have it.
extension Scenario {
    static let dnsDifferentials: [Scenario] = [
        nodataOfOneFamily, nodataOfADanglingAlias, nodataOfACircle, nodataBesideNXDomain, missingInEverySearchDomain,
        servfailBesideRefused, refusedByOneOfTwo, closedByTheNode, forbiddenByARouter, closedOverIPv6, droppedOverIPv6,
        unreachableOverIPv6, deadResolverAndExpiredCertificate, slowAndMissing,
    ]

    private static let shop = "shop.test A 198.18.2.2"

    private static let nodataOfOneFamily = Scenario(
        name: "dns-nodata: the family that the check needs is missing",
        changes: [.names(shop), .resolver("nameserver 198.18.2.2"), .http()],
        checks: """
              - {name: four, tcp: "shop.test:80", family: 4}
              - {name: six, tcp: "shop.test:80", family: 6}
              - {name: any, tcp: "shop.test:80"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-nodata"],
            statuses: ["four": "passed", "six": "failed", "any": "passed"], says: ["AAAA"],
            checksOf: ["dns-nodata": 1]))

    private static let nodataOfADanglingAlias = Scenario(
        name: "dns-nodata: an alias whose target has no address",
        changes: [.names("www.test CNAME shop.test", "shop.test TXT hello"), .resolver("nameserver 198.18.2.2")],
        checks: """
              - {name: name, dns: www.test, type: A}
              - {name: alias, dns: www.test, type: CNAME}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-nodata"], statuses: ["name": "warned", "alias": "passed"]))

    private static let nodataOfACircle = Scenario(
        name: "dns-nodata: aliases in a circle",
        changes: [.names("a.test CNAME b.test", "b.test CNAME a.test"), .resolver("nameserver 198.18.2.2")],
        checks: """
              - {name: name, dns: a.test, type: A}
              - {name: port, tcp: "a.test:80"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-nodata"], says: ["in a circle"], checksOf: ["dns-nodata": 2]))

    /// Of two names of the search list one exists without an address: the name is known.
    private static let nodataBesideNXDomain = Scenario(
        name: "dns-nodata: one form of the name exists, without an address",
        changes: [.names("shop.lab TXT hello"), .resolver("nameserver 198.18.2.2", "search lab")],
        checks: """
              - {name: port, tcp: "shop:80"}
            """,
        expected: Expected(verdict: "failing", exit: 1, must: ["dns-nodata"]))

    private static let missingInEverySearchDomain = Scenario(
        name: "dns-name-not-found: in no search domain, and not as written",
        changes: [.names(shop), .resolver("nameserver 198.18.2.2", "search a.lab b.lab", "options ndots:2")],
        checks: """
              - {name: port, tcp: "shpo.test:80"}
            """,
        expected: Expected(verdict: "failing", exit: 1, must: ["dns-name-not-found"]))

    private static let servfailBesideRefused = Scenario(
        name: "dns-servfail-upstream: one server fails, the other refuses",
        changes: [.names("* rcode 2"), .server("r", .names, ["198.18.2.1", "* rcode 5"])],
        checks: """
              - {name: name, dns: shop.test, servers: [198.18.2.2, 198.18.2.1]}
            """,
        expected: Expected(verdict: "failing", exit: 1, must: ["dns-servfail-upstream"], says: ["198.18.2.2"]))

    private static let refusedByOneOfTwo = Scenario(
        name: "one of two resolvers refuses, the other answers: names still resolve",
        changes: [
            .names("* rcode 5"), .server("r", .names, ["198.18.2.1", shop]), .http(),
            .resolver("nameserver 198.18.2.2", "nameserver 198.18.2.1"),
        ],
        checks: """
              - {name: port, tcp: "shop.test:80"}
            """,
        expected: .healthy)

    /// As kube-proxy does for a Service without a ready endpoint.
    private static let closedByTheNode = Scenario(
        name: "dns-server-port-closed: a node on the way refuses for the server",
        changes: [
            .names(shop),
            .filter(
                "r", at: "forward",
                rule: "meta l4proto { tcp, udp } th dport 53 reject with icmpx type port-unreachable"),
        ],
        checks: """
              - {name: name, dns: shop.test, type: A, servers: [198.18.2.2]}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-server-port-closed"], says: ["from 198.18.1.1"]))

    private static let forbiddenByARouter = Scenario(
        name: "tcp-rejected: a router forbids questions, and says so",
        changes: [
            .names(shop),
            .filter(
                "r", at: "forward",
                rule: "meta l4proto { tcp, udp } th dport 53 reject with icmpx type admin-prohibited"),
        ],
        checks: """
              - {name: name, dns: shop.test, type: A, servers: [198.18.2.2]}
            """,
        expected: Expected(verdict: "failing", exit: 1, must: ["tcp-rejected"], says: ["198.18.1.1"]))

    private static let six = "  - {name: name, dns: shop.test, type: A, servers: [\"fd00:18:2::2\"]}"

    private static let closedOverIPv6 = Scenario(
        name: "dns-server-port-closed: over IPv6", changes: [], checks: six,
        expected: Expected(verdict: "failing", exit: 1, must: ["dns-server-port-closed"], says: ["fd00:18:2::2"]))

    private static let droppedOverIPv6 = Scenario(
        name: "dns-server-unreachable: over IPv6",
        changes: [
            .names(shop, on: "fd00:18:2::2"),
            .filter("r", at: "forward", rule: "meta l4proto { tcp, udp } th dport 53 counter drop"),
        ], checks: six,
        expected: Expected(verdict: "failing", exit: 1, must: ["dns-server-unreachable"], says: ["fd00:18:2::2"]))

    /// The server of IPv6 cannot be reached, that of IPv4 answers.
    private static let unreachableOverIPv6 = Scenario(
        name: "dns-server-unreachable: the server of one family of two, a warning",
        changes: [
            .names(shop), .http(), .resolver("nameserver fd00:18:2::2", "nameserver 198.18.2.2"),
            .addRoute("r", "blackhole fd00:18:2::2/128"),
        ],
        checks: """
              - {name: port, tcp: "shop.test:80", timeout: 4s}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-server-unreachable"], statuses: ["port": "warned"]))

    /// Neither hides nor blames the other.
    private static let deadResolverAndExpiredCertificate = Scenario(
        name: "two faults: a dead resolver of three, and an expired certificate",
        changes: [
            .certificates, .names("expired.lab A 198.18.2.2"),
            .server("r", .names, ["198.18.2.1", "expired.lab A 198.18.2.2"]), .tls("expired"),
            .addRoute("r", "blackhole 198.18.2.66/32"),
            .resolver("nameserver 198.18.2.66", "nameserver 198.18.2.2", "nameserver 198.18.2.1"),
        ],
        checks: """
              - {name: handshake, tls: "expired.lab:443", timeout: 4s, ca: "{lab}/ca.pem"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["tls-cert-expired", "dns-server-unreachable"],
            may: ["tls-name-mismatch"], statuses: ["handshake": "failed"], headline: "tls-cert-expired"))

    /// A missing name is missing, however late that is said; and a slow server is slow for other names too.
    private static let slowAndMissing = Scenario(
        name: "two faults: a missing name, and a slow server",
        changes: [.names(shop, "* delay 0.6"), .resolver("nameserver 198.18.2.2")],
        checks: """
              - {name: known, dns: shop.test, type: A, timeout: 3s, samples: 4}
              - {name: unknown, dns: shpo.test., type: A, timeout: 3s, samples: 4}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-name-not-found", "dns-slow"],
            statuses: ["known": "warned", "unknown": "failed"], headline: "dns-name-not-found"))
}
