/// Kinds of questions: with and without EDNS, SRV, and names of Services.
extension Scenario {
    static let dnsQuestions: [Scenario] = [
        deafToEDNS, deafToEDNSForEveryKind, oldServer, badVersion, serviceRecords, serviceWithoutHost, headless,
        headlessOld,
        headlessWithoutPods,
        secondCandidate, amplifiedService,
    ]

    private static let shop = "shop.test A 198.18.2.2"

    private static let deafToEDNS = Scenario(
        name: "dns-server-unreachable: questions with EDNS vanish, plain ones are answered, a warning",
        changes: [.names(shop, "shop.test AAAA fd00:18:2::2", options: ["--deaf-to-edns"])],
        checks: """
              - {name: name, dns: shop.test, servers: [198.18.2.2]}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-server-unreachable"], statuses: ["name": "warned"],
            says: ["carry EDNS", "without EDNS: NOERROR"]))

    private static let deafToEDNSForEveryKind = Scenario(
        name: "dns-server-unreachable: questions with EDNS vanish, and a connection waits for its name",
        changes: [
            .names(shop, "shop.test AAAA fd00:18:2::2", options: ["--deaf-to-edns"]),
            .resolver("nameserver 198.18.2.2"), .http(),
        ],
        checks: """
              - {name: port, tcp: "shop.test:80", timeout: 2s}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-server-unreachable"], may: ["latency-high-p95"],
            statuses: ["port": "warned"], headline: "dns-server-unreachable"))

    private static let oldServer = Scenario(
        name: "FORMERR to EDNS, and an answer without, is an old server and healthy",
        changes: [.names(shop, options: ["--no-edns"])],
        checks: """
              - {name: name, dns: shop.test, type: A, servers: [198.18.2.2]}
            """,
        expected: .healthy)

    private static let badVersion = Scenario(
        name: "BADVERS to EDNS, and an answer without, is a broken server that works",
        changes: [.names(shop, options: ["--bad-version"])],
        checks: """
              - {name: name, dns: shop.test, type: A, servers: [198.18.2.2]}
            """,
        expected: .healthy)

    // MARK: Services

    private static let serviceRecords = Scenario(
        name: "SRV records and the hosts that they name are healthy",
        changes: [
            .names(
                "_http._tcp.shop.test SRV 0 5 8080 a.shop.test", "_http._tcp.shop.test SRV 0 5 8080 b.shop.test",
                "a.shop.test A 198.18.2.2", "b.shop.test A 198.18.2.1"),
            .resolver("nameserver 198.18.2.2"),
        ],
        command: ["dns", "_http._tcp.shop.test", "--type", "SRV"],
        expected: .healthy)

    private static let serviceWithoutHost = Scenario(
        name: "dns-name-not-found: an SRV record leads to a host that does not exist",
        changes: [
            .names(
                "_http._tcp.shop.test SRV 0 5 8080 a.shop.test", "_http._tcp.shop.test SRV 0 5 8080 gone.shop.test",
                "a.shop.test A 198.18.2.2"),
            .resolver("nameserver 198.18.2.2"),
        ],
        command: ["dns", "_http._tcp.shop.test", "--type", "SRV"],
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-name-not-found"], says: ["lead to gone.shop.test"]))

    private static let zone = "prod.svc.cluster.lab"

    private static let headless = Scenario(
        name: "a headless Service: its pods by name, by SRV, and by address",
        changes: [
            .names(
                "db.\(zone) A 198.18.2.2", "db.\(zone) A 198.18.2.1",
                "_pg._tcp.db.\(zone) SRV 0 50 5432 db-0.db.\(zone)",
                "_pg._tcp.db.\(zone) SRV 0 50 5432 db-1.db.\(zone)", "db-0.db.\(zone) A 198.18.2.2",
                "db-1.db.\(zone) A 198.18.2.1", options: ["--authoritative"]),
            .resolver("nameserver 198.18.2.2", "search \(zone) svc.cluster.lab cluster.lab", "options ndots:5"),
        ],
        checks: """
              - {name: service, dns: db, type: A}
              - {name: pods, dns: _pg._tcp.db, type: SRV}
              - {name: pod, dns: db-0.db, type: A}
            """,
        expected: .healthy)

    private static let headlessOld = Scenario(
        name:
            "dns-stale-record: SRV records of a headless Service lead to a pod that the Service has not got, a warning",
        changes: [
            .names(
                "db.\(zone) A 198.18.2.2", "_pg._tcp.db.\(zone) SRV 0 50 5432 db-0.db.\(zone)",
                "_pg._tcp.db.\(zone) SRV 0 50 5432 db-1.db.\(zone)", "db-0.db.\(zone) A 198.18.2.2",
                "db-1.db.\(zone) A 198.18.2.77", options: ["--authoritative"]),
            .resolver("nameserver 198.18.2.2", "search \(zone) svc.cluster.lab cluster.lab", "options ndots:5"),
        ],
        checks: """
              - {name: pods, dns: _pg._tcp.db, type: SRV}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-stale-record"], statuses: ["pods": "warned"],
            says: ["198.18.2.77"]))

    private static let headlessWithoutPods = Scenario(
        name: "dns-name-not-found: a headless Service none of whose pods is ready",
        changes: [
            .names("web.\(zone) A 198.18.2.2", options: ["--authoritative"]),
            .resolver("nameserver 198.18.2.2", "search \(zone) svc.cluster.lab cluster.lab", "options ndots:5"),
        ],
        checks: """
              - {name: service, dns: db, type: A}
            """,
        expected: Expected(verdict: "failing", exit: 1, must: ["dns-name-not-found"], says: ["headless"]))

    /// A name in another namespace: one question in vain, which is how it is meant to be.
    private static let secondCandidate = Scenario(
        name: "a Service of another namespace, found at the second name of the search list, is healthy",
        changes: [
            .names("web.shop.svc.cluster.lab A 198.18.2.2", options: ["--authoritative"]),
            .resolver("nameserver 198.18.2.2", "search \(zone) svc.cluster.lab cluster.lab", "options ndots:5"),
        ],
        checks: """
              - {name: service, dns: web.shop, type: A, samples: 3}
            """,
        expected: .healthy)

    private static let amplifiedService = Scenario(
        name: "dns-nxdomain-search-path: a Service's long name without its final dot, and the name to use",
        changes: [
            .names("web.shop.svc.cluster.lab A 198.18.2.2", options: ["--authoritative"]),
            .resolver("nameserver 198.18.2.2", "search \(zone) svc.cluster.lab cluster.lab", "options ndots:5"),
        ],
        checks: """
              - {name: service, dns: web.shop.svc.cluster.lab, samples: 1}
            """,
        expected: Expected(
            verdict: "healthy", exit: 0, must: ["dns-nxdomain-search-path"],
            says: ["8 questions in place of 2", "its final dot: web.shop.svc.cluster.lab."]))
}
