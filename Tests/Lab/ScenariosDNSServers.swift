/// Name servers that differ: from each other, from one moment to the next, and from the truth.
extension Scenario {
    static let dnsServers: [Scenario] = [
        flapping, flappingPrivate, rotating, mirroredZones, disputedPublicName, hijackedDoubt, oldDenial,
        oldDenialHealed,
        privateAndPublic, privateAndPublicUnreachable, privateZoneOfOne, bothPublic, stale, staleByAuthority,
        deadEverywhere,
        captivePortal, hijack, wildcardOfOneZone, wildcardOfTheSearchDomain, honestServer,
        neverKept, neverKeptByAuthority, keptByUnbound,
    ]

    private static let one = "198.18.2.2"
    private static let other = "198.18.2.1"
    private static let both = "servers: [198.18.2.2, 198.18.2.1]"

    private static func two(_ first: [String], _ second: [String]) -> [LabChange] {
        [.server("s", .names, [one] + first), .server("r", .names, [other] + second)]
    }

    // MARK: One server, now this and now that

    private static let flapping = Scenario(
        name: "dns-forward-inconsistent-upstreams: one server in three knows the name",
        changes: [.names("shop.test A 198.18.2.2", "shop.test turns NNY"), .resolver("nameserver 198.18.2.2")],
        checks: """
              - {name: name, dns: shop.test, samples: 1}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-forward-inconsistent-upstreams"], statuses: ["name": "failed"],
            says: ["198.18.2.2:53", "says NXDOMAIN at another"]))

    private static let flappingPrivate = Scenario(
        name: "dns-forward-inconsistent-upstreams: the name is there at one time and missing at another",
        changes: [.names("shop.test A 198.18.2.2", "shop.test turns YN"), .resolver("nameserver 198.18.2.2"), .http()],
        checks: """
              - {name: name, dns: shop.test, type: A, samples: 6}
              - {name: port, tcp: "shop.test:80", samples: 6}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-forward-inconsistent-upstreams"], says: ["shop.test"]))

    private static let rotating = Scenario(
        name: "addresses that rotate are no disagreement",
        changes: two(
            ["shop.test A 198.18.2.2", "shop.test A 198.18.2.1", "shop.test rotate"],
            ["shop.test A 198.18.2.1", "shop.test A 198.18.2.2", "shop.test rotate"]) + [
                .web("s", port: 80), .web("r", port: 80),
            ],
        checks: """
              - {name: name, dns: shop.test, type: A, \(both), samples: 5, reach: 80}
            """,
        expected: .healthy)

    // MARK: Several servers, each of its own mind

    private static let mirroredZones = Scenario(
        name: "dns-forward-inconsistent-upstreams: each of two servers has its own zone",
        changes: two(["db.onprem.test A 198.18.2.2"], ["db.cloud.test A 198.18.2.1"]),
        checks: """
              - {name: onprem, dns: db.onprem.test, type: A, \(both)}
              - {name: cloud, dns: db.cloud.test, type: A, \(both)}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-forward-inconsistent-upstreams"],
            says: ["do not agree", "db.onprem.test", "db.cloud.test"],
            checksOf: ["dns-forward-inconsistent-upstreams": 2]))

    private static let disputedPublicName = Scenario(
        name: "dns-forward-inconsistent-upstreams: a public name exists for one of two servers, a warning",
        changes: two(["www.test A 203.0.113.9"], ["shop.test A 198.18.2.2"]),
        checks: """
              - {name: name, dns: www.test, type: A, \(both)}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["dns-forward-inconsistent-upstreams"], statuses: ["name": "warned"]))

    /// The one that has the name has every name.
    private static let hijackedDoubt = Scenario(
        name: "captive-answer: the server that has the name has all names, the other says NXDOMAIN",
        changes: two(["* A 203.0.113.9"], ["shop.test A 198.18.2.2"]),
        checks: """
              - {name: name, dns: nowhere.test, type: A, \(both)}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["captive-answer"], statuses: ["name": "warned"],
            says: ["198.18.2.2:53 has"]))

    private static let oldDenial = Scenario(
        name: "dns-name-not-found: the first server still has the denial of a new name in its cache",
        changes: two(["new.test denied 17"], ["new.test A 198.18.2.2"]),
        checks: """
              - {name: name, dns: new.test, type: A, \(both)}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-name-not-found"], says: ["from the cache", "17.0 s"]))

    private static let oldDenialHealed = Scenario(
        name: "dns-name-not-found: the second server still has the denial of a new name, a warning",
        changes: two(["new.test A 198.18.2.2"], ["new.test denied 17"]),
        checks: """
              - {name: name, dns: new.test, type: A, \(both)}
            """,
        expected: Expected(verdict: "degraded", exit: 0, must: ["dns-name-not-found"], says: ["from the cache"]))

    // MARK: Split horizon

    private static let privateAndPublic = Scenario(
        name: "split-horizon-mismatch: a private address here, a public one there",
        changes: two(["shop.test A 198.18.2.2"], ["shop.test A 203.0.113.9"]),
        checks: """
              - {name: name, dns: shop.test, type: A, \(both)}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["split-horizon-mismatch"], statuses: ["name": "warned"],
            says: ["private addresses for 198.18.2.2:53", "public ones for 198.18.2.1:53"]))

    private static let privateAndPublicUnreachable = Scenario(
        name: "split-horizon-mismatch: the public address of the first answer leads nowhere, an error",
        changes: two(["shop.test A 203.0.113.9"], ["shop.test A 198.18.2.2"]) + [
            .http(), .addRoute("r", "blackhole 203.0.113.9/32"), .resolver("nameserver \(one)", "nameserver \(other)"),
        ],
        command: ["check", "shop.test:80", "--timeout", "1500ms"],
        expected: Expected(
            verdict: "failing", exit: 1, must: ["split-horizon-mismatch"],
            says: ["198.18.2.2:80 accepts connections", "203.0.113.9"]))

    private static let privateZoneOfOne = Scenario(
        name: "split-horizon-mismatch: only the second server sees the private zone",
        changes: two(["www.test A 203.0.113.9"], ["db.private.test A 198.18.2.2"]) + [
            .http(), .resolver("nameserver \(one)", "nameserver \(other)"),
        ],
        checks: """
              - {name: name, dns: db.private.test, type: A}
              - {name: port, tcp: "db.private.test:80"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["split-horizon-mismatch"],
            statuses: ["name": "failed", "port": "failed"],
            says: ["exists only for 198.18.2.1:53"]))

    private static let bothPublic = Scenario(
        name: "different public addresses are a content network",
        changes: two(["www.test A 203.0.113.9"], ["www.test A 203.0.113.77"]),
        checks: """
              - {name: name, dns: www.test, type: A, \(both), samples: 3}
            """,
        expected: .healthy)

    // MARK: Stale

    private static let dead66: LabChange = .addRoute("r", "blackhole 198.18.2.66/32")

    private static let stale = Scenario(
        name: "dns-stale-record: the first server still gives an address that is no more",
        changes: two(["shop.test A 198.18.2.66"], ["shop.test A 198.18.2.2"]) + [
            .http(), dead66, .resolver("nameserver \(one)", "nameserver \(other)"),
        ],
        command: ["check", "shop.test:80", "--timeout", "1500ms"],
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-stale-record"],
            says: ["198.18.2.2:53 still gives 198.18.2.66", "198.18.2.1:53 does not"]))

    private static let staleByAuthority = Scenario(
        name: "dns-stale-record: an old address beside the new one, which the zone's authority has not got",
        changes: two(
            ["shop.test A 198.18.2.66", "shop.test A 198.18.2.2", "shop.test ttl 240"],
            ["shop.test A 198.18.2.2", "shop.test ttl 60", "--authoritative"]) + [
                .http(), dead66, .resolver("nameserver \(one)"),
            ],
        checks: """
              - {name: name, dns: shop.test, type: A, \(both), reach: 80}
              - {name: port, tcp: "shop.test:80"}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["dns-stale-record"], statuses: ["name": "failed", "port": "failed"],
            says: ["an authority for the zone", "its TTL is 240 s, and the authority gives 60 s"]))

    private static let deadEverywhere = Scenario(
        name: "address-dead: both servers give the dead address, which is no old record",
        changes: two(
            ["shop.test A 198.18.2.66", "shop.test A 198.18.2.2"],
            ["shop.test A 198.18.2.2", "shop.test A 198.18.2.66"]) + [
                .http(), dead66, .resolver("nameserver \(one)", "nameserver \(other)"),
            ],
        command: ["check", "shop.test:80", "--timeout", "1500ms"],
        expected: Expected(verdict: "failing", exit: 1, must: ["address-dead"]))

    // MARK: Answers for everything

    private static let captivePortal = Scenario(
        name: "captive-answer: every name has the portal's address",
        changes: [.names("* A 198.18.2.9"), .resolver("nameserver 198.18.2.2")],
        command: ["dns", "shop.test", "--type", "A", "--random-names"],
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["captive-answer"],
            says: ["has 198.18.2.9 for every name.", "captive portal"]))

    private static let hijack = Scenario(
        name: "captive-answer: names that do not exist have an address all the same",
        changes: [.names("* A 198.18.2.9", "shop.test A 198.18.2.2"), .resolver("nameserver 198.18.2.2")],
        command: ["dns", "shop.test", "--type", "A", "--random-names"],
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["captive-answer"],
            says: ["for every name that does not exist", "NXDOMAIN"]))

    private static let wildcardOfOneZone = Scenario(
        name: "a wildcard in one zone is no captive answer",
        changes: [.names("*.com A 198.18.2.9", "shop.com A 198.18.2.2"), .resolver("nameserver 198.18.2.2")],
        command: ["dns", "shop.com", "--type", "A", "--random-names"],
        expected: .healthy)

    private static let wildcardOfTheSearchDomain = Scenario(
        name: "a wildcard in the search domain is no captive answer",
        changes: [.names("*.lab A 198.18.2.9"), .resolver("nameserver 198.18.2.2", "search lab", "options ndots:2")],
        command: ["dns", "shop", "--type", "A", "--random-names"],
        expected: .healthy)

    private static let honestServer = Scenario(
        name: "names made at random that do not exist are healthy",
        changes: [
            .names("shop.test A 198.18.2.2", "2.2.18.198.in-addr.arpa PTR shop.test"),
            .resolver("nameserver 198.18.2.2"),
        ],
        command: ["dns", "shop.test", "--random-names", "--reverse"],
        expected: .healthy)

    // MARK: Caches

    private static let repeatedQuestion = """
          - {name: name, dns: shop.test, type: A, servers: [198.18.2.2], samples: 10, interval: 300ms}
        """

    private static let neverKept = Scenario(
        name: "caching-ineffective: the TTL never falls, a note",
        changes: [.names("shop.test A 198.18.2.2")], checks: repeatedQuestion,
        expected: Expected(
            verdict: "healthy", exit: 0, must: ["caching-ineffective"], statuses: ["name": "passed"],
            says: ["full TTL of 30 s"]))

    private static let neverKeptByAuthority = Scenario(
        name: "an authority always gives the full TTL",
        changes: [.names("shop.test A 198.18.2.2", options: ["--authoritative"])], checks: repeatedQuestion,
        expected: .healthy)

    private static let keptByUnbound = Scenario(
        name: "unbound keeps answers, and their TTL falls",
        changes: [
            .server("r", .names, ["198.18.2.1", "shop.test A 198.18.2.2"]),
            .unbound("forward-zone:\n  name: \".\"\n  forward-addr: 198.18.2.1"),
        ],
        checks: repeatedQuestion, expected: .healthy)
}
