import DNSProbe
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Synchronization
import Testing
import Wire

private let first = Endpoint(.v4(IPv4Address(bits: 0xc000_0235)), 53)
private let second = Endpoint(.v4(IPv4Address(bits: 0xc000_0236)), 5353)
private let v4 = DNSRecordData.address(.v4(IPv4Address(bits: 0x0a60_0001)))
private let v6 = DNSRecordData.address(.v6(IPv6Address(high: 0xfd00_0000_0000_0000, low: 1)))

@Suite struct DNSProbeTests {
    private func check(
        _ name: String, _ keys: [String: ParameterValue] = [:], expect: [String: ParameterValue] = [:],
        family: FamilyChoice = .any,
        word: Planning.Expectation.Word = .reachable, samples: Int = 1, places: [String: SourcePlace] = [:]
    ) -> Check {
        Check(
            name: "names", kind: "dns", target: Target(name, form: .name) ?? .host(.address(.v4(IPv4Address(bits: 0)))),
            samples: samples, timeout: .seconds(4),
            family: family,
            expectation: Planning.Expectation(word: word, parameters: Parameters(expect, places: places)),
            parameters: Parameters(keys, places: places))
    }

    private func run(
        _ check: Check, search: [String] = [], ndots: Int = 1,
        _ script: @escaping @Sendable (ScriptedDNS.Asked) -> ScriptedDNS.Reply
    ) async throws -> (samples: [Sample], asked: [ScriptedDNS.Asked]) {
        let time = ScriptedDNSTime()
        let dns = ScriptedDNS(time: time, script: script)
        let silent = SilentWorld()
        let capabilities = Capabilities(
            dns: dns, streams: silent, tls: silent, datagrams: silent, echo: silent,
            resolver: ResolverConfiguration(
                servers: [first], search: search.compactMap { DomainName($0) }, ndots: ndots),
            hosts: HostsTable())
        let samples = Recorded()
        let context = ProbeContext(check: check, capabilities: capabilities, time: time, runStart: time.now()) {
            sample in
            samples.list.withLock { $0.append(sample) }
        }
        try await DNSProbe(check: check).run(in: context)
        return (samples.list.withLock { $0 }, dns.asked)
    }

    private static let addresses: @Sendable (ScriptedDNS.Asked) -> ScriptedDNS.Reply = {
        .message($0.query.answered([$0.type == .aaaa ? v6 : v4]), after: .milliseconds(2))
    }

    @Test func default_asksForBothFamilies_ofTheConfiguredServers() async throws {
        let (samples, asked) = try await run(check("db.test"), Self.addresses)
        let sample = try #require(samples.first)
        #expect(Set(asked.map(\.type)) == [.a, .aaaa] && asked.allSatisfy { $0.server == first })
        #expect(sample.outcome == .answered && sample.isGood)
        #expect(sample.latency != nil)
        #expect(sample.facts.count == 2)
        #expect(
            sample.comparisons == [
                Comparison(
                    key: "answer", expected: "NOERROR with an answer", seen: "NOERROR with 2 records", isMet: true,
                    isDeclared: false)
            ])
    }

    @Test(arguments: [(FamilyChoice.v4, [DNSType.a]), (.v6, [.aaaa])])
    func family_choosesTheType(family: FamilyChoice, types: [DNSType]) async throws {
        #expect(try await run(check("db.test", family: family), Self.addresses).asked.map(\.type) == types)
    }

    @Test func servers_areAllAsked_andEachHasItsFacts() async throws {
        let keys: [String: ParameterValue] = ["servers": .list(["192.0.2.53", "192.0.2.54:5353"]), "type": .text("A")]
        let (samples, asked) = try await run(check("db", keys), search: ["a.test"]) {
            $0.server == first ? .message($0.query.answered(rcode: .refused)) : Self.addresses($0)
        }
        #expect(Set(asked.map(\.server)) == [first, second])
        #expect(asked.allSatisfy { $0.name == "db." }, "given servers: no search list")
        let sample = try #require(samples.first)
        #expect(sample.facts.count == 2)
        #expect(sample.comparisons.map(\.seen) == ["REFUSED"], "the first server that answered is the one that counts")
    }

    private static let onlyUnderB: @Sendable (ScriptedDNS.Asked) -> ScriptedDNS.Reply = {
        $0.name == "db.b.test." ? addresses($0) : .message($0.query.answered(rcode: .nxDomain))
    }

    @Test func missingName_isLookedForUnderTheSearchListThatWasOff() async throws {
        let keys: [String: ParameterValue] = ["search": .flag(false), "type": .text("A")]
        let (samples, asked) = try await run(check("db", keys), search: ["a.test", "b.test"], Self.onlyUnderB)
        let random = try #require(asked.first { $0.name.hasPrefix("leadsman-") }?.name)
        #expect(Set(asked.map(\.name)) == ["db.", "db.a.test.", "db.b.test.", random])
        #expect(random.hasPrefix("leadsman-") && random.hasSuffix(".b.test."), "beside the form that exists")
        let sample = try #require(samples.first)
        let contrast = sample.facts.compactMap { fact -> String? in
            if case .dns(let dns) = fact, dns.step == .contrast { dns.name.description } else { nil }
        }
        #expect(contrast == ["db.a.test.", "db.b.test."])
        #expect(sample.isGood == false, "the name as asked for is still missing")
    }

    @Test func missingName_thatThePlanWantsMissing_isNotLookedForElsewhere() async throws {
        let keys: [String: ParameterValue] = ["search": .flag(false), "type": .text("A")]
        let wanted = check("db", keys, expect: ["rcode": .text("NXDOMAIN")])
        #expect(try await run(wanted, search: ["b.test"], Self.onlyUnderB).asked.map(\.name) == ["db."])
    }

    @Test func silentFirstServer_leavesTheJudgementToTheNext() async throws {
        let keys: [String: ParameterValue] = ["servers": .list(["192.0.2.53", "192.0.2.54:5353"]), "type": .text("A")]
        let (samples, _) = try await run(check("db", keys)) { $0.server == first ? .silence : Self.addresses($0) }
        #expect(samples.first?.isGood == true)
        #expect(samples.first?.facts.count == 5)
    }

    @Test func searchList_isAnExplicitSequence() async throws {
        let (samples, asked) = try await run(check("db", ["type": .text("A")]), search: ["a.test", "b.test"]) {
            $0.name == "db.b.test." ? Self.addresses($0) : .message($0.query.answered(rcode: .nxDomain))
        }
        #expect(asked.map(\.name) == ["db.a.test.", "db.b.test."])
        #expect(samples.first?.isGood == true)
    }

    @Test func searchOff_asksForTheNameAlone() async throws {
        let keys: [String: ParameterValue] = ["type": .text("A"), "search": .flag(false)]
        #expect(try await run(check("db", keys), search: ["a.test"], Self.addresses).asked.map(\.name) == ["db."])
    }

    @Test func silence_endsTheSearch() async throws {
        let (samples, asked) = try await run(check("db", ["type": .text("A")]), search: ["a.test", "b.test"]) { _ in
            .silence
        }
        #expect(Set(asked.map(\.name)) == ["db.a.test."])
        #expect(samples.first?.outcome == .failed(.query) && samples.first?.latency == nil)
        #expect(samples.first?.comparisons.isEmpty == true)
    }

    @Test(
        arguments: [
            (DNSRcode.nxDomain, [], "NXDOMAIN"), (.servFail, [], "SERVFAIL"),
            (.noError, [], "NOERROR without A record"),
            (.noError, [.name("gone.test.")], "NOERROR, an alias without A record"),
        ] as [(DNSRcode, [DNSRecordData], String)])
    func answerWithoutData_isNotMet(rcode: DNSRcode, data: [DNSRecordData], seen: String) async throws {
        let (samples, _) = try await run(check("db.test", ["type": .text("A")])) {
            .message($0.query.answered(data, rcode: rcode))
        }
        #expect(samples.first?.outcome == .answered)
        #expect(samples.first?.comparisons.map(\.seen) == [seen])
        #expect(samples.first?.isGood == false)
    }

    @Test func declaredRcode_replacesTheOwnDemand() async throws {
        let (samples, _) = try await run(check("db.test", ["type": .text("A")], expect: ["rcode": .text("NXDOMAIN")])) {
            .message($0.query.answered(rcode: .nxDomain))
        }
        #expect(
            samples.first?.comparisons == [
                Comparison(key: "rcode", expected: "NXDOMAIN", seen: "NXDOMAIN", isMet: true, isDeclared: true)
            ])
    }

    @Test(
        arguments: [
            ("AAAA", [v6], ["FD00:0::1"], true), ("A", [v4], ["10.96.0.1", "10.96.0.2"], false),
            ("A", [v4, v4], ["10.96.0.1"], true),
            ("MX", [.mx(preference: 10, exchange: "Mail.test.")], ["10 mail.test"], true),
            ("TXT", [.txt([Array("v=spf1 -all".utf8)])], ["v=spf1 -all"], true),
            ("TXT", [.txt([Array("a".utf8)])], ["\"a\""], true), ("CNAME", [.name("a.test.")], ["b.test."], false),
            ("A", [], ["10.96.0.1"], false),
        ] as [(String, [DNSRecordData], [String], Bool)])
    func answers_areComparedAsASet(type: String, data: [DNSRecordData], expected: [String], isMet: Bool) async throws {
        let check = check("db.test", ["type": .text(type)], expect: ["answers": .list(expected)])
        let (samples, _) = try await run(check) { .message($0.query.answered(data)) }
        #expect(samples.first?.comparisons.map(\.isMet) == [isMet])
    }

    @Test(arguments: [
        (["min": "30"], true), (["min": "61"], false), (["max": "1m"], true), (["min": "10", "max": "59"], false),
    ])
    func ttl_isComparedWithItsLimits(limits: [String: String], isMet: Bool) async throws {
        let (samples, _) = try await run(check("db.test", ["type": .text("A")], expect: ["ttl": .map(limits)])) {
            .message($0.query.answered([v4], ttl: 60))
        }
        #expect(samples.first?.comparisons.first { $0.key == "ttl" }?.isMet == isMet)
    }

    @Test func blocked_demandsNothingOfAnAnswer() async throws {
        let (samples, _) = try await run(check("db.test", word: .blocked)) {
            .message($0.query.answered(rcode: .nxDomain))
        }
        #expect(samples.first?.comparisons.isEmpty == true && samples.first?.outcome == .answered)
    }

    @Test func address_isAskedForItsName() async throws {
        let (_, asked) = try await run(check("10.0.0.1"), search: ["a.test"]) {
            .message($0.query.answered([.name("db.test.")]))
        }
        #expect(asked.map { "\($0.name) \($0.type)" } == ["1.0.0.10.in-addr.arpa. PTR"])
        let six = try await run(check("2001:db8::1"), search: ["a.test"]) {
            .message($0.query.answered([.name("db.test.")]))
        }
        #expect(six.asked.map(\.type) == [.ptr] && six.samples.first?.isGood == true)
        #expect(six.asked.first?.name == "1." + String(repeating: "0.", count: 23) + "8.b.d.0.1.0.0.2.ip6.arpa.")
        #expect(Target("fe80::1%eth0", form: .name) == nil, "a link's own address has no reverse name")
    }

    /// An answer for another name is no answer (RFC 2181 section 5.4.1), and aliases may lead nowhere.
    @Test(
        arguments: [
            ([DNSRecord(name: "evil.test.", type: .a, ttl: 1, data: v4)], "NOERROR with records of other names only"),
            (
                [
                    DNSRecord(name: "db.test.", type: .cname, ttl: 1, data: .name("b.test.")),
                    DNSRecord(name: "b.test.", type: .cname, ttl: 1, data: .name("db.test.")),
                    DNSRecord(name: "c.test.", type: .a, ttl: 1, data: v4),
                ], "NOERROR, an alias that leads back to itself"
            ),
        ] as [([DNSRecord], String)])
    func recordsOfOtherNames_areNotBelieved(records: [DNSRecord], seen: String) async throws {
        let (samples, _) = try await run(check("db.test", ["type": .text("A")])) { asked in
            var message = asked.query.answered()
            message.answers = records
            return .message(message)
        }
        #expect(samples.first?.comparisons.map(\.seen) == [seen] && samples.first?.isGood == false)
    }

    @Test func aliasesOfAnyLength_leadToTheData() async throws {
        let (samples, _) = try await run(check("n0.test", ["type": .text("A")])) { asked in
            var message = asked.query.answered()
            message.answers = (0..<100).reversed().map {
                DNSRecord(name: "N\($0).test.", type: .cname, ttl: 1, data: .name("n\($0 + 1).TEST."))
            }
            message.answers.append(DNSRecord(name: "n100.test.", type: .a, ttl: 1, data: v4))
            return .message(message)
        }
        #expect(samples.first?.isGood == true)
    }

    @Test func keys_shapeTheQuery() async throws {
        let keys: [String: ParameterValue] = [
            "type": .list(["TYPE99"]), "edns": .number(4096), "dnssec": .flag(true), "recursion": .flag(false),
            "checkingDisabled": .flag(true), "transport": .text("tcp"),
        ]
        let asked = try await run(check("db.test.", keys)) { .message($0.query.answered([.raw([1])])) }.asked
        let query = try #require(asked.first?.query)
        #expect(asked.map(\.transport) == [.tcp] && query.questions.first?.type.rawValue == 99)
        #expect(!query.recursionDesired && query.checkingDisabled)
        #expect(query.edns == DNSEDNS(udpPayloadSize: 4096, dnssecOK: true))
        #expect(try await run(check("db.test.", ["edns": .number(0)]), Self.addresses).asked.first?.query.edns == nil)
    }

    @Test func everySample_isAskedAnew() async throws {
        let (samples, asked) = try await run(check("db.test", ["type": .text("A")], samples: 3), Self.addresses)
        #expect(samples.map(\.index) == [0, 1, 2] && asked.count == 3)
    }

    @Test(
        arguments: [
            ("db", ["type": ParameterValue.list(["A", "BOGUS"])], [:], "type", "BOGUS is no record type"),
            ("db", ["servers": .list(["dns.test"])], [:], "servers", "dns.test is no ADDRESS or ADDRESS:PORT"),
            ("10.0.0.1", ["type": .text("A")], [:], "type", "an address can only be asked for its name: type PTR"),
            ("db", [:], ["rcode": .text("BOGUS")], "rcode", "BOGUS is no response code"),
            ("db", [:], ["ttl": .map(["min": "x"])], "ttl", "ttl: x is neither seconds nor a span"),
            ("db", [:], ["ttl": .map(["min": "9", "max": "8"])], "ttl", "ttl: min is greater than max"),
        ] as [(String, [String: ParameterValue], [String: ParameterValue], String, String)])
    func mistake_isToldWithItsPlace(
        name: String, keys: [String: ParameterValue], expect: [String: ParameterValue], key: String, message: String
    ) {
        let place = SourcePlace(file: "plan.yaml", line: 4, column: 9)
        #expect(throws: PlanProblem(message, at: place)) {
            try DNSProbe(check: check(name, keys, expect: expect, places: [key: place]))
        }
    }

    @Test func catalogue_checksValues() throws {
        let description = DNSProbe.description
        let type = try #require(description.parameters.first { $0.key == "type" })
        #expect(type.check(.list(["A", "TYPE65"])) == nil)
        #expect(type.check(.text("AAAAA")) != nil)
        let edns = try #require(description.parameters.first { $0.key == "edns" })
        #expect(edns.check(.number(0)) == nil && edns.check(.number(100)) != nil && edns.check(.number(512)) == nil)
    }
}

private final class Recorded: Sendable {
    let list = Mutex<[Sample]>([])
}

/// The capabilities that the DNS probe has no use for.
private struct SilentWorld: StreamConnecting, TLSSecuring, DatagramProbing, EchoOpening {
    private static let unused = ProbeInterruption.unable(
        Inability(.internalFault, action: "do this", reason: "the DNS probe has no use for it", fix: ""))

    func connect(to endpoint: Endpoint, source: IPAddress?, deadline: Instant) async throws(ProbeInterruption)
        -> ConnectAttempt
    {
        throw Self.unused
    }
    func secure(
        _ stream: any ByteStream, to endpoint: Endpoint, settings: TLSSettings, deadline: Instant
    ) async throws(ProbeInterruption) -> TLSHandshake { throw Self.unused }
    func send(
        _ payload: [UInt8], to endpoint: Endpoint, source: IPAddress?, deadline: Instant
    ) async throws(ProbeInterruption) -> DatagramFact { throw Self.unused }
    func open(
        to address: IPAddress, source: IPAddress?, settings: EchoSettings
    ) async throws(ProbeInterruption) -> any EchoSession { throw Self.unused }
}
