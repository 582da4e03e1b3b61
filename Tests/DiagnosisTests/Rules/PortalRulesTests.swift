import Diagnosis
import NetValues
import Observations
import Planning
import Testing

// On the main thread: long computations on the pool's two threads would hold up tests that measure time.
@MainActor @Suite struct PortalRulesTests {
    private func page(
        _ host: String, _ status: Int, location: String? = nil, body: String = "", type: String = "text/html",
        address: UInt32 = 0xc612_0301, labels: [String: String]? = nil, asked: Bool = false
    ) -> CheckRecord {
        let url = HTTPURL(scheme: .http, host: Host(host) ?? .name(.root))
        let endpoint = Endpoint(.v4(IPv4Address(bits: address)), 80)
        var headers: [(name: String, value: String)] = [("Content-Type", type)]
        if let location { headers.append(("Location", location)) }
        let response = HTTPResponse(
            version: "HTTP/1.1", status: status, reason: "", headers: headers, bodyBytes: body.utf8.count,
            isBodyCut: false, bodyStart: Array(body.utf8))
        let facts: [Fact] = [
            .connect(
                ConnectFact(
                    endpoint: endpoint, source: ownAddress, elapsed: .milliseconds(1), outcome: .connected, tcp: nil)),
            .http(
                HTTPFact(
                    url: url, endpoint: endpoint, method: "GET", outcome: .responded(response), firstByte: nil,
                    elapsed: .milliseconds(2))),
        ]
        var check = Check(name: host, kind: "http", target: .url(url), isAsked: asked)
        check.labels =
            labels ?? [Check.outboundLabel: OutboundClass.internet.rawValue, Check.operatorLabel: host]
        let met = Comparison(
            key: "status", expected: "2xx or 3xx", seen: "\(status)", isMet: status < 400, isDeclared: false)
        check.severity = .info
        return CheckRecord(
            check: check, samples: [sample(.answered, latency: .milliseconds(2), facts, comparisons: [met])],
            ending: .measured, startedAt: .zero)
    }

    @Test func everyHostSendsToOnePlace_thatIsAPortal() {
        let judgement = judge(
            ["one.test", "two.test", "three.example"].map {
                page($0, 302, location: "http://login.portal.example/?u=x")
            })
        #expect(judgement.ids == ["captive-answer"])
        #expect(judgement.findings[0].summary.contains("login.portal.example"))
        #expect(judgement.findings[0].confidence == .likely)
    }

    @Test func onePageForAll_isAPortal_andReplacesWhatTheyAreNot() {
        let judgement = judge(["one.test", "two.test", "three.example"].map { page($0, 200, body: "<p>Welcome") })
        #expect(judgement.ids == ["captive-answer"])
    }

    private func named(_ hosts: [String], at addresses: [String]) -> Judgement {
        judge(
            zip(hosts, addresses).map { host, address in
                let plain = page(host, 404, body: "no")
                let fact = ResolutionFact(
                    host: plain.check.target.host ?? .name(.root), source: .dns, tried: [],
                    outcome: .addresses(IPAddress(address).map { [$0] } ?? []), elapsed: .zero)
                return CheckRecord(
                    check: plain.check,
                    samples: plain.samples.map { sample($0.outcome, [.resolution(fact)] + $0.facts) },
                    ending: .measured, startedAt: .zero)
            })
    }

    @Test func namesOfUnrelatedOperatorsAtOneAddress_areAPortals() throws {
        let hosts = ["one.test", "two.test", "three.example"]
        let one = named(hosts, at: ["198.18.3.1", "198.18.3.1", "198.18.3.1"])
        #expect(one.ids.first == "captive-answer" && one.verdict == .degraded)
        #expect(!named(hosts, at: ["198.18.3.1", "198.18.3.1", "198.18.3.2"]).ids.contains("captive-answer"))
        #expect(!named(Array(hosts.prefix(2)), at: ["198.18.3.1", "198.18.3.1"]).ids.contains("captive-answer"))
    }

    @Test func networkAuthenticationRequired_isCertain() {
        let judgement = judge(page("one.test", 511), page("two.test", 204))
        #expect(judgement.ids.first == "captive-answer")
        #expect(judgement.findings[0].confidence == .certain)
    }

    @Test(
        arguments: [
            // To itself, each.
            ([302, 302, 302], ["https://one.test/", "https://two.test/", "https://www.three.example/"], "text/html"),
            // One of them answers for itself.
            ([302, 302, 204], ["http://portal.example/", "http://portal.example/", nil], "text/html"),
            // A program's short answer.
            ([200, 200, 200], [nil, nil, nil], "text/plain"),
            // Forbidden: a filter.
            ([403, 403, 403], [nil, nil, nil], "text/html"),
        ] as [([Int], [String?], String)])
    func whatIsNoPortal(_ statuses: [Int], _ locations: [String?], _ type: String) {
        let hosts = ["one.test", "two.test", "three.example"]
        let judgement = judge(
            hosts.indices.map { page(hosts[$0], statuses[$0], location: locations[$0], body: "ok", type: type) })
        #expect(!judgement.ids.contains("captive-answer"))
    }

    @Test func ownHostsMayShareALogin() {
        let judgement = judge(
            ["a.corp.test", "b.shop.test", "c.news.test"].map {
                page($0, 302, location: "https://login.sso.example/", labels: [:])
            })
        #expect(judgement.verdict == .healthy && judgement.findings.isEmpty)
    }

    // MARK: metadata-endpoint-exposed

    private func metadata(_ place: VantageSurroundings?, asked: Bool = false, beside others: [CheckRecord] = [])
        -> Judgement
    {
        let check = page(
            "169.254.169.254", 404, address: 0xa9fe_a9fe,
            labels: [Check.outboundLabel: OutboundClass.metadata.rawValue], asked: asked)
        var record = check
        record = CheckRecord(
            check: with(check.check) { $0.expectation = Expectation(word: .any) }, samples: check.samples,
            ending: .measured,
            startedAt: .zero)
        return Judge(resolver: ResolverConfiguration(servers: [resolverA]), now: noon).judge(
            [record] + others, vantage: VantageObservation(surroundings: place))
    }

    private func with(_ check: Check, _ change: (inout Check) -> Void) -> Check {
        var check = check
        change(&check)
        return check
    }

    private func place(_ place: ClusterSigns.Place, hostNetwork: Bool? = nil) -> VantageSurroundings {
        var surroundings = VantageSurroundings()
        surroundings.cluster.place = place
        surroundings.cluster.usesHostNetwork = hostNetwork
        return surroundings
    }

    @Test func metadataThatAnswersAPod_isCritical() {
        let judgement = metadata(place(.pod, hostNetwork: false))
        #expect(judgement.ids == ["metadata-endpoint-exposed"])
        #expect(judgement.findings[0].severity == .critical && judgement.findings[0].confidence == .certain)
        #expect(metadata(place(.pod)).findings[0].confidence == .likely)
        #expect(metadata(nil).findings[0].severity == .critical)
    }

    @Test func machinesAndNodes_mayAskIt() {
        for allowed in [place(.outside), place(.node), place(.pod, hostNetwork: true)] {
            #expect(metadata(allowed).findings.isEmpty)
            #expect(metadata(allowed, asked: true).findings.map(\.severity) == [.info])
        }
    }

    @Test func aPortalThatAnswersThereToo_isNoMetadataService() {
        let everywhere = page("one.test", 404)
        var answered = everywhere
        answered = CheckRecord(
            check: everywhere.check,
            samples: everywhere.samples.map { portal(in: $0) }, ending: .measured, startedAt: .zero)
        let own = page(
            "169.254.169.254", 404, address: 0xa9fe_a9fe, labels: [Check.outboundLabel: OutboundClass.metadata.rawValue]
        )
        let record = CheckRecord(
            check: with(own.check) { $0.expectation = Expectation(word: .any) },
            samples: own.samples.map { portal(in: $0) },
            ending: .measured, startedAt: .zero)
        let judgement = Judge(resolver: ResolverConfiguration(servers: [resolverA]), now: noon).judge(
            [record, answered], vantage: VantageObservation(surroundings: place(.pod, hostNetwork: false)))
        #expect(!judgement.ids.contains("metadata-endpoint-exposed"))
    }

    /// The same answer, signed by the same server.
    private func portal(in sample: Sample) -> Sample {
        let facts = sample.facts.map { fact -> Fact in
            guard case .http(let http) = fact, let response = http.response else { return fact }
            let signed = HTTPResponse(
                version: response.version, status: response.status, reason: "", headers: [("Server", "gate/1")],
                bodyBytes: 0, isBodyCut: false, bodyStart: [])
            return .http(
                HTTPFact(
                    url: http.url, endpoint: http.endpoint, method: http.method, outcome: .responded(signed),
                    firstByte: nil, elapsed: http.elapsed))
        }
        return Sample(index: 0, startedAt: .zero, outcome: .answered, latency: sample.latency, facts: facts)
    }

    // MARK: unrestricted-egress

    private func undeclared(_ port: UInt16, _ class: OutboundClass = .undeclared, says: Bool = true) -> CheckRecord {
        let endpoint = Endpoint(target.address, port)
        let banner = Fact.banner(
            BannerFact(endpoint: endpoint, bytes: Array("220 hello".utf8), end: .satisfied, elapsed: .milliseconds(1)))
        let made = tcp("port \(port)", to: endpoint, says ? .connected : .timedOut, also: says ? [banner] : [])
        return CheckRecord(
            check: with(made.check) {
                $0.labels = [Check.outboundLabel: `class`.rawValue]
                $0.expectation = Expectation(word: .any)
            }, samples: made.samples, ending: .measured, startedAt: .zero)
    }

    @Test func undeclaredPortsThatAnswer_areAWarning() {
        let judgement = judge(undeclared(22), undeclared(2525), undeclared(6379), undeclared(9, .nowhere, says: false))
        #expect(judgement.ids == ["unrestricted-egress"])
        #expect(judgement.findings[0].confidence == .likely)
    }

    @Test func whatAcceptsEverything_saysNothing() {
        let judgement = judge(undeclared(22), undeclared(2525), undeclared(6379), undeclared(9, .nowhere))
        #expect(judgement.findings.isEmpty)
        #expect(judge(undeclared(22), undeclared(2525), undeclared(6379, says: false)).findings.isEmpty)
    }
}
