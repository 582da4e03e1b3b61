/// Real name servers: BIND, unbound, dnsmasq.
extension Scenario {
    static let dnsDaemons: [Scenario] = [
        bindHealthy, bindViews, bindWithoutRecursion, unboundStale, unboundFresh, dnsmasqWithoutCache, dnsmasqWithCache,
    ]

    private static let shopZone = LabChange.zone(
        "shop", "@ A 198.18.2.2", "www A 198.18.2.2", "www AAAA fd00:18:2::2", "_http._tcp SRV 0 5 80 www")

    private static let bindHealthy = Scenario(
        name: "BIND: an authority with a zone, its SRV records and its full TTLs are healthy",
        changes: [
            shopZone, .named("zone \"shop.test\" { type primary; file \"shop.zone\"; };"),
            .resolver("nameserver 198.18.2.2"), .http(),
        ],
        checks: """
              - {name: series, dns: www.shop.test, samples: 10, interval: 300ms}
              - {name: service, dns: _http._tcp.shop.test, type: SRV}
              - {name: page, http: "http://www.shop.test/ok"}
              - {name: missing, dns: nowhere.shop.test, expect: {rcode: NXDOMAIN}}
            """,
        expected: .healthy)

    private static let bindViews = Scenario(
        name: "split-horizon-mismatch: BIND has two views of one zone",
        changes: [
            shopZone, .zone("outside", "www A 203.0.113.9"), .shell("s", "ip address add 198.18.2.3/24 dev to-r"),
            .named(
                """
                view inside { match-destinations { 198.18.2.2; }; zone "shop.test" { type primary; file "shop.zone"; }; };
                view outside { match-clients { any; }; zone "shop.test" { type primary; file "outside.zone"; }; };
                """, listeningOn: "198.18.2.2; 198.18.2.3;"),
        ],
        checks: """
              - {name: name, dns: www.shop.test, type: A, servers: [198.18.2.2, 198.18.2.3]}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["split-horizon-mismatch"], says: ["public ones for 198.18.2.3:53"]))

    private static let bindWithoutRecursion = Scenario(
        name: "dns-refused-by-policy: BIND is an authority and no resolver",
        changes: [shopZone, .named("zone \"shop.test\" { type primary; file \"shop.zone\"; };")],
        checks: """
              - {name: own, dns: www.shop.test, type: A, servers: [198.18.2.2]}
              - {name: foreign, dns: elsewhere.example, type: A, servers: [198.18.2.2]}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-refused-by-policy"],
            statuses: ["own": "passed", "foreign": "failed"],
            says: ["authoritative only"]))

    // MARK: Caches

    /// One question for shop.test A, so that the resolver has the answer in its cache.
    private static let fillCache = LabChange.shell(
        "c",
        #"""
        python3 -c "import socket, struct
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(5)
        s.sendto(struct.pack('!6H', 1, 256, 1, 0, 0, 0) + b'\x04shop\x04test\x00' + struct.pack('!2H', 1, 1), ('198.18.2.2', 53))
        s.recv(512)"
        """#)

    private static let forwarding = LabChange.unbound("forward-zone:\n  name: \".\"\n  forward-addr: 198.18.2.1")

    private static let unboundStale = Scenario(
        name: "dns-stale-record: unbound keeps the old address after the record was changed",
        changes: [
            .server("r", .names, ["198.18.2.1", "shop.test A 198.18.2.66", "shop.test ttl 300"]), forwarding, fillCache,
            .shell("r", "kill \"$(cat {lab}/r-*.pid)\"; while ss -Hlun | grep -q ':53 '; do sleep 0.02; done"),
            .server("r", .names, ["198.18.2.1", "shop.test A 198.18.2.2", "shop.test ttl 60", "--authoritative"]),
            .http(),
            .addRoute("r", "blackhole 198.18.2.66/32"), .resolver("nameserver 198.18.2.2"),
        ],
        checks: """
              - {name: name, dns: shop.test, type: A, servers: [198.18.2.2, 198.18.2.1], reach: 80}
              - {name: port, tcp: "shop.test:80"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-stale-record"], statuses: ["name": "failed", "port": "failed"],
            says: ["198.18.2.2:53 still gives 198.18.2.66", "an authority for the zone", "the authority gives 60 s"]))

    private static let unboundFresh = Scenario(
        name: "unbound and the authority behind it agree, with different TTLs",
        changes: [
            .server("r", .names, ["198.18.2.1", "shop.test A 198.18.2.2", "--authoritative"]), forwarding, fillCache,
            .http(),
            .resolver("nameserver 198.18.2.2"),
        ],
        checks: """
              - {name: name, dns: shop.test, type: A, servers: [198.18.2.2, 198.18.2.1], reach: 80, samples: 3}
              - {name: port, tcp: "shop.test:80"}
            """,
        expected: .healthy)

    private static func dnsmasq(cache: Int) -> LabChange {
        .daemon(
            "s", .dnsmasq,
            "no-resolv\nno-hosts\nno-daemon\nbind-interfaces\nlisten-address=198.18.2.2\nuser=root\ngroup=root\npid-file=\ncache-size=\(cache)\nserver=198.18.2.1"
        )
    }

    private static let repeatedQuestion = """
          - {name: name, dns: shop.test, type: A, servers: [198.18.2.2], samples: 10, interval: 300ms}
        """

    private static let dnsmasqWithoutCache = Scenario(
        name: "caching-ineffective: dnsmasq without a cache, a note",
        changes: [.server("r", .names, ["198.18.2.1", "shop.test A 198.18.2.2"]), dnsmasq(cache: 0)],
        checks: repeatedQuestion,
        expected: Expected(verdict: "healthy", exit: 0, must: ["caching-ineffective"], statuses: ["name": "passed"]))

    private static let dnsmasqWithCache = Scenario(
        name: "dnsmasq with its cache: the TTL falls",
        changes: [.server("r", .names, ["198.18.2.1", "shop.test A 198.18.2.2"]), dnsmasq(cache: 150)],
        checks: repeatedQuestion, expected: .healthy)
}
