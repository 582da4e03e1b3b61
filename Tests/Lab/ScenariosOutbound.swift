/// What gets out of a network: blocked, through a proxy, held by a portal, and what should not get out.
extension Scenario {
    static let outbound: [Scenario] = egressBlocked + proxies + portals + metadata + undeclared

    private static func toInternet(_ verdict: String) -> LabChange {
        .filter("r", at: "forward", rule: "ip daddr 198.18.2.8/29 counter \(verdict)")
    }

    private static func seen(
        _ name: String, _ changes: [LabChange], _ options: [String] = internetTargets, _ variables: [String] = [],
        expect expected: Expected
    ) -> Scenario {
        Scenario(
            name: name, changes: changes, command: doctorCommand + options, environment: trust + variables,
            expected: expected)
    }

    // MARK: Blocked

    private static let blocked = Expected(
        verdict: "degraded", exit: 0, must: ["egress-blocked-internet"],
        statuses: ["internet 198.18.2.9:443": "warned", "internet http://one.test/": "warned"],
        headline: "egress-blocked-internet", checksOf: ["egress-blocked-internet": 6])

    private static func blocked(says words: String) -> Expected {
        var expected = blocked
        expected.says = [words]
        return expected
    }

    private static let egressBlocked: [Scenario] = [
        seen(
            "egress-blocked-internet: dropped on the way", internet + [toInternet("drop")],
            expect: blocked(says: "dropped without an answer")),
        seen(
            "egress-blocked-internet: rejected by a firewall",
            internet + [toInternet("reject with icmpx type admin-prohibited")],
            expect: blocked(says: "rejected by a device")),
        seen(
            "egress-blocked-internet: the router has no way on",
            internet + [.addRoute("r", "unreachable 198.18.2.8/29")], expect: blocked(says: "no way on")),
        seen(
            "egress-blocked-internet: port 443 only",
            internet + [.filter("r", at: "forward", rule: "ip daddr 198.18.2.8/29 tcp dport 443 counter drop")],
            ["9", "10", "11"].flatMap { ["--internet", "198.18.2.\($0):443", "--internet", "198.18.2.\($0):80"] },
            expect: Expected(
                verdict: "degraded", exit: 0, must: ["egress-blocked-internet"], headline: "egress-blocked-internet",
                says: ["TCP 443"])),
        Scenario(
            name: "egress-blocked-internet: an error where a plan needs it",
            changes: internet + [toInternet("drop")],
            checks: """
                  - {name: near, tcp: "198.18.2.2:80"}
                  - {name: one, tcp: "198.18.2.9:443", labels: {outbound: internet, operator: one}}
                  - {name: two, tcp: "198.18.2.10:443", labels: {outbound: internet, operator: two}}
                  - {name: three, tcp: "198.18.2.11:80", labels: {outbound: internet, operator: three}}
                  - {name: page, http: "http://one.test/", timeout: 2s, labels: {outbound: internet, operator: four}}
                """,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["egress-blocked-internet"],
                statuses: ["near": "passed", "one": "failed", "page": "failed"], headline: "egress-blocked-internet")),
        seen(
            "not egress-blocked-internet: the name servers are silent, addresses answer",
            internet + [.filter("r", at: "forward", rule: "meta l4proto { tcp, udp } th dport 53 counter drop")],
            expect: Expected(
                verdict: "failing", exit: 1, must: ["dns-server-unreachable"],
                statuses: ["internet 198.18.2.9:443": "passed"], headline: "dns-server-unreachable")),
        seen(
            "not egress-blocked-internet: one public service is down",
            internet + [.filter("r", at: "forward", rule: "ip daddr 198.18.2.9 counter drop")],
            expect: Expected(
                verdict: "healthy", exit: 0, must: ["tcp-filtered-drop"],
                statuses: ["internet 198.18.2.9:443": "warned", "internet 198.18.2.10:443": "passed"])),
        seen(
            "not egress-blocked-internet: TLS to one name is reset, as a filter by name does",
            internetAddresses + [
                .certificates, .http(),
                .server(
                    "s", .web,
                    ["443", "{lab}/good.pem", "{lab}/good.key", "--at", "reset-on-bytes", "--sni", "shop.test"]),
            ],
            expect: Expected(
                verdict: "healthy", exit: 0, must: ["egress-fqdn-filtered"],
                statuses: ["internet 198.18.2.9:443": "passed", "internet http://one.test/": "passed"])),
        seen(
            "not egress-blocked-internet: over IPv6 only",
            internet + [.filter("r", at: "forward", rule: "meta nfproto ipv6 counter drop")],
            internetTargets + [
                "--internet", "[fd00:18:2::2]:443", "--internet", "[fd00:18:2::3]:443", "--internet",
                "[fd00:18:2::4]:80",
            ],
            expect: Expected(
                verdict: "degraded", exit: 0, must: ["ipv6-broken"], statuses: ["internet 198.18.2.9:443": "passed"],
                headline: "ipv6-broken")),
    ]

    // MARK: Proxies

    private static let proxy = [
        "https_proxy=http://198.18.2.2:3128", "http_proxy=http://198.18.2.2:3128", "no_proxy=localhost,127.0.0.1",
    ]
    private static let proxyNames: [LabChange] = [
        .etc(
            "s", file: "hosts",
            "127.0.0.1 localhost\n198.18.2.12 one.test\n198.18.2.13 two.test\n198.18.2.14 shop.test\n")
    ]

    private static func proxyServer(_ options: String...) -> [LabChange] {
        proxyNames + [.server("s", .proxy, ["3128"] + options)]
    }

    private static let proxies: [Scenario] = [
        seen(
            "proxy-in-path: direct ways are closed, the proxy's is open",
            internet + proxyServer() + [toInternet("drop")],
            internetTargets, proxy,
            expect: Expected(
                verdict: "healthy", exit: 0, must: ["proxy-in-path"],
                statuses: [
                    "internet https://shop.test/ok through the proxy": "passed", "proxy 198.18.2.2:3128": "passed",
                ])),
        seen(
            "healthy: a proxy that need not be used", internet + proxyServer(), internetTargets, proxy, expect: .healthy
        ),
        seen(
            "expectation-unmet: the proxy wants credentials", internet + proxyServer("--user", "lab:secret"),
            internetTargets,
            proxy,
            expect: Expected(
                verdict: "degraded", exit: 0, must: ["expectation-unmet", "expectation-unmet"],
                headline: "expectation-unmet",
                says: ["407"])),
        seen(
            "healthy: the proxy's credentials stand in the variable", internet + proxyServer("--user", "lab:secret"),
            internetTargets,
            ["https_proxy=http://lab:secret@198.18.2.2:3128", "http_proxy=http://lab:secret@198.18.2.2:3128"],
            expect: .healthy),
        seen(
            "egress-blocked-internet: and the proxy does not get there either",
            internet + proxyServer("--deny", "shop.test", "--deny", "one.test") + [toInternet("drop")], internetTargets,
            proxy,
            expect: Expected(
                verdict: "degraded", exit: 0,
                must: ["egress-blocked-internet", "egress-fqdn-filtered", "egress-fqdn-filtered"],
                headline: "egress-blocked-internet")),
        seen(
            "tcp-refused: nothing listens where the variables have the proxy", internet, internetTargets, proxy,
            expect: Expected(
                verdict: "failing", exit: 1, must: ["tcp-refused"],
                statuses: [
                    "proxy 198.18.2.2:3128": "failed", "internet https://shop.test/ok through the proxy": "skipped",
                ],
                headline: "tcp-refused")),
        Scenario(
            name:
                "egress-fqdn-filtered: the proxy forbids a name (403), cannot reach another (502), and passes on the server's own 404",
            changes: internet + proxyServer("--deny", "two.test"),
            checks: """
                  - {name: through, http: "https://shop.test/ok", proxy: "http://198.18.2.2:3128"}
                  - {name: plain, http: "http://one.test/ok", proxy: "http://198.18.2.2:3128"}
                  - {name: forbidden, http: "https://two.test/", proxy: "http://198.18.2.2:3128"}
                  - {name: out of reach, http: "https://198.18.2.2:444/", proxy: "http://198.18.2.2:3128"}
                  - {name: missing, http: "http://one.test/status/404", proxy: "http://198.18.2.2:3128"}
                """,
            options: [], environment: trust,
            expected: Expected(
                verdict: "failing", exit: 1,
                must: ["egress-fqdn-filtered", "expectation-unmet", "http-status-unexpected"],
                statuses: [
                    "through": "passed", "plain": "passed", "forbidden": "failed", "out of reach": "failed",
                    "missing": "failed",
                ])),
        Scenario(
            name: "expectation-unmet: a proxy that takes the request and says nothing",
            changes: internet + proxyServer("--silent"),
            checks: """
                  - {name: page, http: "https://shop.test/ok", proxy: "http://198.18.2.2:3128"}
                """,
            expected: Expected(
                verdict: "failing", exit: 1, must: ["expectation-unmet"], headline: "expectation-unmet",
                says: ["no HTTP answer"])
        ),
    ]

    // MARK: Portals

    private static func portal(_ options: String...) -> [LabChange] {
        internetAddresses + [.certificates, .tls("good"), .server("s", .web, ["80"] + options)]
    }

    private static let portalTargets = ["one", "two", "shop"].flatMap { ["--internet", "http://\($0).test/"] }

    private static let portals: [Scenario] = [
        seen(
            "captive-answer: every page sends to one portal", portal("--portal", "http://portal.example/login"),
            portalTargets,
            expect: Expected(
                verdict: "degraded", exit: 0, must: ["captive-answer"], headline: "captive-answer",
                says: ["portal.example"])),
        seen(
            "captive-answer: one page stands for every host", portal("--page", "200"), portalTargets,
            expect: Expected(
                verdict: "degraded", exit: 0, must: ["captive-answer"], headline: "captive-answer")),
        seen(
            "captive-answer: network authentication required", portal("--page", "511"), portalTargets,
            expect: Expected(
                verdict: "degraded", exit: 0, must: ["captive-answer"], headline: "captive-answer")),
        seen(
            "captive-answer: names of unrelated operators all have one address",
            [
                .names("one.test A 198.18.2.2", "two.test A 198.18.2.2", "shop.test A 198.18.2.2"),
                .resolver("nameserver 198.18.2.2"), .http(),
            ], portalTargets,
            expect: Expected(
                verdict: "degraded", exit: 0, must: ["captive-answer"], headline: "captive-answer",
                says: ["198.18.2.2"])),
        seen(
            "not captive-answer: a filter forbids every page", portal("--page", "403"), portalTargets,
            expect: Expected(
                verdict: "healthy", exit: 0,
                must: ["http-status-unexpected", "http-status-unexpected", "http-status-unexpected"])),
        seen(
            "not captive-answer: hosts that all say ok", internetAddresses + [.certificates, .http(), .tls("good")],
            portalTargets, expect: .healthy),
        seen(
            "not captive-answer: each host sends to itself", portal("--portal", "/welcome"), portalTargets,
            expect: .healthy),
    ]

    // MARK: Metadata

    private static let metadataServer: [LabChange] = [.shell("s", "ip addr add 198.18.2.254/24 dev to-r")]

    private static let metadata: [Scenario] = [
        pod(
            "metadata-endpoint-exposed: a pod reaches the metadata service", podFiles + clusterAPI + metadataServer,
            expect: Expected(
                verdict: "failing", exit: 1, must: ["metadata-endpoint-exposed"], headline: "metadata-endpoint-exposed")
        ),
        pod(
            "healthy: a pod is kept from the metadata service",
            podFiles + clusterAPI + metadataServer + [
                .filter("r", at: "forward", rule: "ip daddr 198.18.2.254 counter drop")
            ],
            expect: .healthy),
        pod(
            "healthy: a pod on its node's network may reach the metadata service",
            podFiles + clusterAPI + metadataServer + [
                .etc("c", file: "hosts", "# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n")
            ], expect: .healthy),
        seen(
            "healthy: a machine reaches its own metadata service", internet + metadataServer, expect: .healthy),
        pod(
            "healthy: the metadata service accepts and does not answer, as with a hop limit",
            podFiles + [
                apiServerAlone, .server("s", .web, ["80", "--at", "close"]),
            ] + metadataServer, expect: .healthy),
    ]

    private static let apiServerAlone = LabChange.server(
        "s", .web, ["6443", "{lab}/byaddress.pem", "{lab}/byaddress.key", "--page", "200"])

    // MARK: Undeclared ports

    private static let speaking: [LabChange] = ["22", "2525", "6379"].map {
        .server("s", .web, [$0, "--at", "say:220 here I am\n"])
    }
    private static let egressTargets = ["22", "2525", "6379"].flatMap { ["--egress-target", "198.18.2.9:\($0)"] }

    private static let undeclared: [Scenario] = [
        seen(
            "unrestricted-egress: ports that nobody declared answer", internet + speaking,
            ["--no-internet", "--egress-ports"] + egressTargets + ["--egress-control", "198.18.2.14:9"],
            expect: Expected(
                verdict: "degraded", exit: 0, must: ["unrestricted-egress"], headline: "unrestricted-egress")),
        seen(
            "healthy: only declared ports get out",
            internet + speaking + [.filter("r", at: "forward", rule: "tcp dport { 22, 2525, 6379 } counter drop")],
            ["--no-internet", "--egress-ports"] + egressTargets + ["--egress-control", "198.18.2.14:9"],
            expect: .healthy),
        seen(
            "not unrestricted-egress: something accepts every connection, even to where nobody is",
            internet + speaking,
            ["--no-internet", "--egress-ports"] + egressTargets + ["--egress-control", "198.18.2.14:80"],
            expect: .healthy),
    ]
}
