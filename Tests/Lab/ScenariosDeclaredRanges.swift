/// Where addresses must lie: declared ranges, private services, and names that say so themselves.
extension Scenario {
    static let declaredRanges: [Scenario] = [
        withinRanges, outsideRanges, forbiddenRegion, notPrivate, privateLink, internalName, meantSo,
    ]

    private static let names = LabChange.names(
        "shop.test A 198.18.2.2", "data.test CNAME data.privatelink.store.test",
        "data.privatelink.store.test CNAME public.store.test", "public.store.test A 52.239.140.1",
        "linked.test CNAME linked.privatelink.store.test", "linked.privatelink.store.test A 198.18.2.2",
        "db.prod.svc.cluster.local A 52.239.140.2", "outer.prod.svc.cluster.local CNAME public.store.test",
        "app.corp.internal A 52.239.140.3", "web.corp.internal A 198.18.2.2")
    private static let world: [LabChange] = [names, .resolver("nameserver 198.18.2.2"), .http()]

    private static let withinRanges = Scenario(
        name: "within: addresses lie where they should",
        changes: world,
        checks: """
              - {name: by name, tcp: "shop.test:80", expect: {within: [198.18.2.0/24, "fd00:18::/32"]}}
              - {name: by address, http: "http://198.18.2.2/ok", expect: {within: 198.18.0.0/15}}
              - {name: private, dns: shop.test, expect: {within: private}}
            """,
        expected: .healthy)

    private static let outsideRanges = Scenario(
        name: "region-policy-violation: an address lies elsewhere",
        changes: world,
        checks: """
              - {name: port, tcp: "shop.test:80", expect: {within: 198.18.3.0/24}}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["region-policy-violation"], statuses: ["port": "warned"],
            headline: "region-policy-violation", says: ["198.18.2.2", "198.18.3.0/24"]))

    private static let forbiddenRegion = Scenario(
        name: "region-policy-violation: forbidden, and so an error",
        changes: world,
        checks: """
              - {name: port, tcp: "shop.test:80", severity: error, expect: {within: 198.18.3.0/24}}
              - {name: name, dns: shop.test, severity: error, expect: {within: 198.18.3.0/24}}
            """,
        expected: Expected(
            verdict: "failing", exit: 1, must: ["region-policy-violation", "region-policy-violation"],
            statuses: ["port": "failed", "name": "failed"]))

    private static let notPrivate = Scenario(
        name: "private-traffic-via-internet: declared private, and public",
        changes: world,
        checks: """
              - {name: name, dns: public.store.test, type: A, expect: {within: private}}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["private-traffic-via-internet"], statuses: ["name": "warned"],
            says: ["52.239.140.1"]))

    private static let privateLink = Scenario(
        name: "private-traffic-via-internet: a private endpoint whose zone is not known here",
        changes: world,
        checks: """
              - {name: name, dns: data.test, type: A}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0, must: ["private-traffic-via-internet"], statuses: ["name": "warned"],
            says: ["52.239.140.1"]))

    private static let internalName = Scenario(
        name: "private-traffic-via-internet: names of private use with public addresses",
        changes: world,
        checks: """
              - {name: service, dns: db.prod.svc.cluster.local, type: A}
              - {name: internal, dns: app.corp.internal, type: A}
            """,
        expected: Expected(
            verdict: "degraded", exit: 0,
            must: ["private-traffic-via-internet", "private-traffic-via-internet"]))

    /// Public by design, an alias that leads out of a cluster, and private endpoints that are known here.
    private static let meantSo = Scenario(
        name: "silence: names that are public or private as they should be",
        changes: world,
        checks: """
              - {name: public, dns: public.store.test, type: A}
              - {name: external name, dns: outer.prod.svc.cluster.local, type: A}
              - {name: private endpoint, dns: linked.test, type: A}
              - {name: internal, tcp: "web.corp.internal:80"}
              - {name: declared, dns: app.corp.internal, type: A, expect: {within: 52.239.140.0/24}}
            """,
        expected: .healthy)
}
