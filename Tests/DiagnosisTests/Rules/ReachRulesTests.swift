import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

@Suite struct TCPFilteredDropTests {
    @Test func silence_isADrop_whenTheHostIsUp() throws {
        let judgement = judge(
            tcp(.timedOut, elapsed: .seconds(3), retransmits: 2),
            tcp("web", to: Endpoint(target.address, 80), .connected))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["tcp-filtered-drop"])
        #expect(finding.confidence == .likely)
        #expect(finding.checks == ["db"])
        #expect(finding.cause.contains("the target's own") && finding.cause.contains("queue"))
        #expect(judgement.status("web") == .passed)
        #expect(judgement.verdict == .failing)
    }

    @Test func silence_isOnlyPossiblyADrop_whenNothingOfTheHostAnswers() throws {
        let finding = try #require(judge(tcp(.timedOut, elapsed: .seconds(3), retransmits: 2)).findings.first)
        #expect(finding.id == "tcp-filtered-drop")
        #expect(finding.confidence == .possible)
        #expect(finding.cause.contains("the way back"))
    }

    @Test func aSingleLostSYN_provesNothing() {
        #expect(judge(tcp(.timedOut, elapsed: .milliseconds(300))).ids == ["expectation-unmet"])
    }

    /// An echo that takes longer than the connection was waited for.
    @Test func aTimeOutBelowTheRoundTrip_showsNoDrop() throws {
        let echo = EchoFact(
            address: target.address, sequence: 0, outcome: .replied, roundTrip: .milliseconds(700))
        let far = record(
            "ping", kind: "icmp", target: .host(.address(target.address)),
            [sample(latency: .milliseconds(700), [.echo(echo)])])
        let finding = try #require(
            judge(tcp(.timedOut, elapsed: .milliseconds(600), retransmits: 1), far).findings.first)
        #expect(finding.id == "tcp-filtered-drop" && finding.confidence == .possible)
        #expect(finding.summary.contains("too short to tell"))
    }

    @Test func silenceNowAndThen_isNoDrop() {
        let judgement = judge(tcp(.timedOut, elapsed: .seconds(3), retransmits: 2), tcp("again", .connected))
        #expect(judgement.ids == ["expectation-unmet"])
    }

    @Test func silence_isALocalDenial_whenADatagramFailsWithEPERM() {
        let contrast = Fact.datagram(
            DatagramFact(endpoint: target, elapsed: .zero, outcome: .failed(failure("EPERM", 1))))
        #expect(
            judge(tcp(.timedOut, elapsed: .seconds(3), retransmits: 2, also: [contrast])).ids == ["local-egress-denied"]
        )
    }

    @Test func aPingThatIsSilentToo_belongsToTheDrop() {
        let judgement = judge(tcp(.timedOut, elapsed: .seconds(3), retransmits: 2), ping(lost: [0, 1, 2], of: 3))
        #expect(judgement.ids == ["tcp-filtered-drop"])
        #expect(judgement.status("ping") == .failed)
    }
}

@Suite struct TCPRefusedTests {
    @Test func aReset_isARefusal() {
        let judgement = judge(tcp(.failed(failure("ECONNREFUSED", 111))))
        #expect(judgement.ids == ["tcp-refused"])
        #expect(judgement.findings.first?.severity == .error)
    }

    /// A filter's reset is the same to a socket as the target's.
    @Test func aReset_isNeverCertainlyTheTargets() {
        let finding = judge(tcp(.failed(failure("ECONNREFUSED", 111)))).findings[0]
        #expect(finding.confidence == .likely)
        #expect(finding.cause.contains("a device on the way or on this host"))
    }

    @Test func anICMPError_isARejectionAndNoRefusal() {
        #expect(judge(tcp(.failed(failure("ECONNREFUSED", 111, icmp: icmp(3, 3))))).ids == ["tcp-rejected"])
        #expect(judge(tcp(.failed(failure("EHOSTUNREACH", 113, icmp: icmp(3, 13))))).ids == ["tcp-rejected"])
    }

    @Test func aRefusal_isWhatWasExpected_withExpectRefused() {
        #expect(judge(tcp(.failed(failure("ECONNREFUSED", 111)), expect: .refused)).verdict == .healthy)
    }

    @Test func aRefusal_onlyWarns_whereTheFlowShouldBeBlocked() {
        let judgement = judge(tcp(.failed(failure("ECONNREFUSED", 111)), expect: .blocked))
        #expect(judgement.ids == ["tcp-refused"])
        #expect(judgement.verdict == .degraded)
        #expect(judgement.status("db") == .warned)
    }

    @Test func manyChecksOfOneClosedPort_areOneFinding() {
        let judgement = judge((0..<50).map { tcp("check \($0)", .failed(failure("ECONNREFUSED", 111))) })
        #expect(judgement.ids == ["tcp-refused"])
        #expect(judgement.findings.first?.checks.count == 50)
    }

    @Test func severityOfTheCheck_replacesTheRules() {
        let judgement = judge(tcp(.failed(failure("ECONNREFUSED", 111)), severity: .warning))
        #expect(judgement.findings.map(\.severity) == [.warning])
        #expect(judgement.status("db") == .warned)
    }
}

@Suite struct BlockedExpectationTests {
    /// That a name server told the address is no passage.
    @Test(
        arguments: [
            (ConnectFact.Outcome.timedOut, Planning.Expectation.Word.blocked),
            (.failed(failure("ECONNREFUSED", 111)), .refused),
        ])
    func aNameFromDNS_changesNothing(_ outcome: ConnectFact.Outcome, _ word: Planning.Expectation.Word) {
        let host = Host.name(name("db.prod"))
        let resolution = ResolutionFact(
            host: host, source: .dns, tried: [], outcome: .addresses([target.address]), elapsed: .milliseconds(1))
        let connect = ConnectFact(
            endpoint: target, source: ownAddress, elapsed: .seconds(3), outcome: outcome, tcp: nil)
        let check = record(
            "db", target: .hostPort(HostPort(host: host, port: 5432)),
            expect: Expectation(word: word, isDeclared: true),
            [
                sample(
                    .failed(.connect),
                    [
                        dnsFact(answer(.noError, addresses: [target.address])), .resolution(resolution),
                        .connect(connect),
                    ])
            ])
        #expect(judge(check).verdict == .healthy)
        #expect(judge(check).ids.isEmpty)
    }

    /// A name server that must not answer, and does not.
    @Test func aSilentNameServer_meetsIt() {
        let check = record(
            "dns", kind: "dns", target: .name(name("db.prod")), expect: Expectation(word: .blocked, isDeclared: true),
            [sample(.failed(.query), [dnsFact(.timedOut), dnsFact(step: .again, .timedOut)])])
        #expect(judge(check).ids.isEmpty && judge(check).verdict == .healthy)
    }

    @Test(arguments: [(Planning.Expectation.Word.blocked, ["dns-server-port-closed"]), (.refused, [])])
    func aClosedNameServer_onlyWarns_whereTheFlowShouldBeBlocked(_ word: Planning.Expectation.Word, _ ids: [String])
        throws
    {
        let check = record(
            "dns", kind: "dns", target: .name(name("db.prod")), expect: Expectation(word: word, isDeclared: true),
            [sample(.failed(.query), [dnsFact(.failed(failure("ECONNREFUSED", 111)))])])
        #expect(judge(check).ids == ids)
        #expect(!judge(check).findings.contains { $0.summary.contains("Another server answers") })
    }

    @Test func silence_meetsIt() {
        #expect(judge(tcp(.timedOut, elapsed: .seconds(3), expect: .blocked)).verdict == .healthy)
    }

    @Test func anICMPRejection_meetsIt() {
        #expect(
            judge(tcp(.failed(failure("EHOSTUNREACH", 113, icmp: icmp(3, 13))), expect: .blocked)).verdict == .healthy)
    }

    @Test func aConnection_breaksIt() {
        let judgement = judge(tcp(.connected, expect: .blocked))
        #expect(judgement.ids == ["flow-not-blocked"])
        #expect(judgement.findings.first?.severity == .error)
    }

    @Test func anUnresolvedName_doesNotMeetIt() {
        let unresolved = record(
            "db", target: .hostPort(HostPort(host: .name(name("db.prod")), port: 5432)),
            expect: Expectation(word: .blocked, isDeclared: true),
            [sample(.failed(.resolve), [dnsFact(answer(.nxDomain))])])
        #expect(judge(unresolved).ids == ["dns-name-not-found"])
    }
}

@Suite struct RouteRulesTests {
    @Test func networkUnreachableAtOnce_isNoLocalRoute() {
        #expect(judge(tcp(.failed(failure("ENETUNREACH", 101)), elapsed: .zero)).ids == ["no-route-local"])
    }

    @Test func aRouteThatGoesAway_isOurOwnChange() {
        let (up, down) = (tcp(.connected), tcp(.failed(failure("ENETUNREACH", 101)), elapsed: .zero))
        let judgement = judge(record("db", target: hostPort(target), up.samples + down.samples + down.samples))
        #expect(judgement.ids == ["no-route-local"])
        #expect(judgement.findings[0].summary.hasPrefix("For part of the run this host had no IPv4 route"))
    }

    @Test func aRouteThatGoesAway_isTold_whereSomeEchoesCameBack() {
        let samples = (0..<10).map { number -> Sample in
            let outcome: EchoFact.Outcome = number < 5 ? .replied : .failed(failure("ENETUNREACH", 101))
            let fact = EchoFact(
                address: target.address, sequence: number, outcome: outcome,
                roundTrip: number < 5 ? .milliseconds(1) : nil)
            return sample(number < 5 ? .answered : .failed(.echo), [.echo(fact)])
        }
        let judgement = judge(
            record("ping", kind: "icmp", target: .host(.address(target.address)), samples))
        #expect(judgement.ids == ["no-route-local"])
        #expect(judgement.status("ping") == .failed)
    }

    @Test func aRouterWithoutARoute_isNamed() {
        let judgement = judge(tcp(.failed(failure("EHOSTUNREACH", 113, icmp: icmp(3, 1)))))
        #expect(judgement.ids == ["route-unreachable-remote"])
        #expect(judgement.findings[0].summary.contains("198.18.1.1"))
    }

    @Test func aSilentNeighbour_isTheOwnKernelsWordAfterThreeSeconds() {
        let own = icmp(3, 1, from: ownAddress.address)
        #expect(
            judge(tcp(.failed(failure("EHOSTUNREACH", 113, icmp: own)), elapsed: .seconds(3))).ids == [
                "next-hop-unresolved"
            ])
    }

    @Test func aProhibitingRoute_isALocalDenial() {
        #expect(judge(tcp(.failed(failure("EACCES", 13)), elapsed: .zero)).ids == ["local-egress-denied"])
    }

    @Test func oneDeadFamily_isNoMissingRoute_whenTheOtherWorks() {
        let v6 = Endpoint(.v6(IPv6Address(high: 0xfd00_0018_0002_0000, low: 2)), 5432)
        let facts = [
            Fact.connect(
                ConnectFact(
                    endpoint: v6, source: nil, elapsed: .zero, outcome: .failed(failure("ENETUNREACH", 101)), tcp: nil))
        ]
        #expect(judge(tcp(.connected, also: facts)).verdict == .healthy)
    }
}

@Suite struct ICMPFilteredTests {
    @Test func silentPing_isANote_whenTCPWorks() {
        let judgement = judge(ping(lost: [0, 1, 2], of: 3), tcp(.connected))
        #expect(judgement.ids == ["icmp-filtered-tcp-ok"])
        #expect(judgement.verdict == .healthy)
        #expect(judgement.status("ping") == .warned)
    }

    @Test func silentPing_alone_decidesNothing() {
        #expect(judge(ping(lost: [0, 1, 2], of: 3)).ids == ["expectation-unmet"])
    }
}

@Suite struct DecisiveFlowTests {
    private let resolved = dnsFact(answer(.noError, addresses: [target.address]))
    private let deadServer = dnsFact(resolverB, .failed(failure("EHOSTUNREACH", 113, icmp: icmp(3, 1))))

    @Test func aNameThatResolves_doesNotHideAMissingRoute() {
        let record = tcp(.failed(failure("ENETUNREACH", 101)), elapsed: .zero, also: [resolved])
        #expect(judge(record).ids == ["no-route-local"])
    }

    @Test func anUnreachableNameServer_isNotWhatRefused() {
        let record = tcp(.failed(failure("ECONNREFUSED", 111)), also: [deadServer, resolved])
        #expect(judge(record).ids == ["tcp-refused"])
    }
}

@Suite struct OwnKernelsWordTests {
    /// Of an echo the own address is not in the facts: the report itself says that the own kernel made it.
    @Test func hostUnreachable_fromTheOwnKernel_isTheNextHop_forEcho() {
        let own = ICMPErrorReport(
            origin: .icmp, type: 3, code: 1, offender: ownAddress.address, isFromOwnHost: true)
        let echo = Fact.echo(
            EchoFact(
                address: target.address, sequence: 0, outcome: .failed(failure("EHOSTUNREACH", 113, icmp: own)),
                roundTrip: nil))
        let ping = record(
            "ping", kind: "icmp", target: .host(.address(target.address)), [sample(.failed(.echo), [echo])])
        #expect(judge(ping).ids == ["next-hop-unresolved"])
    }

    @Test func noAddressToSendFrom_isNoRoute_forIPv6() throws {
        let address = try #require(IPAddress("fd00:18:2::2"))
        let fact = Fact.connect(
            ConnectFact(
                endpoint: Endpoint(address, 80), source: nil, elapsed: .zero,
                outcome: .failed(failure("EADDRNOTAVAIL", 99)), tcp: nil))
        let check = record("web", target: hostPort(Endpoint(address, 80)), [sample(.failed(.connect), [fact])])
        #expect(judge(check).ids == ["no-route-local"])
    }
}
