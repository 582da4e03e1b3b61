import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

@Suite struct DNSResolvconfInvalidTests {
    private static let stub = Endpoint(.v4(IPv4Address(bits: 0x7f00_0035)), 53)
    private static let own = Endpoint(.v4(IPv4Address(bits: 0x7f00_0001)), 53)
    private let refused = DNSFact.Outcome.failed(failure("ECONNREFUSED", 111))
    private let found = answer(.noError, addresses: [target.address])

    private func file(
        _ server: Endpoint, _ oddities: [ResolverOddity] = [], hasSystemdResolved: Bool = false
    ) -> ResolverConfiguration {
        ResolverConfiguration(servers: [server], oddities: oddities, hasSystemdResolved: hasSystemdResolved)
    }

    private func oddity(_ kind: ResolverOddity.Kind, line: Int = 1, _ quote: String = "nameserver dns.test")
        -> ResolverOddity
    {
        ResolverOddity(kind, place: "line \(line)", quote: quote, reason: "is odd")
    }

    @Test func aDeadLoopbackResolver_isTheFilesFault_notTheServers() throws {
        let judgement = judge([dns([dnsFact(Self.stub, refused)])], resolver: file(Self.stub))
        #expect(judgement.ids == ["dns-resolvconf-invalid"])
        let finding = try #require(judgement.findings.first)
        #expect(finding.severity == .error && finding.confidence == .certain && finding.checks == ["name"])
        #expect(finding.summary.contains("127.0.0.53") && finding.evidence.contains { $0.contains("refused") })
    }

    @Test func aDeadLoopbackResolver_isTheFilesFault_whereDoctorAsksItByItsAddress() {
        let plain = dns("name server 127.0.0.1", ".", [dnsFact(Self.own, refused)])
        var check = plain.check
        func asked() -> [CheckRecord] {
            [CheckRecord(check: check, samples: plain.samples, ending: .measured, startedAt: .zero)]
        }
        check.parameters = Parameters(["servers": .list(["127.0.0.1"])])
        #expect(judge(asked(), resolver: file(Self.own)).ids == ["dns-server-port-closed"])
        check.labels[VantagePart.label] = VantagePart.nameServer.rawValue
        #expect(judge(asked(), resolver: file(Self.own)).ids == ["dns-resolvconf-invalid"])
    }

    @Test func anotherLoopbackAddress_isOnlyLikelyAnotherMachines() {
        let judgement = judge([dns([dnsFact(Self.own, refused)])], resolver: file(Self.own))
        #expect(judgement.ids == ["dns-resolvconf-invalid"] && judgement.findings[0].confidence == .likely)
    }

    @Test func systemdResolvedThatHasStopped_isAClosedPort() {
        let judgement = judge(
            [dns([dnsFact(Self.stub, refused)])], resolver: file(Self.stub, hasSystemdResolved: true))
        #expect(judgement.ids == ["dns-server-port-closed"])
    }

    @Test func aLoopbackResolverThatAnswers_isFine() {
        #expect(judge([dns([dnsFact(Self.stub, found)])], resolver: file(Self.stub)).verdict == .healthy)
    }

    @Test func aSilentNodeLocalCache_isAnUnreachableServer() {
        let cache = Endpoint(.v4(IPv4Address(bits: 0xa9fe_140a)), 53)
        let silence = [dnsFact(cache, .timedOut), dnsFact(cache, .timedOut)]
        #expect(judge([dns(silence)], resolver: file(cache)).ids == ["dns-server-unreachable"])
    }

    @Test func aFileWithoutServer_isTheFault_whenTheFallbackIsDead() {
        let odd = [
            oddity(.unusableServer), ResolverOddity(.noServer, place: "/etc/resolv.conf", reason: "no usable line"),
        ]
        let dead = judge([dns([dnsFact(Self.own, refused)])], resolver: file(Self.own, odd))
        #expect(dead.ids == ["dns-resolvconf-invalid"] && dead.findings[0].severity == .error)
        #expect(dead.findings[0].evidence.first == "line 1 “nameserver dns.test”: is odd")
        // Without any line that was meant as one, 127.0.0.1 is what the file says.
        let alive = [dns([dnsFact(Self.own, found)])]
        #expect(judge(alive, resolver: file(Self.own, [odd[1]])).verdict == .healthy)
        #expect(judge(alive, resolver: file(Self.own, odd)).verdict == .degraded)
    }

    @Test(arguments: ResolverOddity.Kind.allCases.filter { $0 != .noServer })
    func oddLines_thatBreakNothing_areAWarningOrANote(kind: ResolverOddity.Kind) throws {
        let judgement = judge([dns([dnsFact(found)])], resolver: file(resolverA, [oddity(kind)]))
        #expect(judgement.ids == ["dns-resolvconf-invalid"])
        let isHarmful = kind == .unusableServer || kind == .carriageReturn
        #expect(judgement.findings.first?.severity == (isHarmful ? .warning : .info))
        #expect(judgement.verdict == (isHarmful ? .degraded : .healthy))
        #expect(judgement.status("name") == (isHarmful ? .warned : .passed))
    }

    @Test func theWorstLine_isTheHeadline_andAllAreEvidence() throws {
        let odd = [oddity(.unknownOption, line: 1, "options x"), oddity(.unusableServer, line: 3)]
        let finding = try #require(judge([dns([dnsFact(found)])], resolver: file(resolverA, odd)).findings.first)
        #expect(finding.severity == .warning && finding.summary.contains("line 3") && finding.evidence.count == 2)
    }

    @Test func aPlanWithItsOwnServers_saysNothingAboutTheFile() {
        var given = dns([dnsFact(Self.stub, refused)])
        given = record(
            "name", kind: "dns", target: .name(name("db.prod")),
            parameters: Parameters(["servers": .list(["127.0.0.53"])]), given.samples)
        #expect(judge([given], resolver: file(Self.stub, [oddity(.unusableServer)])).ids == ["dns-server-port-closed"])
        #expect(judge([tcp(.connected)], resolver: file(Self.stub, [oddity(.unusableServer)])).verdict == .healthy)
    }

    @Test func aWarning_doesNotHideWhyACheckFails() {
        let unmet = record(
            "name", kind: "dns", target: .name(name("db.prod")),
            [
                sample(
                    .answered, [dnsFact(found)],
                    comparisons: [
                        Comparison(key: "answers", expected: "a", seen: "b", isMet: false, isDeclared: true)
                    ])
            ])
        #expect(
            judge([unmet], resolver: file(resolverA, [oddity(.unusableServer)])).ids == [
                "expectation-unmet", "dns-resolvconf-invalid",
            ])
    }

    @Test func deadServers_andAnUnreadableLine_areTwoFindings() {
        let silence = [dnsFact(.timedOut), dnsFact(step: .again, .timedOut)]
        #expect(
            judge([dns(silence)], resolver: file(resolverA, [oddity(.unusableServer)])).ids == [
                "dns-server-unreachable", "dns-resolvconf-invalid",
            ])
    }
}
