import Diagnosis
import NetValues
import Observations
import Planning
import Testing

private typealias Outcome = SoundingFact.Hop.Outcome

private let secondRouter = IPAddress.v4(IPv4Address(bits: 0xc612_0201))  // 198.18.2.1

private func sounding(
    by carrier: SoundingFact.Carrier = .tcp, to endpoint: Endpoint = target, _ outcomes: [Outcome],
    reset: Int? = nil, control: (limit: Int, outcome: Outcome)? = nil
) -> Fact {
    let hops = outcomes.enumerated().map { index, outcome in
        SoundingFact.Hop(
            limit: index + 1, outcome: outcome, roundTrip: outcome == .silent ? nil : .milliseconds(index + 1))
    }
    return .sounding(
        SoundingFact(
            endpoint: carrier == .udp ? Endpoint(endpoint.address, 33434) : endpoint, carrier: carrier, hops: hops,
            elapsed: .milliseconds(30), resetHopLimit: reset,
            control: control.map { SoundingFact.Hop(limit: $0.limit, outcome: $0.outcome, roundTrip: .milliseconds(1)) }
        ))
}

/// The target's own answer to a datagram.
private func closed(hopLimit: Int = 61) -> Outcome {
    .failed(
        failure(
            "ECONNREFUSED", 111,
            icmp: ICMPErrorReport(origin: .icmp, type: 3, code: 3, offender: target.address, hopLimit: hopLimit)))
}

private func silent(_ facts: Fact...) -> Judgement {
    judge(tcp(.timedOut, elapsed: .seconds(3), retransmits: 2, also: facts))
}

private func refused(_ facts: Fact...) -> Judgement {
    judge(tcp(.failed(failure("ECONNREFUSED", 111)), also: facts))
}

@Suite struct SoundedDropTests {
    @Test func silenceBehindARouter_whereDatagramsPass_isADropThere() throws {
        let judgement = silent(
            sounding([.expired(router), .silent, .silent], control: (2, .expired(secondRouter))),
            sounding(by: .udp, [.expired(router), .expired(secondRouter), closed()]))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["tcp-filtered-drop"])
        #expect(finding.confidence == .likely)
        #expect(finding.summary.contains("disappear after hop 1 (198.18.1.1)"))
        #expect(finding.cause.contains("before 198.18.2.1, the next router") && finding.cause.contains("3 hops away"))
        #expect(finding.evidence.contains { $0.contains("then nothing up to 3") })
    }

    /// A node gives the Service's address to whatever comes back through its translation.
    @Test func aRouterInTheTargetsName_isNotCalledTheTarget() throws {
        let finding = try #require(
            silent(
                sounding([.expired(target.address), .silent, .silent]),
                sounding(by: .udp, [.expired(target.address), .silent, .silent])
            ).findings.first)
        #expect(!finding.summary.contains("(\(target.address))"))
        #expect(finding.summary.contains("after hop 1, which answers in the target's own name"))
        #expect(finding.cause.contains("translated"))
        #expect(finding.evidence.contains { $0.contains("answer in the target's name") })
    }

    /// The router that stayed silent for SYNs would not have answered anything by then.
    @Test func aRouterThatRationsItsErrors_isNoPlace() throws {
        let finding = try #require(
            silent(
                sounding([.expired(router), .silent, .silent]),
                sounding(by: .udp, [.expired(router), .expired(secondRouter), closed()])
            ).findings.first)
        #expect(finding.id == "tcp-filtered-drop")
        #expect(finding.summary.contains("disappear without an answer"))
        #expect(finding.cause.contains("or the target's own"))
    }

    @Test func silenceBehindTheLastRouter_isItsOrTheTargets() throws {
        let finding = try #require(
            silent(
                sounding([.expired(router), .expired(secondRouter), .silent]),
                sounding(by: .udp, [.expired(router), .expired(secondRouter), closed()])
            ).findings.first)
        #expect(finding.summary.contains("after hop 2 (198.18.2.1)"))
        #expect(finding.cause.contains("the last router before the target, or the target's own"))
        #expect(finding.cause.contains("queue"))
    }

    @Test func silenceBeforeTheFirstRouter_mayBeOurOwn() throws {
        let finding = try #require(
            silent(
                sounding([.silent, .silent, .silent], control: (1, .expired(router))),
                sounding(by: .udp, [.expired(router), .expired(secondRouter), closed()])
            ).findings.first)
        #expect(finding.id == "tcp-filtered-drop")
        #expect(finding.summary.contains("before hop 1 (198.18.1.1)"))
        #expect(finding.cause.contains("this host itself"))
    }

    /// The target's own answer to a datagram proves nothing of SYNs that may be dropped right before it.
    @Test func routersThatNeverAnswer_showNoPlace() throws {
        let finding = try #require(
            silent(
                sounding([.silent, .silent, .silent], control: (3, closed())),
                sounding(by: .udp, [.silent, .silent, closed()])
            ).findings.first)
        #expect(finding.summary.contains("disappear without an answer"))
    }

    @Test func aHostOfWhichNothingIsHeard_staysADoubt() throws {
        let finding = try #require(
            silent(
                sounding([.expired(router), .silent, .silent]),
                sounding(by: .udp, [.expired(router), .silent, .silent])
            ).findings.first)
        #expect(finding.confidence == .possible)
        #expect(finding.summary.contains("after hop 1 (198.18.1.1), or the host is down"))
        #expect(finding.cause.contains("the last that answers"))
    }

    /// One of the SYNs with a small hop limit got through: connections do come about.
    @Test func anAnswerToASounding_isNoDrop() {
        #expect(!silent(sounding([.expired(router), .answered])).ids.contains("tcp-filtered-drop"))
    }
}

@Suite struct ResetMakerTests {
    @Test func aResetThatComesTooSoon_fromARouter_isADevice() throws {
        let judgement = refused(
            sounding([.expired(router), .reset, .reset], reset: 64),
            sounding(by: .udp, [.expired(router), .expired(secondRouter), closed(hopLimit: 62)]))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["tcp-rejected"])
        #expect(finding.confidence == .certain)
        #expect(finding.summary.contains("1 hop away (198.18.1.1)"))
        #expect(finding.evidence.contains { $0.contains("arrive with TTL 64, the target's own packets with 62") })
    }

    @Test func aResetOfTheLastRouter_isToldByItsHopLimit() throws {
        let judgement = refused(
            sounding([.expired(router), .reset], reset: 64),
            sounding(by: .udp, [.expired(router), closed(hopLimit: 63)]))
        #expect(judgement.ids == ["tcp-rejected"])
        #expect(judgement.findings.first?.confidence == .likely)
    }

    /// Echo replies show the target's distance where datagrams stay silent.
    @Test func aResetOfTheLastRouter_isToldByEchoesToo() throws {
        let echo = EchoFact(
            address: target.address, sequence: 0, outcome: .replied, roundTrip: .milliseconds(1), hopLimit: 63)
        let pinged = record(
            "ping", kind: "icmp", target: .host(.address(target.address)),
            [sample(latency: .milliseconds(1), [.echo(echo)])])
        let facts = [sounding([.expired(router), .reset], reset: 64)]
        #expect(judge(tcp(.failed(failure("ECONNREFUSED", 111)), also: facts), pinged).ids == ["tcp-rejected"])
        let genuine = [sounding([.expired(router), .reset], reset: 63)]
        #expect(judge(tcp(.failed(failure("ECONNREFUSED", 111)), also: genuine), pinged).ids == ["tcp-refused"])
    }

    @Test func aResetWithTheTargetsHopLimit_isTheTargets() throws {
        let judgement = refused(
            sounding([.expired(router), .reset], reset: 63),
            sounding(by: .udp, [.expired(router), closed(hopLimit: 63)]))
        #expect(judgement.ids == ["tcp-refused"])
        #expect(judgement.findings.first?.confidence == .certain)
    }

    /// A host, not a router, at that place: what translates addresses leads there.
    @Test func aResetFromANearerHost_isARefusalBehindATranslator() throws {
        let judgement = refused(
            sounding([.expired(router), .reset], reset: 63),
            sounding(by: .udp, [.expired(router), .expired(secondRouter), .expired(secondRouter), closed()]))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["tcp-refused"])
        #expect(finding.confidence == .likely)
        #expect(finding.cause.contains("a load balancer, translator or proxy"))
    }

    /// A sidecar's redirect, or the own output filter.
    @Test func aResetBeforeTheFirstRouter_isNoneOfTheTargets() throws {
        let finding = try #require(
            refused(
                sounding([.reset], reset: 64), sounding(by: .udp, [.expired(router), closed(hopLimit: 63)])
            ).findings.first)
        #expect(finding.id == "tcp-refused" && finding.confidence == .likely)
        #expect(finding.summary.contains("not by the machine that has the address"))
        #expect(finding.cause.contains("before the first router"))
    }

    @Test func aResetOfUnknownDistance_staysARefusal() throws {
        let finding = try #require(
            refused(sounding([.expired(router), .reset], reset: 64), sounding(by: .udp, [.expired(router), .silent]))
                .findings.first)
        #expect(finding.id == "tcp-refused" && finding.confidence == .likely)
        #expect(finding.cause.contains("looks the same from here"))
    }

    /// The target rations its errors: the answer before the one that was heard may have been its own.
    @Test func aSilenceBeforeTheTargetsAnswer_leavesItsDistanceOpen() throws {
        let finding = try #require(
            refused(
                sounding([.expired(router), .expired(secondRouter), .reset], reset: 62),
                sounding(by: .udp, [.expired(router), .expired(secondRouter), .silent, closed(hopLimit: 62)])
            ).findings.first)
        #expect(finding.id == "tcp-refused")
        #expect(finding.summary.contains("nothing listens there"))
    }

    /// Begun with 255 or 128: another stack, and no hop nearer.
    @Test func aResetThatBeganOtherwise_isNoDevice() {
        let judgement = refused(
            sounding([.expired(router), .reset], reset: 127),
            sounding(by: .udp, [.expired(router), closed(hopLimit: 63)]))
        #expect(judgement.ids == ["tcp-refused"])
    }

    /// The datagram of another flow may have a longer way; without a TTL that is not certain.
    @Test func aResetTooSoon_withoutItsHopLimit_isOnlyLikelyADevices() {
        let judgement = refused(
            sounding([.expired(router), .reset]),
            sounding(by: .udp, [.expired(router), .expired(secondRouter), closed()]))
        #expect(judgement.ids == ["tcp-rejected"])
        #expect(judgement.findings.first?.confidence == .likely)
    }
}

@Suite struct SoundedLoopTests {
    private let round: [Outcome] = (0..<4).flatMap { _ in [.expired(router), .expired(secondRouter)] }

    @Test func theSameRoutersAgainAndAgain_areACircle() throws {
        let expired = failure("EHOSTUNREACH", 113, icmp: icmp(11, 0, from: secondRouter))
        let judgement = judge(tcp(.failed(expired), also: [sounding(round)]))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["routing-loop"])
        #expect(finding.confidence == .certain)
        #expect(finding.summary.contains("at 198.18.1.1 and 198.18.2.1"))
    }

    @Test func aCircleOfWhichTheOrdinaryPacketHearsNothing_isOneToo() {
        #expect(silent(sounding(by: .udp, round)).ids == ["routing-loop"])
    }

    /// One of the two sends no time exceeded.
    @Test func aRouterThatComesAgainBehindASilence_isACircle() throws {
        let judgement = silent(
            sounding([.expired(router)] + (0..<3).flatMap { _ in [Outcome.silent, .expired(secondRouter)] }))
        #expect(judgement.ids == ["routing-loop"])
        let finding = try #require(judgement.findings.first)
        #expect(finding.confidence == .likely && finding.summary.contains("at 198.18.2.1"))
    }

    /// Two flows of different length, or a way that goes on.
    @Test(
        arguments: [
            [Outcome.expired(router), .expired(secondRouter), .expired(secondRouter), .silent],
            [.expired(secondRouter), .silent, .expired(secondRouter), .expired(router), .silent],
            // A translator puts its address on the errors of routers behind it, some of which stay silent.
            [.expired(router)] + Array(repeating: .expired(secondRouter), count: 6) + [.silent],
            [.expired(router), .expired(secondRouter), .silent, .expired(secondRouter), .silent],
        ])
    private func aRouterThatOthersFollow_isNoCircle(_ outcomes: [Outcome]) {
        #expect(silent(sounding(outcomes)).ids == ["tcp-filtered-drop"])
    }

    /// Two ways of different length: a router answers for two limits beside each other.
    @Test func aRouterOnTwoWays_isNoCircle() {
        let ways: [Outcome] = [
            .expired(router), .expired(secondRouter), .expired(router), .expired(secondRouter), .silent,
        ]
        #expect(silent(sounding(by: .udp, ways)).ids == ["tcp-filtered-drop"])
    }
}

@Suite struct SourceContrastTests {
    private let other = Endpoint(.v4(IPv4Address(bits: 0xc612_0103)), 40000)  // 198.18.1.3

    private func attempt(
        _ name: String, from source: Endpoint, _ outcome: ConnectFact.Outcome, isGiven: Bool = true
    ) -> CheckRecord {
        let fact = ConnectFact(
            endpoint: target, source: source, elapsed: .seconds(3), outcome: outcome,
            tcp: TCPFacts(rtt: nil, mss: 1460, pathMTU: 1500, retransmits: 2))
        let check = Check(
            name: name, kind: "tcp", target: hostPort(target), timeout: .seconds(5),
            source: isGiven ? source.address : nil)
        let result = sample(outcome == .connected ? .answered : .failed(.connect), [.connect(fact)])
        return CheckRecord(check: check, samples: [result], ending: .measured, startedAt: .zero)
    }

    @Test func whatWorksFromAnotherSource_isADropOfThisOne() throws {
        let judgement = judge(
            attempt("first", from: ownAddress, .connected), attempt("second", from: other, .timedOut))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["tcp-filtered-drop"])
        #expect(finding.summary.contains("from 198.18.1.2 it works, from 198.18.1.3 it does not"))
    }

    /// The same source works in another check: then it fails now and then.
    @Test func whatWorksFromTheSameSource_isNone() {
        let judgement = judge(
            attempt("first", from: other, .connected), attempt("second", from: other, .timedOut))
        #expect(judgement.ids == ["expectation-unmet"])
    }

    @Test func aSourceThatThePlanDoesNotName_isNone() {
        let judgement = judge(
            attempt("first", from: ownAddress, .connected), attempt("second", from: other, .timedOut, isGiven: false))
        #expect(judgement.ids == ["expectation-unmet"])
    }
}
