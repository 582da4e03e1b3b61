/// Filters that go by names, what looks like them, and what names lead to.
extension Scenario {
    static let nameFilters: [Scenario] =
        [
            filteredByServerName, filteredAlone, filteredByClose, filteredByHost, azureFirewall, passingFilter,
            allowList, takingTurns(2), takingTurns(3), ownRefusal, silentFilter, via, quickConnect, slowPath,
        ] + declaredRanges

    private static let shop = LabChange.hosts("198.18.2.2 a.shop.test b.shop.test")
    private static let secure = LabChange.server("s", .web, ["443", "{lab}/wildcard.pem", "{lab}/wildcard.key"])
    private static let world: [LabChange] = [.certificates, shop, secure, .http()]

    private static func failing(_ finding: String, says: [String] = []) -> Expected {
        Expected(verdict: "failing", exit: 1, must: [finding], headline: finding, says: says)
    }

    private static let filteredByServerName = Scenario(
        name: "egress-fqdn-filtered: one server name is reset, another passes",
        changes: world + LabChange.nameFilter("--deny", "a.shop.test"),
        checks: """
              - {name: denied, tls: "a.shop.test:443", ca: "{lab}/ca.pem"}
              - {name: denied page, http: "https://a.shop.test/ok", ca: "{lab}/ca.pem"}
              - {name: allowed, tls: "b.shop.test:443", ca: "{lab}/ca.pem"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["egress-fqdn-filtered"],
            statuses: ["denied": "failed", "denied page": "failed", "allowed": "passed"],
            headline: "egress-fqdn-filtered", says: ["a.shop.test", "under another name"],
            checksOf: ["egress-fqdn-filtered": 2]))

    private static let filteredAlone = Scenario(
        name: "check: egress-fqdn-filtered by the contrast alone",
        changes: world + LabChange.nameFilter("--deny", "a.shop.test"),
        command: ["check", "https://a.shop.test/ok", "--timeout", "1500ms"],
        environment: ["SSL_CERT_FILE={lab}/ca.pem"], expected: failing("egress-fqdn-filtered"))

    private static let filteredByClose = Scenario(
        name: "egress-fqdn-filtered: closed in good order, which a balancer without backend does as well",
        changes: world + LabChange.nameFilter("--deny", "a.shop.test", "--how", "close"),
        checks: """
              - {name: denied, tls: "a.shop.test:443", ca: "{lab}/ca.pem"}
            """,
        expected: failing("egress-fqdn-filtered", says: ["or the server has no such name"]))

    private static let filteredByHost = Scenario(
        name: "egress-fqdn-filtered: a plain request is reset by its Host",
        changes: world + LabChange.nameFilter("--deny", "a.shop.test"),
        checks: """
              - {name: denied, http: "http://a.shop.test/ok"}
              - {name: allowed, http: "http://b.shop.test/ok"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["egress-fqdn-filtered"],
            statuses: ["denied": "failed", "allowed": "passed"], headline: "egress-fqdn-filtered"))

    private static let azureFirewall = Scenario(
        name: "egress-fqdn-filtered: status 470 and its page",
        changes: world + LabChange.nameFilter("--deny", "a.shop.test", "--how", "470"),
        checks: """
              - {name: denied, http: "http://a.shop.test/ok"}
            """,
        expected: failing("egress-fqdn-filtered", says: ["Azure Firewall"]))

    private static let passingFilter = Scenario(
        name: "silence: a filter that lets the name pass",
        changes: world + LabChange.nameFilter("--deny", "c.shop.test"),
        checks: """
              - {name: tls, tls: "a.shop.test:443", ca: "{lab}/ca.pem"}
              - {name: page, http: "http://a.shop.test/ok"}
              - {name: secure page, http: "https://b.shop.test/ok", ca: "{lab}/ca.pem"}
            """,
        expected: .healthy)

    /// No name that we could try passes either: from here it is a server that resets everybody.
    private static let allowList = Scenario(
        name: "tcp-reset-after-connect: a filter that lets only other names pass cannot be told from the server",
        changes: world + LabChange.nameFilter("--allow", "z.shop.test"),
        checks: """
              - {name: denied, tls: "a.shop.test:443", ca: "{lab}/ca.pem"}
            """,
        expected: failing("tcp-reset-after-connect", says: ["Either the server itself"]))

    /// Servers behind one address, of which one resets: the name has no part in it.
    private static func takingTurns(_ period: Int) -> Scenario {
        Scenario(
            name: "tcp-reset-after-connect: one connection in \(period) is reset, whatever the name",
            changes: [
                .certificates, shop,
                // So that the first handshake of the check is the one that is reset.
                .server(
                    "s", .web,
                    [
                        "443", "{lab}/wildcard.pem", "{lab}/wildcard.key", "--at", "reset-on-bytes", "--every",
                        "\(period)",
                    ]),
                .shell(
                    "c",
                    "python3 -c \"import socket; [socket.create_connection(('198.18.2.2', 443)).close() for _ in range(\(period - 1))]\""
                ),
            ],
            checks: """
                  - {name: tls, tls: "a.shop.test:443", ca: "{lab}/ca.pem", samples: 1}
                """,
            expected: failing("tcp-reset-after-connect"))
    }

    private static let ownRefusal = Scenario(
        name: "http-status-unexpected: a 403 of the application is no block page",
        changes: world,
        checks: """
              - {name: page, http: "http://a.shop.test/status/403"}
            """,
        expected: failing("http-status-unexpected"))

    private static let silentFilter = Scenario(
        name: "expectation-unmet: a filter that says nothing looks like a server that thinks",
        changes: world + LabChange.nameFilter("--deny", "a.shop.test", "--how", "silent"),
        checks: """
              - {name: tls, tls: "a.shop.test:443", ca: "{lab}/ca.pem"}
            """,
        expected: failing("expectation-unmet"))

    // MARK: Proxies

    private static let via = Scenario(
        name: "proxy-in-path: the answer says so",
        changes: [
            .server("s", .web, ["80", "--header", "Via: 1.1 edge.test"]),
            .server("s", .web, ["81", "--header", "Server: envoy"]), .http(port: 82),
        ],
        checks: """
              - {name: via, http: "http://198.18.2.2/ok"}
              - {name: envoy, http: "http://198.18.2.2:81/ok"}
              - {name: plain, http: "http://198.18.2.2:82/ok"}
            """,
        expected: Expected(
            verdict: "healthy", exit: 0, must: ["proxy-in-path", "proxy-in-path"],
            statuses: ["via": "passed", "envoy": "passed"], says: ["A proxy answers"]))

    private static let quickConnect = Scenario(
        name: "proxy-in-path: TCP is answered long before an echo could be",
        changes: [.impair("r", "s", Impairment(delay: 20)), .http(port: 443)] + LabChange.nameFilter(),
        checks: """
              - {name: port, tcp: "198.18.2.2:443"}
              - {name: echo, icmp: 198.18.2.2, samples: 5, interval: 500ms}
            """,
        isTimed: true,
        expected: Expected(verdict: "healthy", exit: 0, must: ["proxy-in-path"]))

    private static let slowPath = Scenario(
        name: "silence: a long way to a server of its own",
        changes: [.impair("r", "s", Impairment(delay: 20)), .http(port: 443)],
        checks: """
              - {name: port, tcp: "198.18.2.2:443"}
              - {name: echo, icmp: 198.18.2.2, samples: 5, interval: 500ms}
            """,
        isTimed: true, expected: .healthy)
}
