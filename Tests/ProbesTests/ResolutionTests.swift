import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Testing
import Wire

private let first = Endpoint(.v4(IPv4Address(bits: 0xc000_0235)), 53)
private let second = Endpoint(.v4(IPv4Address(bits: 0xc000_0236)), 53)
private let v4 = IPAddress.v4(IPv4Address(bits: 0x0a00_0001))
private let v6 = IPAddress.v6(IPv6Address(high: 0x2001_0db8_0000_0000, low: 1))

@Suite struct SearchListTests {
    @Test(
        arguments: [
            ("db", 1, ["a.test", "b.test"], ["db.a.test.", "db.b.test.", "db."]),
            ("db.prod", 1, ["a.test", "b.test"], ["db.prod.", "db.prod.a.test.", "db.prod.b.test."]),
            (
                "shop.example.com", 5, ["ns.svc.cluster.local", "svc.cluster.local"],
                ["shop.example.com.ns.svc.cluster.local.", "shop.example.com.svc.cluster.local.", "shop.example.com."]
            ),
            ("shop.example.com.", 5, ["svc.cluster.local"], ["shop.example.com."]),
            ("db", 0, ["a.test"], ["db.", "db.a.test."]),
            ("db", 1, [], ["db."]),
            ("db", 1, ["a.test", "A.test."], ["db.a.test.", "db."]),
        ] as [(String, Int, [String], [String])])
    func candidates_areInTheResolversOrder(name: String, ndots: Int, search: [String], expected: [String]) {
        let configuration = ResolverConfiguration(servers: [], search: search.map { DomainName($0)! }, ndots: ndots)
        #expect(SearchList.candidates(for: DomainName(name)!, configuration).map(\.description) == expected)
    }

    @Test func candidateThatWouldBeTooLong_isLeftOut() {
        let name = DomainName((0..<4).map { _ in String(repeating: "a", count: 60) }.joined(separator: "."))!
        let configuration = ResolverConfiguration(servers: [], search: [DomainName("cluster.local.example")!], ndots: 5)
        #expect(SearchList.candidates(for: name, configuration) == [name.absolute])
    }
}

@Suite struct ResolutionInquiryTests {
    private func ask(
        _ dns: ScriptedDNS, _ time: ScriptedDNSTime, form: DNSQueryForm = DNSQueryForm(), source: IPAddress? = nil
    ) async throws -> [DNSFact] {
        try await ServerInquiry(exchange: dns, time: time, server: first, source: source)
            .ask(try #require(DomainName("db.test")), .a, form: form, deadline: time.now() + .seconds(4))
    }

    private func steps(_ facts: [DNSFact]) -> [String] { facts.map { "\($0.step.rawValue) \($0.transport.rawValue)" } }

    @Test func answer_isOneFact() async throws {
        let time = ScriptedDNSTime()
        let dns = ScriptedDNS(time: time) { .message($0.query.answered([.address(v4)]), after: .milliseconds(3)) }
        let facts = try await ask(dns, time)
        #expect(steps(facts) == ["query udp"])
        #expect(facts.first?.elapsed == .milliseconds(3))
        #expect(facts.conclusion?.message?.answers.count == 1)
        #expect(dns.asked.first?.name == "db.test.")
        #expect(dns.asked.first?.query.edns?.udpPayloadSize == 1232)
    }

    @Test func silence_isAskedAgainAndContrasted_withinTheDeadline() async throws {
        let time = ScriptedDNSTime()
        let start = time.now()
        let facts = try await ask(ScriptedDNS(time: time) { _ in .silence }, time)
        #expect(steps(facts) == ["query udp", "again udp", "plain udp", "contrast tcp"])
        #expect(facts.first?.elapsed == .seconds(2))
        #expect(facts.allSatisfy { if case .timedOut = $0.outcome { true } else { false } })
        #expect(time.now() - start == .seconds(4))
        #expect(facts.conclusion == nil)
    }

    @Test func silentUDPBesideLivingTCP_isNoConclusion() async throws {
        let time = ScriptedDNSTime()
        let facts = try await ask(
            ScriptedDNS(time: time) { $0.transport == .udp ? .silence : .message($0.query.answered([.address(v4)])) },
            time)
        #expect(steps(facts) == ["query udp", "again udp", "plain udp", "contrast tcp"])
        #expect(facts.last?.message != nil)
        #expect(facts.conclusion == nil)
    }

    @Test func acceptedConnection_countsOnlyAsContrast() async throws {
        let time = ScriptedDNSTime()
        let dns = ScriptedDNS(time: time) { $0.transport == .udp ? .silence : .outcome(.connected) }
        let contrast = try await ask(dns, time).last
        #expect({ if case .connected = contrast?.outcome { true } else { false } }())
        let asked = try await ask(dns, time, form: DNSQueryForm(transport: .tcp))
        #expect({ if case .timedOut = asked.first?.outcome { true } else { false } }())
    }

    @Test func lostDatagram_isAnsweredTheSecondTime_andTheContrastIsGivenUp() async throws {
        let time = ScriptedDNSTime()
        let dns = ScriptedDNS(time: time) { asked in
            if asked.transport == .tcp { return .untilCancelled }
            return asked.before == 0 ? .silence : .message(asked.query.answered([.address(v4)]))
        }
        let facts = try await ask(dns, time)
        #expect(steps(facts) == ["query udp", "plain udp", "again udp"])
        #expect(facts.conclusion?.step == .again)
    }

    @Test func truncatedAnswer_isFetchedOverTCP() async throws {
        let time = ScriptedDNSTime()
        let facts = try await ask(
            ScriptedDNS(time: time) {
                .message(
                    $0.query.answered($0.transport == .tcp ? [.address(v4)] : [], isTruncated: $0.transport == .udp))
            }, time)
        #expect(steps(facts) == ["query udp", "truncated tcp"])
        #expect(facts.conclusion?.transport == .tcp)
    }

    @Test func truncatedAnswerWithoutTCP_isNoConclusion() async throws {
        let time = ScriptedDNSTime()
        let refused = DNSFact.Outcome.failed(SocketFailure(code: 111, name: "ECONNREFUSED"))
        let facts = try await ask(
            ScriptedDNS(time: time) {
                $0.transport == .tcp ? .outcome(refused) : .message($0.query.answered(isTruncated: true))
            }, time)
        #expect(steps(facts) == ["query udp", "truncated tcp"])
        #expect(facts.conclusion == nil)
    }

    /// After a truncated answer it tells a server whose TCP hangs from a port that is filtered.
    @Test func acceptedConnectionAfterTruncation_isKept() async throws {
        let time = ScriptedDNSTime()
        let facts = try await ask(
            ScriptedDNS(time: time) {
                $0.transport == .tcp ? .outcome(.connected) : .message($0.query.answered(isTruncated: true))
            }, time)
        #expect(steps(facts) == ["query udp", "truncated tcp"])
        #expect({ if case .connected = facts.last?.outcome { true } else { false } }())
        #expect(facts.conclusion == nil && facts.first?.isCut == true)
    }

    @Test func formErr_isAskedAgainWithoutEDNS() async throws {
        let time = ScriptedDNSTime()
        let dns = ScriptedDNS(time: time) { asked in
            .message(
                asked.query.edns == nil ? asked.query.answered([.address(v4)]) : asked.query.answered(rcode: .formErr))
        }
        let facts = try await ask(dns, time)
        #expect(facts.map { $0.message?.rcode } == [.formErr, .noError])
        #expect(dns.asked.map { $0.query.edns == nil } == [false, true])
    }

    @Test func socketError_endsTheInquiry() async throws {
        let time = ScriptedDNSTime()
        let facts = try await ask(
            ScriptedDNS(time: time) { _ in .outcome(.failed(SocketFailure(code: 111, name: "ECONNREFUSED"))) }, time)
        #expect(steps(facts) == ["query udp"])
    }

    @Test func source_isUsedForServersOfItsFamilyOnly() async throws {
        let time = ScriptedDNSTime()
        let dns = ScriptedDNS(time: time) { .message($0.query.answered()) }
        _ = try await ask(dns, time, source: v4)
        _ = try await ask(dns, time, source: v6)
        #expect(dns.asked.map(\.source) == [v4, nil])
    }

    @Test func inability_isThrown() async {
        let time = ScriptedDNSTime()
        let inability = Inability(.noDescriptors, action: "ask", reason: "EMFILE", fix: "ulimit -n")
        await #expect(throws: ProbeInterruption.unable(inability)) {
            try await ask(ScriptedDNS(time: time) { $0.transport == .udp ? .silence : .unable(inability) }, time)
        }
    }

    @Test func cancellation_isThrown() async {
        let time = ScriptedDNSTime()
        let task = Task { try await ask(ScriptedDNS(time: time) { _ in .untilCancelled }, time) }
        task.cancel()
        await #expect(throws: ProbeInterruption.cancelled) { try await task.value }
    }
}

@Suite struct ResolutionAddressTests {
    private func resolve(
        _ host: String, family: FamilyChoice = .any, hosts: [String: [IPAddress]] = [:],
        servers: [Endpoint] = [first, second],
        search: [String] = [], ndots: Int = 1, timeout: Duration = .seconds(5), attempts: Int = 2,
        _ script: @escaping @Sendable (ScriptedDNS.Asked) -> ScriptedDNS.Reply
    ) async throws -> Resolution {
        let time = ScriptedDNSTime()
        let configuration = ResolverConfiguration(
            servers: servers, search: search.compactMap { DomainName($0) }, ndots: ndots, timeout: timeout,
            attempts: attempts)
        let resolver = AddressResolver(
            exchange: ScriptedDNS(time: time, script: script), time: time, configuration: configuration,
            hosts: HostsTable(addresses: hosts))
        return try await resolver.resolve(
            try #require(Host(host)), family: family, source: nil, deadline: time.now() + .seconds(8))
    }

    private static let nobody: @Sendable (ScriptedDNS.Asked) -> ScriptedDNS.Reply = { _ in
        Issue.record("a server was asked")
        return .silence
    }

    private static let both: @Sendable (ScriptedDNS.Asked) -> ScriptedDNS.Reply = {
        .message($0.query.answered([.address($0.type == .a ? v4 : v6)]))
    }

    /// As long as `attempts` times `timeout`, but no longer than its share of the check's time (8 s for two servers).
    @Test(arguments: [(1, 1, 1.0), (1, 2, 2.0), (1, 3, 3.0), (5, 2, 4.0), (30, 5, 4.0)])
    func silentServer_isLeftWhenAResolverWouldLeaveIt(timeout: Int, attempts: Int, seconds: Double) async throws {
        let resolution = try await resolve("db.test", family: .v4, timeout: .seconds(timeout), attempts: attempts) {
            $0.server == first ? .silence : Self.both($0)
        }
        #expect(resolution.addresses == [v4])
        #expect(resolution.fact.elapsed >= .seconds(seconds) && resolution.fact.elapsed < .seconds(seconds + 0.1))
    }

    @Test func literal_isNotAskedFor() async throws {
        let resolution = try await resolve("10.0.0.1", Self.nobody)
        #expect(resolution.fact.source == .literal && resolution.addresses == [v4] && resolution.exchanges.isEmpty)
        #expect(try await resolve("10.0.0.1", family: .v6, Self.nobody).fact.outcome == .noAddress)
    }

    @Test func localhost_neverLeavesTheHost() async throws {
        let resolution = try await resolve("app.localhost", Self.nobody)
        #expect(resolution.addresses.map(\.description) == ["::1", "127.0.0.1"])
        #expect(try await resolve("localhost", family: .v4, Self.nobody).addresses.map(\.description) == ["127.0.0.1"])
    }

    @Test func hostsFile_comesBeforeServers() async throws {
        let resolution = try await resolve("DB.test", hosts: ["db.test": [v4]], Self.nobody)
        #expect(resolution.fact.source == .hostsFile && resolution.addresses == [v4])
    }

    @Test func hostsFileWithoutTheFamily_leavesTheNameToDNS() async throws {
        let resolution = try await resolve("db.test", family: .v6, hosts: ["db.test": [v4]], Self.both)
        #expect(resolution.fact.source == .dns && resolution.addresses == [v6])
    }

    @Test func bothFamilies_areAskedAndInterleaved() async throws {
        let resolution = try await resolve("db.test") { asked in
            let data = (1...3).map { IPAddress(asked.type == .a ? "10.0.0.\($0)" : "2001:db8::\($0)")! }
            return .message(asked.query.answered((data + [data[0]]).map { .address($0) }))
        }
        #expect(
            resolution.addresses.map(\.description)
                == ["2001:db8::1", "10.0.0.1", "2001:db8::2", "10.0.0.2", "2001:db8::3", "10.0.0.3"])
        #expect(resolution.fact.tried == [TriedName(name: DomainName("db.test.")!, result: "8 addresses", found: true)])
        #expect(resolution.exchanges.allSatisfy { $0.server == first })
    }

    @Test(arguments: [(FamilyChoice.v4, [DNSType.a]), (.v6, [.aaaa]), (.both, [.aaaa, .a])])
    func family_decidesTheTypes(family: FamilyChoice, types: [DNSType]) async throws {
        #expect(try await resolve("db.test", family: family, Self.both).exchanges.map(\.type) == types)
    }

    @Test func searchList_isWalkedUntilAName_hasAddresses() async throws {
        let resolution = try await resolve("db", search: ["a.test", "b.test", "c.test"]) {
            $0.name == "db.b.test." ? Self.both($0) : .message($0.query.answered(rcode: .nxDomain))
        }
        #expect(
            resolution.fact.tried.map { "\($0.name) \($0.result)" } == [
                "db.a.test. NXDOMAIN", "db.b.test. 2 addresses",
            ])
        #expect(resolution.addresses.count == 2)
    }

    @Test func nxDomainUnderEveryName_isNameNotFound() async throws {
        let resolution = try await resolve("db", search: ["a.test"]) { .message($0.query.answered(rcode: .nxDomain)) }
        #expect(resolution.fact.outcome == .nameNotFound)
        #expect(resolution.fact.tried.map(\.result) == ["NXDOMAIN", "NXDOMAIN"])
        #expect(resolution.facts.count == resolution.exchanges.count + 1)
    }

    @Test func absoluteNameThatIsMissing_isLookedForUnderTheSearchList_asAContrast() async throws {
        let resolution = try await resolve("db.", family: .v4, search: ["a.test", "b.test"]) {
            $0.name == "db.b.test." ? Self.both($0) : .message($0.query.answered(rcode: .nxDomain))
        }
        #expect(resolution.fact.outcome == .nameNotFound)
        #expect(
            resolution.exchanges.filter { $0.step != .wildcard }.map { "\($0.step) \($0.name)" } == [
                "query db.", "contrast db.a.test.", "contrast db.b.test.",
            ])
    }

    @Test func nameMissingUnderEveryForm_needsNoContrast() async throws {
        let resolution = try await resolve("db", search: ["a.test"]) { .message($0.query.answered(rcode: .nxDomain)) }
        #expect(resolution.exchanges.allSatisfy { $0.step == .query })
    }

    @Test func nameWithoutRecords_isNoAddress() async throws {
        let resolution = try await resolve("db", search: ["a.test"]) {
            .message($0.query.answered(rcode: $0.name == "db." ? .nxDomain : .noError))
        }
        #expect(resolution.fact.outcome == .noAddress)
        #expect(resolution.fact.tried.map(\.result) == ["no address", "NXDOMAIN"])
    }

    @Test(arguments: [DNSRcode.servFail, .refused, .notImp])
    func refusal_isTakenToTheNextServer(rcode: DNSRcode) async throws {
        let resolution = try await resolve("db.test", family: .v4) {
            $0.server == first ? .message($0.query.answered(rcode: rcode)) : Self.both($0)
        }
        #expect(resolution.addresses == [v4])
        #expect(resolution.exchanges.map(\.server) == [first, second])
    }

    @Test func refusalByAll_isFailed_andEndsNoSearch() async throws {
        let resolution = try await resolve("db", family: .v4, search: ["a.test"]) {
            .message($0.query.answered(rcode: .servFail))
        }
        #expect(resolution.fact.outcome == .failed)
        #expect(resolution.fact.tried.map(\.result) == ["SERVFAIL", "SERVFAIL"])
    }

    @Test func silentServer_leavesTimeForTheNextOne() async throws {
        let resolution = try await resolve("db.test", family: .v4) { $0.server == first ? .silence : Self.both($0) }
        #expect(resolution.addresses == [v4])
        #expect(resolution.fact.elapsed < .seconds(5))
    }

    @Test func triesOfAServer_areBoundedByItsConfiguredTimeout() async throws {
        let resolution = try await resolve("db.test", family: .v4, timeout: .seconds(1)) {
            $0.server == first ? .silence : Self.both($0)
        }
        #expect(resolution.exchanges.first?.elapsed == .seconds(1))
    }

    @Test func silenceOfAll_endsTheSearchAndFails_withinTheDeadline() async throws {
        let resolution = try await resolve("db", search: ["a.test", "b.test"]) { _ in .silence }
        #expect(resolution.fact.outcome == .failed)
        #expect(resolution.fact.tried.map(\.result) == ["no answer"])
        #expect(resolution.fact.elapsed <= .seconds(8))
        #expect(Set(resolution.exchanges.map(\.server)) == [first, second])
    }

    @Test func manyAddresses_areCut() async throws {
        let resolution = try await resolve("db.test", family: .v4) { asked in
            .message(asked.query.answered((0..<500).map { .address(.v4(IPv4Address(bits: $0))) }))
        }
        #expect(resolution.addresses.count == 64)
    }

    @Test func noServer_isOurOwnInability() async {
        await #expect(throws: ProbeInterruption.self) { try await resolve("db.test", servers: [], Self.nobody) }
    }
}
