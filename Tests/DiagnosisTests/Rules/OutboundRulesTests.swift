import Diagnosis
import NetValues
import Observations
import Planning
import Testing

// On the main thread: long computations on the pool's two threads would hold up tests that measure time.
@MainActor @Suite struct OutboundRulesTests {
    private let silent = ConnectFact.Outcome.timedOut
    private let near = tcp("near", .connected)

    private func far(_ number: Int, _ port: UInt16 = 443) -> Endpoint {
        Endpoint(.v4(IPv4Address(bits: 0xc612_0300 + UInt32(number))), port)
    }

    private func internet(
        _ number: Int, _ outcome: ConnectFact.Outcome, port: UInt16 = 443, asked: Bool = false
    ) -> CheckRecord {
        let isOpen = outcome == .connected
        var record = tcp(
            "far \(number):\(port)", to: far(number, port), outcome, elapsed: isOpen ? .milliseconds(9) : .seconds(3),
            retransmits: isOpen ? 0 : 2)
        return labelled(record: &record, "operator \(number)", asked: asked)
    }

    private func labelled(record: inout CheckRecord, _ operatorName: String, asked: Bool = false) -> CheckRecord {
        var check = record.check
        check.labels = [Check.outboundLabel: OutboundClass.internet.rawValue, Check.operatorLabel: operatorName]
        check.isAsked = asked
        check.severity = asked ? nil : .info
        return CheckRecord(check: check, samples: record.samples, ending: .measured, startedAt: .zero)
    }

    /// A page of some host, by name.
    private func page(_ host: String, _ outcome: ConnectFact.Outcome, proxy: Bool = false) -> CheckRecord {
        let endpoint = Endpoint(.v4(IPv4Address(bits: 0xc612_0363)), proxy ? 3128 : 443)
        let connect = Fact.connect(
            ConnectFact(endpoint: endpoint, source: ownAddress, elapsed: .seconds(3), outcome: outcome, tcp: nil))
        let url = HTTPURL(scheme: .https, host: Host(host) ?? .name(.root))
        let exchange = Fact.http(
            HTTPFact(
                url: url, endpoint: endpoint, method: "GET",
                outcome: .responded(
                    HTTPResponse(
                        version: "HTTP/1.1", status: 200, reason: "OK", headers: [], bodyBytes: 0, isBodyCut: false,
                        bodyStart: [])), firstByte: nil, elapsed: .milliseconds(3)))
        let isOpen = outcome == .connected
        var made = record(
            "page of \(host)\(proxy ? " through the proxy" : "")", kind: "http", target: .url(url),
            parameters: Parameters(proxy ? ["proxy": .text("http://198.18.3.99:3128")] : [:]),
            [
                sample(
                    isOpen ? .answered : .failed(.connect), latency: isOpen ? .milliseconds(3) : nil,
                    [connect] + (isOpen ? [exchange] : []))
            ])
        return labelled(record: &made, host)
    }

    // MARK: egress-blocked-internet

    @Test func unrelatedTargetsThatAllFail_whileNearOnesAnswer_areOneWarning() {
        let judgement = judge(
            near, internet(1, silent), internet(2, silent), internet(3, silent, port: 80), page("one.test", silent))
        #expect(judgement.ids == ["egress-blocked-internet"])
        #expect(judgement.findings[0].severity == .warning && judgement.findings[0].confidence == .likely)
        #expect(judgement.findings[0].checks.count == 4)
        #expect(judgement.findings[0].summary.contains("dropped"))
        #expect(judgement.status("far 1:443") == .warned && judgement.verdict == .degraded)
    }

    @Test func aPlanThatNeedsThem_makesItAnError() {
        let judgement = judge(
            near, internet(1, silent, asked: true), internet(2, silent, asked: true), internet(3, silent, asked: true))
        #expect(judgement.ids == ["egress-blocked-internet"])
        #expect(judgement.findings[0].severity == .error && judgement.verdict == .failing)
    }

    @Test func rejections_areToldAsSuch_andNeedNoOtherSign() {
        let rejected = ConnectFact.Outcome.failed(failure("EHOSTUNREACH", 113, icmp: icmp(3, 13)))
        let judgement = judge(internet(1, rejected), internet(2, rejected), internet(3, rejected))
        #expect(judgement.ids == ["egress-blocked-internet"])
        #expect(judgement.findings[0].summary.contains("rejected by a device"))
    }

    @Test func silenceBesideRejections_isTheRationOfErrors() {
        let rejected = ConnectFact.Outcome.failed(failure("EHOSTUNREACH", 113, icmp: icmp(3, 13)))
        let judgement = judge(near, internet(1, rejected), internet(2, silent), internet(3, rejected))
        #expect(judgement.ids == ["egress-blocked-internet"])
        #expect(judgement.findings[0].summary.contains("rejected by a device"))
    }

    @Test func oneOfThemAnswers_thatIsNoBlockade() {
        let judgement = judge(
            near, internet(1, .connected), internet(2, silent), internet(3, silent), internet(4, silent))
        #expect(!judgement.ids.contains("egress-blocked-internet"))
    }

    @Test func aNameAnswers_thatIsNoBlockade() {
        let judgement = judge(
            near, internet(1, silent), internet(2, silent), internet(3, silent), page("one.test", .connected))
        #expect(!judgement.ids.contains("egress-blocked-internet"))
    }

    @Test func twoOperators_areTooFew() {
        let judgement = judge(near, internet(1, silent), internet(2, silent), internet(2, silent, port: 80))
        #expect(!judgement.ids.contains("egress-blocked-internet"))
    }

    @Test func nothingNearAnswers_thenItIsNotOfTheInternet() {
        let judgement = judge(internet(1, silent), internet(2, silent), internet(3, silent))
        #expect(!judgement.ids.contains("egress-blocked-internet"))
    }

    @Test func aGatewayThatIsThere_isSignEnough() {
        var state = VantageState()
        state.routes = [
            RouteState(
                kind: .unicast, family: .v4, destination: AddressRange(around: .v4(IPv4Address(bits: 0)), length: 0),
                gateway: router, interface: "eth0")
        ]
        state.neighbours = [
            NeighbourState(address: router, interface: "eth0", hardwareAddress: nil, reachability: .reachable)
        ]
        let judgement = Judge(resolver: ResolverConfiguration(servers: [resolverA]), now: noon).judge(
            [internet(1, silent), internet(2, silent), internet(3, silent)], vantage: VantageObservation(start: state))
        #expect(judgement.ids.contains("egress-blocked-internet"))
    }

    @Test func noRouteOfOurOwn_isAnotherFinding() {
        let noRoute = ConnectFact.Outcome.failed(failure("ENETUNREACH", 101))
        let judgement = judge(near, internet(1, noRoute), internet(2, noRoute), internet(3, noRoute))
        #expect(judgement.ids == ["no-route-local"])
    }

    @Test func onePortOnly_isToldAsThatPort() {
        let judgement = judge(
            [near] + (1...3).flatMap { [internet($0, silent), internet($0, .connected, port: 80)] })
        #expect(judgement.ids == ["egress-blocked-internet"])
        #expect(judgement.findings[0].subject.contains("443"))
        #expect(judgement.status("far 1:80") == .passed)
    }

    @Test func throughTheProxyItIsReached_thatIsProxyRequired() {
        let judgement = judge(
            near, internet(1, silent), internet(2, silent), internet(3, silent),
            page("one.test", .connected, proxy: true))
        #expect(judgement.ids == ["proxy-in-path"])
        #expect(judgement.verdict == .healthy)
    }

    @Test func targetsWithoutALabel_countByTheirAddress() {
        let addresses: [UInt32] = [0x0101_0101, 0x0808_0808, 0x0909_0909]
        let judgement = judge(
            [near]
                + addresses.enumerated().map { index, bits in
                    tcp(
                        "far \(index)", to: Endpoint(.v4(IPv4Address(bits: bits)), 443), silent, elapsed: .seconds(3),
                        retransmits: 2)
                })
        #expect(judgement.ids == ["egress-blocked-internet"])
        #expect(judgement.findings[0].severity == .error)
    }

    @Test func publicNameServersThatAreOutOfReachToo_followFromIt() {
        let server = Endpoint(.v4(IPv4Address(bits: 0x0808_0808)), 53)
        let question = dns([dnsFact(server, .timedOut), dnsFact(server, .timedOut)])
        let judgement = judge(near, internet(1, silent), internet(2, silent), internet(3, silent), question)
        #expect(judgement.ids == ["egress-blocked-internet", "dns-server-unreachable"])
        #expect(judgement.findings[1].causedBy == ["egress-blocked-internet"])
        let nearby = dns([dnsFact(resolverA, .timedOut), dnsFact(resolverA, .timedOut)])
        #expect(
            judge(near, internet(1, silent), internet(2, silent), internet(3, silent), nearby).ids
                == ["dns-server-unreachable", "egress-blocked-internet"])
    }

    @Test func otherPortsOfPublicAddresses_maySimplyBeOpenToFew() {
        let addresses: [UInt32] = [0x0101_0101, 0x0808_0808, 0x0909_0909]
        let records = addresses.enumerated().map { index, bits in
            tcp(
                "db \(index)", to: Endpoint(.v4(IPv4Address(bits: bits)), 5432), silent, elapsed: .seconds(3),
                retransmits: 2)
        }
        #expect(!judge([near] + records).ids.contains("egress-blocked-internet"))
    }

    @Test func oneFamilyOnly_isIPv6Broken() {
        let v6 = (1...3).map { number in
            var record = tcp(
                "six \(number)",
                to: Endpoint(.v6(IPv6Address(high: 0xfd00_0018_0003_0000, low: UInt64(number))), 443), silent,
                elapsed: .seconds(3), retransmits: 2)
            return labelled(record: &record, "operator \(number)")
        }
        let judgement = judge([near, internet(1, .connected), internet(2, .connected)] + v6)
        #expect(judgement.ids == ["ipv6-broken"])
        #expect(judgement.findings[0].severity == .warning)
    }
}
