/// The client's own resolv.conf: lines that name nobody, and what only looks like it.
extension Scenario {
    static let resolvconf: [Scenario] = [
        noServerLine, emptyFile, serverByName, foreignStub, stubForEveryKind, stubBesideAnother, ownLoopbackResolver,
        nodeLocalCache, deadNodeLocalCache, oneUnreadableLine, misspelledKeyword, windowsLineEnds, fourServers,
        sevenDomains, twoSearchLines, unknownOption, plansOwnServers, tidyFile, hostsFileOnly, deadServersAndBadLine,
        shortTimeout,
    ]

    private static let shop: LabChange = .names("shop.test A 198.18.2.2")
    private static let checks = """
          - {name: name, dns: shop.test, type: A}
          - {name: port, tcp: "shop.test:80"}
        """

    private static func invalid(
        _ name: String, _ lines: String..., says: [String], also changes: [LabChange] = []
    ) -> Scenario {
        Scenario(
            name: "dns-resolvconf-invalid: \(name)",
            changes: [shop, .http(), .etc("c", file: "resolv.conf", lines.joined(separator: "\n") + "\n")] + changes,
            checks: checks,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["dns-resolvconf-invalid"],
                statuses: ["name": "failed", "port": "failed"], says: says, checksOf: ["dns-resolvconf-invalid": 2]))
    }

    private static let noServerLine = invalid(
        "no nameserver line", "search lab", says: ["no usable nameserver line", "127.0.0.1"])
    private static let emptyFile = invalid("an empty file", "", says: ["no usable nameserver line"])
    private static let serverByName = invalid(
        "the server is given by its name", "nameserver dns.lab", "options ndots:1",
        says: ["line 1 “nameserver dns.lab”", "a name, and resolvers need an address"])
    private static let foreignStub = invalid(
        "127.0.0.53 where no systemd-resolved is", "nameserver 127.0.0.53", "options edns0 trust-ad",
        says: ["127.0.0.53", "another machine's"])
    private static let stubForEveryKind = invalid(
        "another loopback address where nothing listens", "nameserver 127.0.0.1",
        says: ["127.0.0.1", "not running here"])

    private static func fine(
        _ name: String, _ text: String, also changes: [LabChange] = [], checks: String = checks
    ) -> Scenario {
        Scenario(
            name: "resolv.conf is right: \(name)",
            changes: [shop, .http(), .etc("c", file: "resolv.conf", text)] + changes,
            checks: checks, expected: .healthy)
    }

    private static func warned(
        _ name: String, _ text: String, says: [String], also changes: [LabChange] = []
    ) -> Scenario {
        Scenario(
            name: "dns-resolvconf-invalid: a warning, \(name)",
            changes: [shop, .http(), .etc("c", file: "resolv.conf", text)] + changes, checks: checks,
            expected: Expected(
                verdict: "degraded", exit: 0, must: ["dns-resolvconf-invalid"],
                statuses: ["name": "warned", "port": "warned"], says: says))
    }

    private static func noted(_ name: String, _ text: String, says: [String], also changes: [LabChange] = [])
        -> Scenario
    {
        Scenario(
            name: "dns-resolvconf-invalid: a note, \(name)",
            changes: [shop, .http(), .etc("c", file: "resolv.conf", text)] + changes, checks: checks,
            expected: Expected(
                verdict: "healthy", exit: 0, must: ["dns-resolvconf-invalid"],
                statuses: ["name": "passed", "port": "passed"], says: says))
    }

    /// Another server answers: the closed one is named, as any closed one among several.
    private static let stubBesideAnother = Scenario(
        name: "dns-server-port-closed: a dead stub beside a server that answers, a warning",
        changes: [shop, .http(), .resolver("nameserver 127.0.0.53", "nameserver 198.18.2.2")], checks: checks,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-server-port-closed"],
            statuses: ["name": "warned", "port": "warned"], says: ["127.0.0.53"]))

    private static let ownLoopbackResolver = fine(
        "a resolver on the loopback answers", "nameserver 127.0.0.53\n",
        also: [.server("c", .names, ["127.0.0.53", "shop.test A 198.18.2.2"])])

    private static let cacheAddress: LabChange = .server("c", .names, ["169.254.20.10", "shop.test A 198.18.2.2"])
    private static let nodeLocalCache = fine(
        "a node-local cache", "nameserver 169.254.20.10\nsearch prod.svc.lab\noptions ndots:1\n",
        also: [.addRoute("c", "local 169.254.20.10/32 dev lo"), cacheAddress])
    private static let deadNodeLocalCache = Scenario(
        name: "dns-server-port-closed: the node-local cache is not running",
        changes: [
            .http(), .resolver("nameserver 169.254.20.10"), .addRoute("c", "local 169.254.20.10/32 dev lo"),
        ],
        checks: checks,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-server-port-closed"], says: ["169.254.20.10"],
            checksOf: ["dns-server-port-closed": 2]))

    private static let oneUnreadableLine = warned(
        "one of two servers is given by its name", "nameserver 198.18.2.2\nnameserver backup.lab\n",
        says: ["line 2 “nameserver backup.lab”"])
    private static let misspelledKeyword = warned(
        "a misspelled keyword", "namserver 198.18.2.1\nnameserver 198.18.2.2\n",
        says: ["line 1 “namserver 198.18.2.1”", "probably nameserver is meant"])
    private static let windowsLineEnds = warned(
        "lines that end with CR LF", "# edited elsewhere\r\nnameserver 198.18.2.2\r\n", says: ["line 2", "glibc"])

    private static let fourServers = noted(
        "four servers", "nameserver 198.18.2.2\n" + (3...5).map { "nameserver 198.18.2.\($0)\n" }.joined(),
        says: ["line 4 “nameserver 198.18.2.5”", "the first three"],
        also: (3...4).map { .server("s", .names, ["198.18.2.\($0)", "shop.test A 198.18.2.2"]) }.reduce(
            into: [.addRoute("s", "local 198.18.2.3/32 dev lo"), .addRoute("s", "local 198.18.2.4/32 dev lo")]
                + [.addRoute("r", "198.18.2.3/32 via 198.18.2.2"), .addRoute("r", "198.18.2.4/32 via 198.18.2.2")]
        ) { $0.append($1) })
    private static let sevenDomains = noted(
        "seven search domains", "nameserver 198.18.2.2\nsearch d1 d2 d3 d4 d5 d6 d7\n",
        says: ["line 2", "7 search domains"])
    private static let twoSearchLines = noted(
        "two search lines", "nameserver 198.18.2.2\nsearch prod.lab\nsearch lab\n",
        says: ["line 2 “search prod.lab”", "line 3 sets the search list anew"])
    private static let unknownOption = noted(
        "an option that nobody knows", "nameserver 198.18.2.2\noptions ndots:1 turbo\n",
        says: ["line 2 “options ndots:1 turbo”", "turbo"])

    /// What the file says has no part in this.
    private static let plansOwnServers = fine(
        "or does not matter, as the plan names the servers", "namserver x\n",
        checks: """
              - {name: name, dns: shop.test, type: A, servers: [198.18.2.2]}
              - {name: port, tcp: "198.18.2.2:80"}
            """)
    private static let hostsFileOnly = fine(
        "or does not matter, as the hosts file knows the name", "namserver x\n",
        also: [.hosts("198.18.2.2 shop.test")],
        checks: """
              - {name: port, tcp: "shop.test:80"}
            """)
    private static let tidyFile = fine(
        "comments, blanks, tabs and ordinary options",
        """
        ; made by hand
        # nameserver 198.18.2.99

        domain lab
        search lab test
        nameserver\t198.18.2.2   # the only one
        options rotate timeout:1 attempts:1 edns0 trust-ad single-request-reopen

        """)

    /// Two faults, two findings: neither hides the other.
    private static let deadServersAndBadLine = Scenario(
        name: "dns-server-unreachable and dns-resolvconf-invalid: the server is dead, and the other line names nobody",
        changes: [
            .http(), .resolver("nameserver 198.18.2.66", "nameserver backup.lab"),
            .addRoute("r", "blackhole 198.18.2.66/32"),
        ],
        checks: checks,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-server-unreachable", "dns-resolvconf-invalid"],
            headline: "dns-server-unreachable", says: ["198.18.2.66"]))

    /// attempts:1 and timeout:1 leave a silent server after one second, so that the next is asked within the check's time.
    private static let shortTimeout = Scenario(
        name: "dns-server-unreachable: attempts and timeout leave time for the next server",
        changes: [
            shop, .http(), .addRoute("r", "blackhole 198.18.2.66/32"),
            .resolver("nameserver 198.18.2.66", "nameserver 198.18.2.2", "options attempts:1 timeout:1"),
        ],
        checks: """
              - {name: port, tcp: "shop.test:80", timeout: 10s, samples: 1, expect: {latency: {max: 3s}}}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-server-unreachable"], statuses: ["port": "warned"]))
}
