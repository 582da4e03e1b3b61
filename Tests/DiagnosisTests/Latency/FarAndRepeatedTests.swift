import NetValues
import Observations
import Planning
import Testing

@testable import Diagnosis

private let other = Endpoint(target.address, 81)

private func connect(
    to endpoint: Endpoint = target, _ elapsed: Duration, retransmits: Int = 0,
    _ outcome: ConnectFact.Outcome = .connected
) -> Fact {
    .connect(
        ConnectFact(
            endpoint: endpoint, source: ownAddress, elapsed: elapsed, outcome: outcome,
            tcp: TCPFacts(rtt: nil, mss: 1460, pathMTU: 1500, retransmits: retransmits)))
}

/// All begin at the same moment, unless they are apart.
private func tries(
    _ facts: [Fact], named name: String = "port", to endpoint: Endpoint = target, apart: Duration = .seconds(2),
    limits: [LatencyLimit] = []
) -> CheckRecord {
    let samples = facts.enumerated().map { index, fact in
        guard case .connect(let connect) = fact else { return sample(.answered, [fact]) }
        let isThrough = connect.outcome == .connected
        var sample = Sample(
            index: index, startedAt: apart * index, outcome: isThrough ? .answered : .failed(.connect),
            latency: isThrough ? connect.elapsed : nil, phases: Phases(connect: connect.elapsed), facts: [fact])
        sample.elapsed = connect.elapsed
        return sample
    }
    let check = Check(
        name: name, kind: "tcp", target: hostPort(endpoint), samples: samples.count, interval: apart,
        expectation: Expectation(isDeclared: !limits.isEmpty, latency: limits))
    return CheckRecord(check: check, samples: samples, ending: .measured, startedAt: .zero)
}

private func times(_ count: Int, _ fact: Fact) -> [Fact] { Array(repeating: fact, count: count) }

@Suite struct LatencyCrossCloudHighTests {
    @Test func theQuickest_decides() throws {
        let judgement = judge(tries(times(20, connect(.milliseconds(620))) + [connect(.milliseconds(520))]))
        #expect(judgement.ids == ["latency-cross-cloud-high"])
        #expect(judgement.findings[0].confidence == .certain)
        #expect(judgement.findings[0].summary.contains("520 ms"))
    }

    @Test func oneQuickOne_isAQueue_andNoDistance() {
        #expect(judge(tries(times(20, connect(.milliseconds(620))) + [connect(.milliseconds(20))])).ids == [])
    }

    @Test func aPlanThatKnows_isSilent_andOneThatDoesNot_isWarned() {
        let facts = times(5, connect(.milliseconds(620)))
        #expect(judge(tries(facts, limits: [LatencyLimit(.p95, .seconds(1))])).ids == [])
        let strict = judge(tries(facts, limits: [LatencyLimit(.p95, .milliseconds(100))]))
        #expect(strict.ids == ["latency-cross-cloud-high"])
    }

    @Test func aRepeatedSYN_isNoDistance() {
        #expect(judge(tries([connect(.milliseconds(1020), retransmits: 1)])).ids == [])
    }

    @Test func echoesAlone_areLikely() {
        let echoes = (0..<30).map { index in
            sample(
                .answered, latency: .milliseconds(600),
                [
                    .echo(
                        EchoFact(
                            address: target.address, sequence: index, outcome: .replied, roundTrip: .milliseconds(600)))
                ])
        }
        let judgement = judge(record("ping", kind: "icmp", target: .host(.address(target.address)), echoes))
        #expect(judgement.ids == ["latency-cross-cloud-high"] && judgement.findings[0].confidence == .likely)
    }

    @Test func itLastsForMinutes_isSaid() {
        let judgement = judge(tries(times(31, connect(.milliseconds(620))), apart: .seconds(10)))
        #expect(judgement.findings.first?.summary.contains("for 5 min") == true)
    }
}

@Suite struct RepeatedSYNsTests {
    private let quick = connect(.milliseconds(1))
    private let late = connect(.milliseconds(1003), retransmits: 1)

    @Test func twoOfTen_areAFinding() {
        let judgement = judge(tries(times(8, quick) + [late, late]))
        #expect(judgement.ids == ["syn-retransmit-latency"])
        #expect(judgement.findings[0].confidence == .likely)
        #expect(judgement.findings[0].summary.contains("2 of 10"))
    }

    @Test func oneOfMany_isOrdinary() {
        #expect(judge(tries(times(19, quick) + [late])).ids == [])
    }

    @Test func aLongWay_isNone() {
        #expect(judge(tries(times(10, connect(.milliseconds(450))))).ids == [])
    }

    @Test func whereEchoesAreLost_thatIsTheFinding() {
        let judgement = judge([tries(times(8, quick) + [late, late]), ping(lost: [3, 9, 20, 31, 40], of: 50)])
        #expect(judgement.ids == ["packet-loss"])
    }

    /// The answer to the first SYN came when the second was out: by the time stamps the way itself takes 1.3 s.
    @Test func aWayOfMoreThanASecond_losesNoSYN() {
        let slow = Fact.connect(
            ConnectFact(
                endpoint: target, source: ownAddress, elapsed: .milliseconds(1300), outcome: .connected,
                tcp: TCPFacts(rtt: .milliseconds(1300), mss: 1460, pathMTU: 1500, retransmits: 1)))
        #expect(judge(tries(times(5, slow))).ids == ["latency-cross-cloud-high"])
    }

    private func crowd(_ others: CheckRecord) -> Judgement {
        let clients = (0..<12).map { tries([$0 < 3 ? quick : late], named: "client \($0)") }
        return judge(clients + [others])
    }

    @Test func sideBySide_besideAPortThatLosesNone_maybeTheQueue() throws {
        let judgement = crowd(tries(times(6, connect(to: other, .milliseconds(1))), named: "other", to: other))
        #expect(judgement.ids == ["listen-backlog-overflow", "syn-retransmit-latency"])
        let queue = try #require(judgement.findings.first)
        #expect(queue.severity == .warning && queue.confidence == .possible)
        #expect(queue.evidence.contains { $0.contains("6 connections to port 81 of the same address lost nothing") })
    }

    @Test func besideAPortThatLosesThemToo_itIsTheWay() {
        let lossy =
            times(4, connect(to: other, .milliseconds(1)))
            + times(2, connect(to: other, .milliseconds(1003), retransmits: 1))
        #expect(crowd(tries(lossy, named: "other", to: other)).ids.allSatisfy { $0 == "syn-retransmit-latency" })
    }

    @Test func oneAfterTheOther_isNoLoad() {
        let judgement = judge(
            [
                tries(times(3, quick) + times(9, late)),
                tries(times(6, connect(to: other, .milliseconds(1))), named: "other", to: other),
            ])
        #expect(judgement.ids == ["syn-retransmit-latency"])
    }
}
