import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

private let inside = IPAddress.v4(IPv4Address(bits: 0x0a00_0007))  // 10.0.0.7
private let outside = IPAddress.v4(IPv4Address(bits: 0xcb00_7109))  // 203.0.113.9
private let elsewhere = IPAddress.v4(IPv4Address(bits: 0xcb00_714d))

private func has(
    _ server: Endpoint, _ addresses: IPAddress..., of question: String = "db.prod.", step: DNSFact.Step = .query
) -> Fact {
    dnsFact(server, question, step: step, answer(.noError, addresses: addresses))
}

private func lacks(_ server: Endpoint, _ question: String = "db.prod.", step: DNSFact.Step = .query) -> Fact {
    dnsFact(server, question, step: step, answer(.nxDomain))
}

/// A denial with its SOA record, whose TTL falls from the minimum of 30 s in a cache.
private func denial(_ server: Endpoint, left: UInt32, isAuthoritative: Bool = false) -> Fact {
    let soa = DNSRecord(
        name: "prod.", type: .soa, ttl: left,
        data: .soa(primary: "ns.prod.", mailbox: "root.prod.", serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 30))
    let message = DNSMessage(
        id: 1, isResponse: true, isAuthoritative: isAuthoritative, recursionAvailable: true, rcode: .nxDomain,
        authority: [soa])
    return dnsFact(server, "db.prod.", .answered(message))
}

private func connect(_ address: IPAddress, _ outcome: ConnectFact.Outcome) -> Fact {
    .connect(
        ConnectFact(
            endpoint: Endpoint(address, 80), source: ownAddress, elapsed: .seconds(3), outcome: outcome,
            tcp: TCPFacts(rtt: nil, mss: 1460, pathMTU: 1500, retransmits: outcome == .connected ? 0 : 2)))
}

@Suite struct InconsistentUpstreamsTests {
    @Test func aServerThatKnowsANameNowAndThen_isInconsistent() throws {
        let repeats = [
            lacks(resolverA, step: .repeated), has(resolverA, inside, step: .repeated),
            lacks(resolverA, step: .repeated),
        ]
        let judgement = judge(dns([lacks(resolverA)] + repeats))
        #expect(judgement.ids == ["dns-forward-inconsistent-upstreams"])
        #expect(judgement.findings.first?.confidence == .certain)
        #expect(judgement.verdict == .failing)
    }

    @Test func aNameThatIsAlwaysMissing_isMissing() {
        let repeats = Array(repeating: lacks(resolverA, step: .repeated), count: 6)
        #expect(judge(dns([lacks(resolverA)] + repeats)).ids == ["dns-name-not-found"])
    }

    @Test func rotatingAddresses_areNoDisagreement() {
        #expect(judge(dns([has(resolverA, outside), has(resolverA, elsewhere), has(resolverA, outside)])).ids.isEmpty)
    }

    @Test func privateAndPublicInTurn_isInconsistent() {
        let turns = [has(resolverA, inside), has(resolverA, outside), has(resolverA, inside)]
        #expect(judge(dns(turns)).ids == ["dns-forward-inconsistent-upstreams"])
    }

    @Test func serversThatEachHoldAnotherZone_areInconsistent() {
        let judgement = judge(
            dns("one", "a.prod", [has(resolverA, inside, of: "a.prod."), lacks(resolverB, "a.prod.")]),
            dns("two", "b.prod", [lacks(resolverA, "b.prod."), has(resolverB, inside, of: "b.prod.")]))
        #expect(judgement.ids == ["dns-forward-inconsistent-upstreams"])
        #expect(judgement.findings.first?.checks.count == 2)
    }

    @Test func aNameThatThePlanWantsMissing_isNoDispute() {
        let facts = [lacks(resolverA), has(resolverB, outside)]
        let wanted = record(
            "name", kind: "dns", target: .name(name("db.prod")),
            expect: Expectation(isDeclared: true, parameters: Parameters(["rcode": .text("NXDOMAIN")])),
            [sample(.answered, facts)]
        )
        #expect(judge(wanted).ids.isEmpty)
    }
}

@Suite struct SplitHorizonTests {
    @Test func privateHereAndPublicThere_isASplitHorizon() {
        let judgement = judge(dns([has(resolverA, inside), has(resolverB, outside)]))
        #expect(judgement.ids == ["split-horizon-mismatch"])
        #expect(judgement.verdict == .degraded)
    }

    @Test func aPrivateZoneOfOneServer_isASplitHorizon_andAnErrorWhereAProgramFails() {
        #expect(judge(dns([has(resolverA, inside), lacks(resolverB)])).verdict == .degraded)
        let record = record(
            "port", target: .hostPort(HostPort(host: .name(name("db.prod")), port: 80)),
            [sample(.failed(.resolve), [lacks(resolverA)])])
        let judgement = judge(dns([lacks(resolverA), has(resolverB, inside)]), record)
        #expect(judgement.ids == ["split-horizon-mismatch"])
        #expect(judgement.verdict == .failing)
    }

    @Test func twoPublicAnswers_areAContentNetwork() {
        #expect(judge(dns([has(resolverA, outside), has(resolverB, elsewhere)])).ids.isEmpty)
    }

    @Test func anUnreachableAnswer_makesItAnError() {
        let facts = [
            has(resolverA, outside), has(resolverB, inside), connect(outside, .timedOut), connect(inside, .connected),
        ]
        let judgement = judge(dns(facts))
        #expect(judgement.ids == ["split-horizon-mismatch"])
        #expect(judgement.findings.first?.severity == .error)
    }
}

@Suite struct StaleRecordTests {
    private let other = IPAddress.v4(IPv4Address(bits: 0x0a00_0008))

    @Test func anAddressThatIsDead_andThatAnotherServerLacks_isStale() {
        let facts = [
            has(resolverA, other), has(resolverB, inside), connect(other, .timedOut), connect(inside, .connected),
        ]
        #expect(judge(dns(facts)).ids == ["dns-stale-record"])
    }

    @Test func anAddressThatBothGive_isNotStale() {
        let facts = [
            has(resolverA, other, inside), has(resolverB, inside, other), connect(other, .timedOut),
            connect(inside, .connected),
        ]
        #expect(judge(dns(facts)).ids.isEmpty)
    }

    @Test func addressesThatAllWork_areNoOldRecord() {
        let facts = [
            has(resolverA, other), has(resolverB, inside), connect(other, .connected), connect(inside, .connected),
        ]
        #expect(judge(dns(facts)).ids.isEmpty)
    }

    @Test func subsetsThatRotate_areNoWitness() {
        let facts = [
            has(resolverA, other), has(resolverB, inside), has(resolverB, target.address), connect(other, .timedOut),
            connect(inside, .connected),
        ]
        #expect(judge(dns(facts)).ids.isEmpty)
    }

    @Test func aDenialFromACache_isToldAsSuch() {
        let judgement = judge(dns([denial(resolverA, left: 17), has(resolverB, outside)]))
        #expect(judgement.ids == ["dns-name-not-found"])
        #expect(judgement.findings.first?.summary.contains("from the cache") == true)
        #expect(
            judge(dns([denial(resolverA, left: 30, isAuthoritative: true), has(resolverB, outside)])).ids == [
                "dns-forward-inconsistent-upstreams"
            ])
    }
}

@Suite struct CaptiveNamesTests {
    private func random(_ zone: String, _ addresses: IPAddress...) -> Fact {
        addresses.isEmpty
            ? lacks(resolverA, "leadsman-x.\(zone).", step: .random)
            : dnsFact(resolverA, "leadsman-x.\(zone).", step: .random, answer(.noError, addresses: addresses))
    }

    @Test func oneAddressForNamesOfManyZones_isCaptive() {
        let facts = [
            has(resolverA, outside), random("com", outside), random("net", outside), random("org", outside),
            random("invalid"),
        ]
        #expect(judge(dns(facts)).ids == ["captive-answer"])
    }

    @Test func aWildcardOfOneZone_isNot() {
        let facts = [has(resolverA, inside), random("com", outside), random("net"), random("org"), random("invalid")]
        #expect(judge(dns(facts)).ids.isEmpty)
    }

    @Test func anotherAddressForEachZone_isNot() {
        let facts = [has(resolverA, inside), random("com", outside), random("net", elsewhere), random("org", inside)]
        #expect(judge(dns(facts)).ids.isEmpty)
    }

    @Test func whoAnswersEverything_isNoWitnessAgainstAnother() {
        let facts = [
            lacks(resolverB), has(resolverA, outside), random("com", outside), random("net", outside),
            random("org", outside),
        ]
        #expect(!judge(dns(facts)).ids.contains("dns-forward-inconsistent-upstreams"))
    }
}

@Suite struct CachingTests {
    private func series(_ ttls: [UInt32], every interval: Duration, isAuthoritative: Bool = false) -> CheckRecord {
        let samples = ttls.enumerated().map { index, ttl in
            let message = DNSMessage(
                id: 1, isResponse: true, isAuthoritative: isAuthoritative, recursionAvailable: true,
                answers: [DNSRecord(name: "db.prod.", type: .a, ttl: ttl, data: .address(outside))])
            return Sample(
                index: index, startedAt: interval * index, outcome: .answered, latency: .milliseconds(1),
                facts: [dnsFact(resolverA, "db.prod.", .answered(message))])
        }
        return record("name", kind: "dns", target: .name(name("db.prod")), samples)
    }

    @Test func aTTLThatNeverFalls_isANote() {
        let judgement = judge(series(Array(repeating: 30, count: 10), every: .milliseconds(300)))
        #expect(judgement.ids == ["caching-ineffective"])
        #expect(judgement.verdict == .healthy)
    }

    @Test func aTTLThatFalls_anAuthority_andTooShortALook_areNot() {
        #expect(judge(series([30, 30, 30, 29, 29, 29, 28, 28, 28, 27], every: .milliseconds(300))).ids.isEmpty)
        #expect(
            judge(series(Array(repeating: 30, count: 10), every: .milliseconds(300), isAuthoritative: true)).ids.isEmpty
        )
        #expect(judge(series(Array(repeating: 30, count: 10), every: .milliseconds(20))).ids.isEmpty)
        #expect(judge(series(Array(repeating: 30, count: 5), every: .seconds(1))).ids.isEmpty)
        #expect(judge(series(Array(repeating: 2, count: 10), every: .milliseconds(300))).ids.isEmpty)
    }
}

@Suite struct EDNSTroubleTests {
    private func fact(_ step: DNSFact.Step, size: UInt16?, _ outcome: DNSFact.Outcome, type: DNSType = .a) -> Fact {
        .dns(
            DNSFact(
                server: resolverA, transport: .udp, step: step, name: name("db.prod."), type: type,
                elapsed: outcome.isAnswer ? .milliseconds(3) : .seconds(1),
                outcome: outcome, offeredSize: size))
    }

    private let answered = DNSFact.Outcome.answered(
        DNSMessage(
            id: 1, isResponse: true, recursionAvailable: true,
            answers: [DNSRecord(name: "db.prod.", type: .a, ttl: 30, data: .address(target.address))]))

    @Test func questionsWithEDNSThatVanish_areNoDeadServer() throws {
        let facts = [
            fact(.query, size: 1232, .timedOut), fact(.again, size: 1232, .timedOut), fact(.plain, size: nil, answered),
        ]
        let judgement = judge(dns(facts))
        #expect(judgement.ids == ["dns-server-unreachable"])
        let finding = try #require(judgement.findings.first)
        #expect(finding.severity == .warning && finding.summary.contains("EDNS"))
    }

    @Test func fragmentsThatAreLost_areOfTheLargeSizeOnly() {
        let facts = [
            fact(.query, size: 4096, .timedOut), fact(.again, size: 4096, .timedOut),
            fact(.plain, size: 1232, answered),
        ]
        #expect(judge(dns(facts)).ids == ["dns-truncation-tcp-blocked"])
    }

    @Test func aLostDatagram_isNoTroubleWithEDNS() {
        let facts = [
            fact(.query, size: 1232, .timedOut), fact(.plain, size: nil, answered), fact(.again, size: 1232, answered),
        ]
        #expect(judge(dns(facts)).ids.isEmpty)
    }

    /// The answer to the plain question came no sooner than the others might have.
    @Test func aSlowServer_isNoTroubleWithEDNS() {
        let late = DNSFact(
            server: resolverA, transport: .udp, step: .plain, name: name("db.prod."), type: .a,
            elapsed: .milliseconds(900),
            outcome: answered)
        let facts = [fact(.query, size: 1232, .timedOut), fact(.again, size: 1232, .timedOut), .dns(late)]
        #expect(judge(dns(facts)).ids.isEmpty)
    }
}

extension DNSFact.Outcome {
    fileprivate var isAnswer: Bool { if case .answered = self { true } else { false } }
}
