import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

@Suite struct DNSSlowTests {
    private let found = answer(.noError, addresses: [target.address])

    /// A dns check with a look-up for each of the times, in milliseconds, at each of the servers.
    fileprivate func lookups(
        _ times: [Int], at servers: [Endpoint] = [resolverA], question: String = "db.prod.", limit: Int? = nil,
        step: DNSFact.Step = .query, outcome: DNSFact.Outcome? = nil, also: [Fact] = []
    ) -> CheckRecord {
        let samples = times.map { time in
            sample(
                latency: .milliseconds(time),
                servers.map {
                    dnsFact($0, question, step: step, elapsed: .milliseconds(time), outcome ?? found)
                } + also)
        }
        let limits = limit.map { [LatencyLimit(.p95, .milliseconds($0))] } ?? []
        return record(
            "name \(question) \(times)", kind: "dns", target: .name(name(question)),
            expect: Expectation(latency: limits),
            samples)
    }

    @Test func everyLookUpSlow_isASlowServer() throws {
        let judgement = judge(lookups([700, 690, 720]))
        #expect(judgement.ids == ["dns-slow"] && judgement.verdict == .degraded)
        let finding = try #require(judgement.findings.first)
        #expect(finding.subject == resolverA.description && finding.confidence == .likely)
        #expect(finding.summary.contains("limit 500 ms"))
    }

    @Test(arguments: [[700], [700, 700], [2, 3, 2], [490, 490, 490]])
    func fewOrQuickLookUps_areNothing(times: [Int]) {
        #expect(judge(lookups(times)).verdict == .healthy)
        #expect(judge(lookups(times)).ids.isEmpty)
    }

    @Test func manyNamesOnceEach_areNothing() {
        #expect(judge((0..<10).map { lookups([700], question: "n\($0).prod.") }).ids.isEmpty)
    }

    /// What a cache does: a note, and no fault.
    @Test func onlyTheFirstSlow_isTheUpstream() throws {
        let judgement = judge(lookups([900, 1, 1, 2]))
        #expect(judgement.ids == ["dns-slow"] && judgement.verdict == .healthy)
        #expect(judgement.findings.first?.severity == .info)
        #expect(judgement.findings.first?.cause.contains("cache") == true)
    }

    /// A lost datagram, or the race of two: its own elapsed time is that of the second question.
    @Test func singleLateLookUps_areNothing() {
        #expect(judge(lookups([1, 1, 5000, 1, 1, 5000, 1])).ids == ["latency-high-p95"])
    }

    @Test func thePlansLimit_isTheLimitOfLookUps() {
        #expect(judge(lookups([200, 200, 200], limit: 100)).ids == ["dns-slow"])
        #expect(judge(lookups([200, 200, 200], limit: 300)).ids.isEmpty)
    }

    @Test func tooFewRepeats_leaveItToTheLatency() {
        #expect(judge(lookups([200, 200], limit: 100)).ids == ["latency-high-p95"])
    }

    @Test func oneSlowServerOfSeveral_isNamed_besideTheTimesOfTheOthers() throws {
        let quick = lookups([1, 1, 1, 1], at: [resolverB])
        let finding = try #require(judge(lookups([800, 800, 800, 800]), quick).findings.first)
        #expect(finding.subject == resolverA.description)
        #expect(finding.evidence.contains { $0.contains("\(resolverB), asked as well: 1") })
    }

    @Test func severalSlowServers_areOneFinding() {
        let judgement = judge(lookups([800, 800, 800], at: [resolverA, resolverB]))
        #expect(judgement.ids == ["dns-slow"])
        #expect(judgement.findings.first?.summary.hasPrefix("The DNS servers") == true)
    }

    @Test func aSlowZone_isToldFromASlowServer() throws {
        let finding = try #require(
            judge(lookups([800, 800, 800]), lookups([1, 1, 1], question: "other.prod.")).findings.first)
        #expect(finding.summary.contains("of some names") && finding.cause.contains("upstream of these"))
    }

    @Test func aLongPath_isNotTheServersFault() throws {
        let port = Endpoint(resolverA.address, 443)
        let far = tcp("far", to: port, .connected, elapsed: .milliseconds(600))
        let finding = try #require(judge(lookups([620, 610, 620]), far).findings.first { $0.id == "dns-slow" })
        #expect(finding.cause.contains("The way to the server") && finding.confidence == .likely)
        let near = tcp("near", to: port, .connected, elapsed: .milliseconds(1))
        #expect(judge(lookups([620, 610, 620]), near).findings.first?.confidence == .certain)
    }

    /// Late because it has nothing to say: that is another finding.
    @Test func aLateServfail_isNoSlowServer() {
        #expect(!judge(lookups([2000, 2000, 2000], outcome: answer(.servFail))).ids.contains("dns-slow"))
    }

    /// A page that is slow because of names is explained by the names.
    @Test func aSlowPage_isExplainedByItsSlowLookUps() {
        let phases = Phases(resolve: .milliseconds(700), connect: .milliseconds(1), firstByte: .milliseconds(2))
        let page = record(
            "page", kind: "http", target: .host(.name(name("db.prod"))),
            expect: Expectation(latency: [LatencyLimit(.p95, .milliseconds(300))]),
            (0..<4).map { _ in
                sample(
                    latency: .milliseconds(703), phases: phases,
                    [dnsFact(resolverA, "db.prod.", elapsed: .milliseconds(700), found)])
            })
        #expect(judge(page).ids == ["dns-slow"])
    }
}

extension DNSSlowTests {
    /// The plan's limit may be less than the round trip.
    @Test func aLimitBelowTheRoundTrip_isNotTheServersFault() throws {
        let far = tcp("far", to: Endpoint(resolverA.address, 443), .connected, elapsed: .milliseconds(80))
        let finding = try #require(
            judge(lookups([82, 81, 83, 82], limit: 50), far).findings.first { $0.id == "dns-slow" })
        #expect(finding.cause.contains("The way to the server") && finding.confidence == .likely)
    }

    @Test func anUnknownPath_isNotRuledOut() throws {
        let finding = try #require(judge(lookups([700, 690, 720])).findings.first)
        #expect(finding.cause.contains("or the way to it is long"))
    }
}

@Suite struct DNSTruncationTests {
    /// A server that takes 800 ms of a second leaves TCP too little: nothing is known of a filter.
    @Test(arguments: [DNSFact.Outcome.timedOut, .connected])
    func aLateAnswer_leavesTCPNoTime(_ outcome: DNSFact.Outcome) throws {
        let late = dnsFact(
            resolverA, "db.prod.", step: .again, elapsed: .milliseconds(800), answer(.noError, isTruncated: true))
        let judgement = judge(unanswered([late, overTCP(outcome, elapsed: .milliseconds(200))]))
        let finding = try #require(judgement.findings.first)
        #expect(finding.confidence == .possible && finding.cause.contains("too little time"))
        #expect(!finding.evidence.contains { $0.contains("answered after") })
    }

    private let cut = dnsFact(answer(.noError, isTruncated: true))
    private func overTCP(_ outcome: DNSFact.Outcome, elapsed: Duration = .seconds(1)) -> Fact {
        dnsFact(resolverA, "db.prod.", transport: .tcp, step: .truncated, elapsed: elapsed, outcome)
    }
    private func unanswered(_ facts: [Fact]) -> CheckRecord {
        record("name", kind: "dns", target: .name(name("db.prod")), [sample(.failed(.query), facts)])
    }

    @Test(
        arguments: [
            (DNSFact.Outcome.timedOut, "drops TCP", Finding.Confidence.certain),
            (.failed(failure("ECONNREFUSED", 111)), "does not listen on TCP", .certain),
            (.failed(failure("EHOSTUNREACH", 113, icmp: icmp(3, 13))), "forbids TCP", .certain),
            (.failed(failure("ECONNRESET", 104)), "resets DNS over TCP", .likely),
            (.connected, "TCP side hangs", .likely),
        ])
    func cutAnswer_withoutTCP_isBlocked(outcome: DNSFact.Outcome, cause: String, confidence: Finding.Confidence) throws
    {
        let judgement = judge(unanswered([cut, overTCP(outcome)]))
        #expect(judgement.ids == ["dns-truncation-tcp-blocked"])
        let finding = try #require(judgement.findings.first)
        #expect(finding.severity == .error && finding.confidence == confidence && finding.cause.contains(cause))
    }

    @Test func cutAnswer_thatTCPBrings_isFine() {
        let found = answer(.noError, addresses: [target.address])
        #expect(judge(dns([cut, overTCP(found)])).verdict == .healthy)
    }

    @Test func oneTryThatTCPBrought_meansNotBlocked() {
        let found = answer(.noError, addresses: [target.address])
        let judgement = judge(unanswered([cut, overTCP(.timedOut)]), dns("other", "db.prod", [cut, overTCP(found)]))
        #expect(judgement.ids == ["expectation-unmet"])
    }

    @Test func garbageOverTCP_isNoFilter() {
        let judgement = judge(unanswered([cut, overTCP(.malformed(reason: "the server closed", bytes: []))]))
        #expect(judgement.ids == ["expectation-unmet"])
    }

    @Test func anotherServerThatAnswers_makesItAWarning() {
        let found = dnsFact(resolverB, answer(.noError, addresses: [target.address]))
        let judgement = judge(dns([cut, overTCP(.timedOut), found]))
        #expect(judgement.ids == ["dns-truncation-tcp-blocked"] && judgement.verdict == .degraded)
    }

    @Test func twoServersThatBothCut_areNoHelpToEachOther() {
        let both = [resolverA, resolverB].flatMap { server in
            [
                dnsFact(server, answer(.noError, isTruncated: true)),
                dnsFact(server, "db.prod.", transport: .tcp, step: .truncated, elapsed: .seconds(1), .timedOut),
            ]
        }
        let judgement = judge(unanswered(both))
        #expect(judgement.ids == ["dns-truncation-tcp-blocked"] && judgement.findings[0].severity == .error)
    }

    /// What the name has is not known while the answer about it cannot be fetched.
    @Test func anEmptyAnswerBesideACutOne_isNoMissingRecord() {
        let six = dnsFact(resolverA, "db.prod.", type: .aaaa, answer(.noError))
        let facts = [cut, overTCP(.timedOut), six]
        let port = record(
            "db", target: .hostPort(HostPort(host: .name(name("db.prod")), port: 80)),
            [sample(.failed(.resolve), facts)])
        #expect(judge(port).ids == ["dns-truncation-tcp-blocked"])
    }

    @Test func silenceOverBoth_isAnUnreachableServer() {
        let silence = [
            dnsFact(.timedOut), dnsFact(step: .again, .timedOut), dnsFact(transport: .tcp, step: .contrast, .timedOut),
        ]
        #expect(judge(unanswered(silence)).ids == ["dns-server-unreachable"])
    }

    @Test func smallAnswersOfTheSameServer_areEvidence() {
        let small = dns(
            "small", "other.prod", [dnsFact(resolverA, "other.prod.", answer(.noError, addresses: [target.address]))])
        let finding = judge(unanswered([cut, overTCP(.timedOut)]), small).findings.first
        #expect(finding?.id == "dns-truncation-tcp-blocked" && finding?.checks == ["name"])
        #expect(finding?.evidence.last?.contains("smaller answers") == true)
    }
}

@Suite struct NameMergingTests {
    private func failing(_ check: String, at servers: [Endpoint], _ rcode: DNSRcode = .servFail) -> CheckRecord {
        dns(check, "\(check).prod", servers.map { dnsFact($0, "\(check).prod.", answer(rcode)) })
    }
    private let resolverC = Endpoint(.v4(IPv4Address(bits: 0xc612_0237)), 53)

    @Test(arguments: [DNSRcode.servFail, .refused])
    func checksThatShareAServerAtFault_areOneFinding(rcode: DNSRcode) throws {
        let judgement = judge(
            failing("a", at: [resolverA], rcode), failing("c", at: [resolverC], rcode),
            failing("ac", at: [resolverC, resolverA], rcode), failing("b", at: [resolverB], rcode))
        #expect(judgement.findings.map(\.checks) == [["a", "c", "ac"], ["b"]])
        #expect(judgement.findings[0].subject == "\(resolverA) and \(resolverC)")
    }

    @Test func aWildcardsForm_isNotBelieved() throws {
        func form(_ address: IPAddress) -> [Fact] {
            [
                dnsFact(answer(.nxDomain)),
                dnsFact(resolverA, "db.prod.lab.", step: .contrast, answer(.noError, addresses: [target.address])),
                dnsFact(resolverA, "leadsman-x.prod.lab.", step: .wildcard, answer(.noError, addresses: [address])),
            ]
        }
        let same = judge(dns(form(target.address)))
        #expect(same.ids == ["dns-name-not-found"])
        #expect(same.findings[0].evidence.contains { $0.contains("a wildcard") })
        #expect(judge(dns(form(router))).ids == ["dns-nxdomain-search-path"], "a record of its own beside a wildcard")
    }

    @Test func recordsOfOtherNames_areNoMissingRecord() {
        let foreign = DNSFact.Outcome.answered(
            DNSMessage(
                id: 1, isResponse: true,
                answers: [DNSRecord(name: "evil.test.", type: .a, ttl: 30, data: .address(target.address))]))
        let fact = Fact.dns(
            DNSFact(
                server: resolverA, transport: .udp, step: .query, name: name("db.prod."), type: .a,
                elapsed: .milliseconds(1), outcome: foreign))
        let demand = Comparison(key: "answer", expected: "an answer", seen: "none", isMet: false, isDeclared: false)
        let check = record(
            "name", kind: "dns", target: .name(name("db.prod")), [sample(.answered, [fact], comparisons: [demand])])
        let judgement = judge(check)
        #expect(judgement.ids == ["expectation-unmet"])
        #expect(judgement.findings[0].evidence.contains { $0.contains("of other names") })
    }
}
