import Diagnosis
import NetValues
import Observations
import Planning
import Testing

private let refused = ConnectFact.Outcome.failed(failure("ECONNREFUSED", 111))
private let noRoute = ConnectFact.Outcome.failed(failure("ENETUNREACH", 101))

/// One attempt at an address of shop.test, port 80.
private struct Try {
    let address: String
    let outcome: ConnectFact.Outcome
    var elapsed: Duration = .milliseconds(1)
    var retransmits = 0

    init(
        _ address: String, _ outcome: ConnectFact.Outcome, _ elapsed: Duration = .milliseconds(1), retransmits: Int = 0
    ) {
        self.address = address
        self.outcome = outcome
        self.elapsed = elapsed
        self.retransmits = retransmits
    }

    var fact: ConnectFact {
        ConnectFact(
            endpoint: Endpoint(IPAddress(address) ?? target.address, 80), source: nil, elapsed: elapsed,
            outcome: outcome,
            tcp: TCPFacts(rtt: nil, mss: 1460, pathMTU: 1500, retransmits: retransmits))
    }
}

/// A tcp check of shop.test that tries each address in each sample.
private func shop(
    _ tries: Try..., named name: String = "shop", samples: Int = 2, family: FamilyChoice = .any,
    also facts: [Fact] = [],
    comparisons: [Comparison] = []
) -> CheckRecord {
    let host = Host("shop.test") ?? .address(target.address)
    let connects = tries.map(\.fact)
    let resolution = Fact.resolution(
        ResolutionFact(
            host: host, source: .hostsFile, tried: [], outcome: .addresses(connects.map(\.endpoint.address)),
            elapsed: .zero))
    let isAccepted = connects.contains { $0.outcome == .connected }
    let one = sample(
        isAccepted ? .answered : .failed(.connect), latency: isAccepted ? .milliseconds(1) : nil,
        [resolution] + connects.map { .connect($0) } + facts, comparisons: comparisons)
    let check = Check(
        name: name, kind: "tcp", target: .hostPort(HostPort(host: host, port: 80)), samples: samples, family: family)
    return CheckRecord(
        check: check, samples: Array(repeating: one, count: samples), ending: .measured, startedAt: .zero)
}

@Suite struct AddressDeadTests {
    @Test func oneOfTwoAddresses_isDead() throws {
        let judgement = judge(shop(Try("198.18.2.2", .connected), Try("198.18.2.3", refused)))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["address-dead"])
        #expect(finding.summary.contains("198.18.2.3"))
        #expect(!finding.summary.contains("198.18.2.2,"))
        #expect(finding.evidence.contains("these work: 198.18.2.2"))
        #expect(judgement.status("shop") == .failed)
    }

    @Test func silence_countsAfterTwoSYNs() {
        let silent = Try("198.18.2.3", .timedOut, .seconds(1))
        #expect(judge(shop(Try("198.18.2.2", .connected), silent)).ids == ["address-dead"])
        #expect(judge(shop(Try("198.18.2.2", .connected), silent, samples: 1)).ids.isEmpty)
    }

    @Test func silenceOfAShortWait_provesNothing() {
        let silent = Try("198.18.2.3", .timedOut, .milliseconds(300))
        #expect(judge(shop(Try("198.18.2.2", .connected), silent)).ids.isEmpty)
    }

    /// A stream lets go of what passed, but not of what another family is compared with.
    @Test func families_areCompared_inAStream() {
        let judge = Judge(resolver: ResolverConfiguration(servers: [resolverA]), now: noon)
        let records = [
            shop(Try("198.18.2.2", .connected), named: "four", family: .v4),
            shop(Try("198.18.2.2", .connected), named: "again", family: .v4),
            shop(Try("fd00:18:2::2", .timedOut, .seconds(2), retransmits: 1), named: "six", family: .v6),
        ]
        var log = EvidenceLog(keeping: .whatJudgementNeeds, now: noon)
        for record in records { log.add(record, alone: judge.judge([record])) }
        #expect(log.records.map(\.check.name) == ["four", "six"])
        let whole = judge.judge(records)
        #expect(whole.ids.contains("ipv6-broken"))
        #expect(judge.judge(log, strain: VantageStrain()).ids == whole.ids)
    }

    /// The ping that `check` adds, to an address that is known as dead.
    @Test func thePingBelowAName_belongsToTheDeadAddress() {
        let echo = EchoFact(
            address: IPAddress("fd00:18:2::2") ?? target.address, sequence: 0, outcome: .lost, roundTrip: nil)
        let contrast = shop(Try("fd00:18:2::2", .timedOut, .seconds(2), retransmits: 1), Try("198.18.2.2", .connected))
        for (isAsked, ids) in [(false, ["ipv6-broken"]), (true, ["expectation-unmet", "ipv6-broken"])] {
            let ping = record(
                "ping", kind: "icmp", target: .host(Host("shop.test") ?? .address(target.address)), asked: isAsked,
                [sample(.failed(.echo), [.echo(echo)])])
            #expect(judge(contrast, ping).ids == ids)
            #expect(judge(contrast, ping).findings[0].evidence.allSatisfy { !$0.contains("0.00 ms") })
        }
    }

    @Test func anAddressThatWorksForAnotherCheck_isNotDead() {
        let judgement = judge(
            shop(Try("198.18.2.2", .connected), Try("198.18.2.3", refused)),
            shop(Try("198.18.2.3", .connected), named: "again"))
        #expect(judgement.ids.isEmpty)
    }

    @Test func whatTheOwnHostForbids_isNoDeadAddress() {
        let denied = Fact.datagram(
            DatagramFact(
                endpoint: Endpoint(IPAddress("198.18.2.3") ?? target.address, 80), elapsed: .zero,
                outcome: .failed(failure("EPERM", 1))))
        let judgement = judge(
            shop(
                Try("198.18.2.2", .connected), Try("198.18.2.3", .timedOut, .seconds(1), retransmits: 1), also: [denied]
            ))
        #expect(judgement.ids == ["local-egress-denied"])
        #expect(judgement.findings.map(\.severity) == [.warning])
    }

    @Test func aDeadAddress_hidesNothingOfTheLivingOne() {
        let unmet = Comparison(key: "banner", expected: "220", seen: "500", isMet: false, isDeclared: true)
        let judgement = judge(shop(Try("198.18.2.2", .connected), Try("198.18.2.3", refused), comparisons: [unmet]))
        #expect(judgement.ids == ["address-dead", "expectation-unmet"])
    }

    @Test func allAddressesDead_isTheFailureItself() {
        #expect(judge(shop(Try("198.18.2.2", refused), Try("198.18.2.3", refused))).ids == ["tcp-refused"])
    }
}

@Suite struct FamilyRulesTests {
    @Test(arguments: [("fd00:18:2::2", "198.18.2.2", "ipv6-broken"), ("198.18.2.2", "fd00:18:2::2", "ipv4-broken")])
    func aFamilyThatNeverConnects_isBroken(_ broken: String, _ working: String, _ id: String) {
        let judgement = judge(
            shop(Try(broken, .timedOut, .seconds(1), retransmits: 1), Try(working, .connected)))
        #expect(judgement.ids == [id])
        #expect(judgement.verdict == .degraded)
    }

    @Test func aListenerOfOneFamily_isToldApartFromABrokenPath() throws {
        let finding = try #require(
            judge(shop(Try("fd00:18:2::2", refused), Try("198.18.2.2", .connected))).findings.first)
        #expect(finding.id == "ipv6-broken")
        #expect(finding.cause.contains("nothing listens there"))
    }

    @Test func onlySomeAddressesOfTheFamily_isADeadAddress() {
        let judgement = judge(
            shop(Try("fd00:18:2::2", refused), Try("fd00:18:2::3", .connected), Try("198.18.2.2", .connected)))
        #expect(judgement.ids == ["address-dead"])
    }

    @Test func aHostWithoutIPv6_isNoFaultOfTheTarget() {
        let judgement = judge(shop(Try("fd00:18:2::2", noRoute), Try("198.18.2.2", .connected)))
        #expect(judgement.ids.isEmpty)
        #expect(judgement.status("shop") == .passed)
    }

    @Test func aHostWithoutIPv6_doesNotHideWhyIPv4Fails() {
        #expect(judge(shop(Try("fd00:18:2::2", noRoute), Try("198.18.2.2", refused))).ids == ["tcp-refused"])
        let silent = Try("198.18.2.2", .timedOut, .seconds(3), retransmits: 2)
        #expect(judge(shop(Try("fd00:18:2::2", noRoute), silent)).ids == ["tcp-filtered-drop"])
    }

    @Test func bothFamiliesDead_isTheFailureItself() {
        #expect(judge(shop(Try("fd00:18:2::2", refused), Try("198.18.2.2", refused))).ids == ["tcp-refused"])
    }

    @Test func bothDemanded_isAnError() {
        let judgement = judge(
            shop(Try("fd00:18:2::2", refused), Try("198.18.2.2", .connected), family: .both))
        #expect(judgement.findings.map(\.severity) == [.error])
    }

    @Test func aHeadStartLate_isBroken() throws {
        let judgement = judge(
            shop(Try("fd00:18:2::2", .connected, .milliseconds(300)), Try("198.18.2.2", .connected, .milliseconds(20))))
        #expect(judgement.ids == ["ipv6-broken"])
        #expect(try #require(judgement.findings.first).summary.contains("280 ms longer"))
    }

    /// A family is not broken by it; that SYNs are lost is told as that.
    @Test(arguments: [(Duration.milliseconds(240), 0, []), (.milliseconds(1020), 1, ["syn-retransmit-latency"])])
    func lessThanAHeadStart_orALostSYN_isNothing(_ elapsed: Duration, _ retransmits: Int, _ ids: [String]) {
        let judgement = judge(
            shop(
                Try("fd00:18:2::2", .connected, elapsed, retransmits: retransmits),
                Try("198.18.2.2", .connected, .milliseconds(20))))
        #expect(judgement.ids == ids)
    }
}
