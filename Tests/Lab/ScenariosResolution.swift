/// Names: which server, which name and which form of it is at fault.
extension Scenario {
    static let resolution: [Scenario] = [
        nameNotFound, nameNotFoundForEveryKind, shortNameWithoutSearch, absoluteNameThatNeedsSearch, nameOnlyAsWritten,
        amplified, amplificationAvoided, servfail, servfailOfOneZone, refusedByPolicy, authoritativeOnly,
        deadAmongSeveral,
        closedAmongSeveral, deadResolver, closedResolver, deafOverUDP, servfailAmongSeveral, servfailOfSeveralSets,
        wildcardIsNoForm, recordBesideWildcard, reverseName, nodata, slowNames,
        resolverWithoutRoute, answersUnmet, twoDeadResolvers,
    ]

    private static let shop = "shop.test A 198.18.2.2"

    private static let nameNotFound = Scenario(
        name: "dns-name-not-found: beside a name that exists",
        changes: [.names(shop)],
        checks: """
              - {name: known, dns: shop.test, type: A, servers: [198.18.2.2]}
              - {name: unknown, dns: shpo.test, servers: [198.18.2.2]}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-name-not-found"],
            statuses: ["known": "passed", "unknown": "failed"], says: ["shpo.test"]))

    private static let nameNotFoundForEveryKind = Scenario(
        name: "dns-name-not-found: tcp, icmp, tls and http need the same missing name",
        changes: [.names(shop), .resolver("nameserver 198.18.2.2", "search lab")],
        checks: """
              - {name: name, dns: shpo.test}
              - {name: port, tcp: "shpo.test:80"}
              - {name: echo, icmp: shpo.test}
              - {name: handshake, tls: "shpo.test:443"}
              - {name: page, http: "http://shpo.test/"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-name-not-found"],
            statuses: ["name": "failed", "port": "failed", "echo": "failed", "handshake": "failed", "page": "failed"],
            checksOf: ["dns-name-not-found": 5]))

    private static let shortNameWithoutSearch = Scenario(
        name: "dns-nxdomain-search-path: the short name exists under a search domain only",
        changes: [
            .names("shop.prod.svc.lab A 198.18.2.2"),
            .resolver("nameserver 198.18.2.2", "search prod.svc.lab svc.lab", "options ndots:5"),
        ],
        checks: """
              - {name: without, dns: shop, type: A, search: false}
              - {name: with, dns: shop, type: A}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-nxdomain-search-path"],
            statuses: ["without": "failed", "with": "passed"], says: ["shop.prod.svc.lab"]))

    private static let absoluteNameThatNeedsSearch = Scenario(
        name: "dns-nxdomain-search-path: a final dot where the search list is needed",
        changes: [
            .names("shop.prod.svc.lab A 198.18.2.2"),
            .resolver("nameserver 198.18.2.2", "search prod.svc.lab svc.lab", "options ndots:5"), .http(),
        ],
        checks: """
              - {name: port, tcp: "shop.:80"}
              - {name: page, http: "http://shop./"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-nxdomain-search-path"],
            statuses: ["port": "failed", "page": "failed"], says: ["shop.prod.svc.lab"]))

    /// The resolver's own list finds it: the program and the network are healthy.
    private static let nameOnlyAsWritten = Scenario(
        name: "a short name that the first search domain completes is healthy",
        changes: [
            .names("shop.prod.svc.lab A 198.18.2.2"), .http(),
            .resolver("nameserver 198.18.2.2", "search prod.svc.lab svc.lab lab", "options ndots:5"),
        ],
        checks: """
              - {name: name, dns: shop, type: A}
              - {name: port, tcp: "shop:80"}
              - {name: page, http: "http://shop/"}
            """,
        expected: .healthy)

    private static let fourDomains = LabChange.resolver(
        "nameserver 198.18.2.2", "search prod.svc.lab svc.lab lab corp.lab", "options ndots:5")

    private static let amplified = Scenario(
        name: "dns-nxdomain-search-path: four search domains and ndots:5 multiply the questions",
        changes: [.names("www.shop.test A 198.18.2.2"), fourDomains, .http()],
        checks: """
              - {name: name, dns: www.shop.test, type: A}
              - {name: port, tcp: "www.shop.test:80"}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-nxdomain-search-path"],
            statuses: ["name": "warned", "port": "warned"], says: ["4 names"], checksOf: ["dns-nxdomain-search-path": 2]
        ))

    private static let amplificationAvoided = Scenario(
        name: "a final dot avoids the search list",
        changes: [.names("www.shop.test A 198.18.2.2"), fourDomains, .http()],
        checks: """
              - {name: name, dns: www.shop.test., type: A}
              - {name: port, tcp: "www.shop.test.:80"}
            """,
        expected: .healthy)

    private static let servfail = Scenario(
        name: "dns-servfail-upstream: every name",
        changes: [.names("* rcode 2"), .resolver("nameserver 198.18.2.2"), .http()],
        checks: """
              - {name: name, dns: shop.test}
              - {name: page, http: "http://shop.test/"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-servfail-upstream"],
            statuses: ["name": "failed", "page": "failed"], checksOf: ["dns-servfail-upstream": 2]))

    private static let servfailOfOneZone = Scenario(
        name: "dns-servfail-upstream: one zone only",
        changes: [.names(shop, "*.corp.test rcode 2"), .resolver("nameserver 198.18.2.2"), .http()],
        checks: """
              - {name: own, tcp: "shop.test:80"}
              - {name: theirs, tcp: "db.corp.test:80"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-servfail-upstream"],
            statuses: ["own": "passed", "theirs": "failed"], says: ["answers other names"]))

    private static let refusedByPolicy = Scenario(
        name: "dns-refused-by-policy: one name",
        changes: [.names(shop, "denied.test rcode 5"), .resolver("nameserver 198.18.2.2"), .http()],
        checks: """
              - {name: allowed, tcp: "shop.test:80"}
              - {name: denied, tcp: "denied.test:80"}
              - {name: denied by dns, dns: denied.test, type: A}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-refused-by-policy"],
            statuses: ["allowed": "passed", "denied": "failed", "denied by dns": "failed"], says: ["policy"]))

    private static let authoritativeOnly = Scenario(
        name: "dns-refused-by-policy: an authoritative server is no resolver",
        changes: [.names("* rcode 5", options: ["--no-recursion"])],
        checks: """
              - {name: foreign, dns: elsewhere.test, servers: [198.18.2.2]}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-refused-by-policy"], statuses: ["foreign": "failed"],
            says: ["authoritative only"]))

    private static let deadAmongSeveral = Scenario(
        name: "dns-server-unreachable: the first of two resolvers is dead, a warning",
        changes: [
            .names(shop), .resolver("nameserver 198.18.2.66", "nameserver 198.18.2.2"), .http(),
            .addRoute("r", "blackhole 198.18.2.66/32"),
        ],
        checks: """
              - {name: name, dns: shop.test, type: A}
              - {name: port, tcp: "shop.test:80", timeout: 4s}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-server-unreachable"], may: ["latency-high-p95"],
            statuses: ["name": "warned", "port": "warned"], headline: "dns-server-unreachable", says: ["198.18.2.66"]))

    private static let closedAmongSeveral = Scenario(
        name: "dns-server-port-closed: the first of two resolvers has no server, a warning",
        changes: [.names(shop), .resolver("nameserver 198.18.2.1", "nameserver 198.18.2.2"), .http()],
        checks: """
              - {name: name, dns: shop.test, type: A}
              - {name: port, tcp: "shop.test:80"}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-server-port-closed"],
            statuses: ["name": "warned", "port": "warned"], says: ["198.18.2.1"]))

    private static let fiftyPorts = (1...50).map { "  - {name: port \($0), tcp: \"host\($0).test:80\"}" }
        .joined(separator: "\n")

    private static let deadResolver = Scenario(
        name: "dns-server-unreachable: fifty names, one finding",
        changes: [
            .resolver("nameserver 198.18.2.2"),
            .filter("r", at: "forward", rule: "meta l4proto { tcp, udp } th dport 53 counter drop"),
        ],
        checks: fiftyPorts,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-server-unreachable"], says: ["neither over UDP nor over TCP"],
            checksOf: ["dns-server-unreachable": 50]))

    private static let closedResolver = Scenario(
        name: "dns-server-port-closed: fifty names, one finding",
        changes: [.resolver("nameserver 198.18.2.2")],
        checks: fiftyPorts,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-server-port-closed"], checksOf: ["dns-server-port-closed": 50]))

    private static let twoDeadResolvers = Scenario(
        name: "dns-server-unreachable: both resolvers dead, one finding",
        changes: [
            .resolver("nameserver 198.18.2.66", "nameserver 198.18.2.67"),
            .addRoute("r", "blackhole 198.18.2.64/28"),
        ],
        checks: """
              - {name: name, dns: shop.test, type: A}
              - {name: port, tcp: "shop.test:80"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-server-unreachable"], says: ["198.18.2.66", "198.18.2.67"],
            checksOf: ["dns-server-unreachable": 2]))

    private static let deafOverUDP = Scenario(
        name: "dns-server-unreachable: UDP is filtered, TCP answers",
        changes: [.names(shop), .filter("r", at: "forward", rule: "udp dport 53 counter drop")],
        checks: """
              - {name: name, dns: shop.test, type: A, servers: [198.18.2.2]}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-server-unreachable"], statuses: ["name": "failed"],
            says: ["over TCP"]))

    private static let servfailAmongSeveral = Scenario(
        name: "one of two resolvers fails, the other answers: names still resolve",
        changes: [
            .names("* rcode 2", on: "198.18.2.2"), .server("r", .names, ["198.18.2.1", shop]), .http(),
            .resolver("nameserver 198.18.2.2", "nameserver 198.18.2.1"),
        ],
        checks: """
              - {name: port, tcp: "shop.test:80"}
            """,
        expected: Expected(
            verdict: "healthy", exit: 0, may: ["dns-servfail-upstream"], statuses: ["port": "passed"]))

    /// Two checks ask one server each, a third asks both: one dead upstream, one finding.
    private static let servfailOfSeveralSets = Scenario(
        name: "dns-servfail-upstream: checks with different servers in common, one finding",
        changes: [.names("* rcode 2"), .server("r", .names, ["198.18.2.1", "* rcode 2"])],
        checks: """
              - {name: one, dns: shop.test, servers: [198.18.2.2]}
              - {name: both, dns: shop.test, servers: [198.18.2.2, 198.18.2.1]}
              - {name: other, dns: db.test, servers: [198.18.2.1]}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-servfail-upstream"], says: ["198.18.2.1:53", "198.18.2.2:53"],
            checksOf: ["dns-servfail-upstream": 3]))

    private static let wildcardIsNoForm = Scenario(
        name: "dns-name-not-found: a wildcard in the search domain makes no name",
        changes: [.names("*.lab A 198.18.2.9", shop), .resolver("nameserver 198.18.2.2", "search lab")],
        checks: """
              - {name: name, dns: shpo.test., type: A}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-name-not-found"], says: ["a wildcard"]))

    private static let recordBesideWildcard = Scenario(
        name: "dns-nxdomain-search-path: a record of its own beside a wildcard",
        changes: [
            .names("*.lab A 198.18.2.9", "shop.lab A 198.18.2.2"), .resolver("nameserver 198.18.2.2", "search lab"),
        ],
        checks: """
              - {name: name, dns: shop., type: A}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-nxdomain-search-path"], says: ["shop.lab"]))

    private static let reverseName = Scenario(
        name: "the name of an address, both families",
        changes: [
            .names(
                "2.2.18.198.in-addr.arpa PTR shop.test",
                "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.0.0.0.8.1.0.0.0.0.d.f.ip6.arpa PTR shop.test"),
            .resolver("nameserver 198.18.2.2", "search lab"),
        ],
        checks: """
              - {name: four, dns: 198.18.2.2, expect: {answers: [shop.test]}}
              - {name: six, dns: "fd00:18:2::2", expect: {answers: [shop.test]}}
            """,
        expected: .healthy)

    private static let nodata = Scenario(
        name: "dns-nodata: a name without any address is no missing name",
        changes: [.names("shop.test TXT hello"), .resolver("nameserver 198.18.2.2")],
        checks: """
              - {name: port, tcp: "shop.test:80"}
              - {name: name, dns: shop.test}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-nodata"],
            statuses: ["port": "failed", "name": "failed"]))

    private static let slowNames = Scenario(
        name: "dns-slow: above the plan's limit, and the page waits for names too",
        changes: [.names(shop, "shop.test delay 0.4"), .resolver("nameserver 198.18.2.2"), .http()],
        checks: """
              - {name: name, dns: shop.test, type: A, samples: 4, expect: {latency: {p95: 100ms}}}
              - {name: page, http: "http://shop.test/ok", samples: 4, expect: {latency: {p95: 100ms}}}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-slow"], statuses: ["name": "warned", "page": "warned"],
            checksOf: ["dns-slow": 2]))

    private static let resolverWithoutRoute = Scenario(
        name: "no-route-local: the way to the resolver is missing, not the resolver",
        changes: [.resolver("nameserver 198.19.0.1"), .removeRoute("c", "default via 198.18.1.1")],
        checks: """
              - {name: port, tcp: "shop.test:80"}
              - {name: name, dns: shop.test}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["no-route-local"], statuses: ["port": "failed", "name": "failed"],
            checksOf: ["no-route-local": 2]))

    private static let answersUnmet = Scenario(
        name: "expectation-unmet: the name has another address than the plan says",
        changes: [.names(shop)],
        checks: """
              - {name: name, dns: shop.test, type: A, servers: [198.18.2.2], expect: {answers: [198.18.2.9]}}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["expectation-unmet"], statuses: ["name": "failed"],
            says: ["198.18.2.9", "198.18.2.2"]))
}
