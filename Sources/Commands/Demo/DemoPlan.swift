import FaultServers
import NetValues
import Planning

/// The checks that the demo's imaginary team has for its network.
struct DemoPlan {
    private let parts: DemoParts

    init(_ parts: DemoParts) {
        self.parts = parts
    }

    /// In the words of whoever planted them.
    static let faults = [
        "a name server that takes questions and never answers",
        "a name server that cannot get an answer for partner.demo.test from its own upstream",
        "a name that nobody created: tpyo.demo.test",
        "a database port on which nothing listens",
        "an admin port that a policy should block and does not",
        "a certificate that expired three days ago (orders.demo.test)",
        "a certificate for another name (pay.demo.test)",
        "a stock service without a backend: status 503",
        "a login that redirects in a circle",
        "a report service that takes 0.6 s to answer, with a limit of 0.3 s",
    ]

    var checks: [Check] {
        [
            https("storefront", "shop", parts.shop),
            dns("cluster dns", "shop"),
            dns("old resolver", "shop", server: parts.deafNameServer.endpoint),
            dns("partner api", "partner"),
            dns("mistyped name", "tpyo"),
            tcp("orders to database", "db", parts.closed.endpoint),
            tcp("admin is isolated", "admin", parts.admin, expect: .blocked),
            https("orders", "orders", parts.expired),
            https("payment", "pay", parts.misnamed),
            http("stock", "stock", "/stock"),
            http("login", "login", "/login"),
            slow(http("reports", "reports", "/report")),
        ].compactMap(\.self)
    }

    private func https(_ name: String, _ host: String, _ endpoint: Endpoint) -> Check? {
        var check = url(name, "https://\(host).demo.test:\(endpoint.port)/health")
        check?.parameters.values["ca"] = .text(parts.authority.path)
        return check
    }

    private func http(_ name: String, _ host: String, _ path: String) -> Check? {
        url(name, "http://\(host).demo.test:\(parts.web.port)\(path)")
    }

    private func url(_ name: String, _ text: String) -> Check? {
        HTTPURL(text).map { check(name, "http", .url($0)) }
    }

    private func slow(_ check: Check?) -> Check? {
        var check = check
        check?.samples = 3
        check?.expectation = Expectation(isDeclared: true, latency: [LatencyLimit(.p95, .milliseconds(300))])
        return check
    }

    private func tcp(_ name: String, _ host: String, _ endpoint: Endpoint, expect: Expectation.Word = .reachable)
        -> Check?
    {
        var check = HostPort("\(host).demo.test:\(endpoint.port)").map { self.check(name, "tcp", .hostPort($0)) }
        check?.expectation = Expectation(word: expect, isDeclared: expect != .reachable)
        return check
    }

    private func dns(_ name: String, _ host: String, server: Endpoint? = nil) -> Check? {
        var check = DomainName("\(host).demo.test").map { self.check(name, "dns", .name($0)) }
        if let server { check?.parameters.values["servers"] = .list([server.description]) }
        return check
    }

    private func check(_ name: String, _ kind: String, _ target: Target) -> Check {
        // Loopback answers at once: what takes longer than this here never will.
        Check(name: name, kind: kind, target: target, timeout: .milliseconds(1500))
    }
}
