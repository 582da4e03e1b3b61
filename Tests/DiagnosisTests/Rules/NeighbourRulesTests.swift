import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

private let first = LinkAddress(bits: 0x0200_0000_000a)
private let second = LinkAddress(bits: 0x0200_0000_000b)

private func asked(
    _ claimants: LinkAddress..., cached: LinkAddress? = nil, _ reachability: NeighbourState.Reachability = .stale
) -> Fact {
    .neighbour(
        NeighbourFact(
            address: router, interface: "eth0", claimants: claimants,
            cached: cached.map {
                NeighbourState(address: router, interface: "eth0", hardwareAddress: $0, reachability: reachability)
            }, elapsed: .milliseconds(300)))
}

private func silent(_ fact: Fact) -> Judgement {
    judge(tcp(.timedOut, elapsed: .seconds(3), retransmits: 2, also: [fact]))
}

@Suite struct StaleNeighbourTests {
    @Test func anEntryOfBefore_isTold_andHidesTheDrop() throws {
        let judgement = silent(asked(second, cached: first))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["stale-arp-after-failover"])
        #expect(finding.severity == .error && finding.confidence == .likely)
        #expect(finding.summary.contains("to 02:00:00:00:00:0a, and 02:00:00:00:00:0b has that address"))
    }

    @Test func anEntryThatIsRight_isNoReason() {
        #expect(silent(asked(first, cached: first)).ids == ["tcp-filtered-drop"])
    }

    /// What the kernel does not use any more misleads nothing.
    @Test func anEntryThatHasFailed_isNoReason() {
        #expect(silent(asked(second, cached: first, .failed)).ids == ["tcp-filtered-drop"])
        #expect(silent(asked(second)).ids == ["tcp-filtered-drop"])
    }

    @Test func anEntryOfBefore_thatNothingFailsThrough_isNotTold() {
        #expect(judge(tcp(.connected, also: [asked(second, cached: first)])).ids.isEmpty)
    }
}

@Suite struct DoubleNeighbourTests {
    @Test func twoThatAnswer_areADoubtBesideASilence() throws {
        let judgement = silent(asked(first, second))
        #expect(judgement.ids == ["tcp-filtered-drop", "arp-duplicate-ip"])
        let finding = try #require(judgement.findings.last)
        #expect(finding.severity == .warning && finding.confidence == .possible)
        #expect(finding.cause.contains("two interfaces"))
    }

    @Test func twoThatAnswer_whereConnectionsWorkAtTimes_areTwoMachines() throws {
        let refused = Fact.connect(
            ConnectFact(
                endpoint: target, source: ownAddress, elapsed: .milliseconds(1),
                outcome: .failed(failure("ECONNREFUSED", 111)), tcp: nil))
        let accepted = Fact.connect(
            ConnectFact(
                endpoint: target, source: ownAddress, elapsed: .milliseconds(1), outcome: .connected, tcp: nil))
        let judgement = judge(
            record(
                "db", target: hostPort(target),
                [
                    sample(latency: .milliseconds(1), [accepted]),
                    sample(.failed(.connect), [refused, asked(first, second)]),
                ]))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["arp-duplicate-ip"])
        #expect(finding.severity == .critical && finding.confidence == .likely)
    }

    /// VRRP's own link address beside that of the router that holds it.
    @Test func aVirtualRouter_isNoSecondMachine() {
        #expect(silent(asked(LinkAddress(bits: 0x0000_5e00_0101), first)).ids == ["tcp-filtered-drop"])
    }

    @Test func nobodyWhoAnswers_makesAnUnresolvedNeighbourCertain() throws {
        let unresolved = ConnectFact.Outcome.failed(failure("EHOSTUNREACH", 113))
        let judgement = judge(tcp(unresolved, elapsed: .seconds(3), also: [asked()]))
        #expect(judgement.ids == ["next-hop-unresolved"])
        #expect(judgement.findings.first?.confidence == .certain)
    }
}

/// A filter of this host that rejects by ICMP, beside a neighbour that does not answer.
@Suite struct LocalRejectionTests {
    private func own(_ code: UInt8) -> ConnectFact.Outcome {
        let report = ICMPErrorReport(
            origin: .icmp, type: 3, code: code, offender: ownAddress.address, isFromOwnHost: true)
        return .failed(failure("EHOSTUNREACH", 113, icmp: report))
    }

    @Test(arguments: [UInt8(9), 10, 13])
    func whatThisHostProhibits_isALocalDenial(_ code: UInt8) {
        #expect(judge(tcp(own(code))).ids == ["local-egress-denied"])
    }

    @Test func aHostThatIsUnreachableAtOnce_whereItsNeighbourAnswers_isOneToo() {
        #expect(judge(tcp(own(1), also: [asked(first, cached: first)])).ids == ["local-egress-denied"])
        #expect(judge(tcp(own(1)), ping(lost: [], of: 3)).ids == ["local-egress-denied"])
    }

    /// Late, unanswered, or known as failed before.
    @Test func aHostThatTheKernelDoesNotFind_isNone() {
        #expect(judge(tcp(own(1))).ids == ["next-hop-unresolved"])
        #expect(judge(tcp(own(1), also: [asked()])).ids == ["next-hop-unresolved"])
        #expect(judge(tcp(own(1), also: [asked(first, cached: first, .failed)])).ids == ["next-hop-unresolved"])
        #expect(
            judge(tcp(own(1), elapsed: .seconds(3), also: [asked(first, cached: first)])).ids == [
                "next-hop-unresolved"
            ])
        #expect(
            judge(
                tcp("early", own(1), elapsed: .seconds(3)), tcp("late", own(1), also: [asked(first, cached: first)])
            ).ids == ["next-hop-unresolved"])
    }
}
