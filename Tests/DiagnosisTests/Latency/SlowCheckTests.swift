import NetValues
import Observations
import Planning
import Testing

@testable import Diagnosis

/// A page whose time goes where a test says, over a way of a known length.
private func page(
    _ name: String = "page", trip: Duration = .milliseconds(1), retransmits: Int = 0, phases: Phases,
    pace: StreamPace? = StreamPace(acknowledgedIn: .zero, retransmits: 0, outOfOrder: 0),
    limits: [LatencyLimit] = [LatencyLimit(.p95, .milliseconds(300))], times: Int = 20,
    interval: Duration = .seconds(1),
    quick: Int = 0
) -> CheckRecord {
    let endpoint = Endpoint(target.address, 80)
    func sample(_ phases: Phases, _ trip: Duration, _ index: Int) -> Sample {
        let connect = Fact.connect(
            ConnectFact(
                endpoint: endpoint, source: ownAddress, elapsed: trip, outcome: .connected,
                tcp: TCPFacts(rtt: nil, mss: 1460, pathMTU: 1500, retransmits: retransmits)))
        let response = HTTPResponse(
            version: "HTTP/1.1", status: 200, reason: "", headers: [], bodyBytes: 200_000, isBodyCut: false,
            bodyStart: [])
        let total = LatencyStage.allCases.compactMap { phases[$0] }.reduce(.zero, +)
        var facts = [connect]
        if let url = HTTPURL("http://198.18.2.2/") {
            facts.append(
                .http(
                    HTTPFact(
                        url: url, endpoint: endpoint, method: "GET", outcome: .responded(response),
                        firstByte: phases.firstByte, elapsed: (phases.firstByte ?? .zero) + (phases.transfer ?? .zero),
                        sentBytes: 80, pace: pace)))
        }
        var sample = Sample(
            index: index, startedAt: interval * index, outcome: .answered, latency: total, phases: phases, facts: facts)
        sample.elapsed = total
        return sample
    }
    let fast = Phases(connect: .milliseconds(1), firstByte: .milliseconds(2), transfer: .milliseconds(1))
    let samples =
        (0..<times).map { sample(phases, trip, $0) } + (0..<quick).map { sample(fast, .milliseconds(1), times + $0) }
    let url = HTTPURL("http://198.18.2.2/").map(Target.url) ?? .host(.address(target.address))
    let check = Check(
        name: name, kind: "http", target: url, samples: samples.count, interval: interval,
        expectation: Expectation(isDeclared: !limits.isEmpty, latency: limits))
    return CheckRecord(check: check, samples: samples, ending: .measured, startedAt: .zero)
}

private func ms(_ count: Int) -> Duration { .milliseconds(count) }

@Suite struct BlameTests {
    private func only(_ records: CheckRecord...) throws -> Finding {
        let judgement = judge(records)
        #expect(judgement.findings.count == 1, "\(judgement.ids)")
        return try #require(judgement.findings.first)
    }

    @Test func aLateFirstByte_ofARequestThatHadArrived_isTheServer() throws {
        let finding = try only(page(phases: Phases(connect: ms(1), firstByte: ms(800), transfer: ms(1))))
        #expect(finding.id == "server-slow" && finding.confidence == .certain)
        #expect(finding.summary.contains("the server itself takes 799 ms"))
        #expect(finding.evidence.contains { $0.contains("acknowledged the request at once") })
    }

    @Test func aLostRequest_isTheNetwork() throws {
        let pace = StreamPace(acknowledgedIn: ms(750), retransmits: 2, outOfOrder: 0)
        let finding = try only(page(phases: Phases(connect: ms(1), firstByte: ms(800)), pace: pace))
        #expect(finding.id == "latency-high-p95" && finding.cause.contains("not the server"))
    }

    @Test func aLongWay_isDistance_andNoServer() throws {
        let finding = try only(
            page(trip: ms(200), phases: Phases(connect: ms(200), firstByte: ms(205), transfer: ms(3))))
        #expect(finding.id == "latency-high-p95")
        #expect(finding.summary.contains("mostly in round trips (distance)"))
        #expect(finding.evidence.contains { $0.contains("a round trip alone takes 200 ms at best") })
    }

    @Test func aServerFarAway_isBoth_inOrder() throws {
        let finding = try only(page(trip: ms(200), phases: Phases(connect: ms(200), firstByte: ms(900))))
        #expect(finding.id == "server-slow")
        #expect(finding.summary.contains("takes 700 ms") && finding.summary.contains("(distance) take 400 ms"))
    }

    @Test func aTransfer_isTold_withItsRate() throws {
        let finding = try only(page(phases: Phases(connect: ms(1), firstByte: ms(2), transfer: ms(1000))))
        #expect(finding.id == "latency-high-p95" && finding.summary.contains("the transfer"))
        #expect(finding.evidence.contains { $0.contains("1.60 Mbit/s; nothing of it came out of order") })
    }

    /// The quickest is quick: the rest waits in a queue.
    @Test func aQueue_isNoDistance() throws {
        let finding = try only(
            page(trip: ms(300), phases: Phases(connect: ms(300), firstByte: ms(302)), quick: 3))
        #expect(finding.id == "latency-high-p95" && finding.cause.contains("no distance"))
        #expect(finding.remedy.first?.contains("leadsman throughput") == true)
    }

    @Test func aStageOfItsOwn_isJudged() throws {
        let limits = [LatencyLimit(.p95, .seconds(5)), LatencyLimit(.p95, ms(500), of: .firstByte)]
        let finding = try only(page(phases: Phases(connect: ms(400), firstByte: ms(800)), limits: limits))
        #expect(finding.id == "server-slow" && finding.evidence[0].hasPrefix("p95 of first byte 800 ms"))
        let kept = [LatencyLimit(.p95, .seconds(1), of: .firstByte), LatencyLimit(.max, ms(500), of: .connect)]
        #expect(judge(page(phases: Phases(connect: ms(400), firstByte: ms(800)), limits: kept)).ids == [])
    }

    @Test func whatElseIsReached_isCompared() throws {
        let near = tcp("near", to: Endpoint(.v4(IPv4Address(bits: 0xc612_0203)), 80), .connected)
        let finding = try only(page(trip: ms(200), phases: Phases(connect: ms(200), firstByte: ms(205))), near)
        #expect(finding.evidence.contains("meanwhile 198.18.2.3 was reached in 1.0 ms"))
    }
}

@Suite struct LatencyLimitTests {
    private let slow = Phases(connect: ms(1), firstByte: ms(800))
    private let window = LatencyLimit(.p95, ms(300), for: .seconds(300))

    @Test func aLimitWithAWindow_isBrokenOnlyForSoLong() throws {
        let long = try #require(judge(page(phases: slow, limits: [window], times: 301)).findings.first)
        #expect(long.confidence == .certain && long.evidence[0].contains("above it for 5 min"))
        // Twenty seconds of five minutes, though more than 5 % of all.
        #expect(judge(page(phases: slow, limits: [window], times: 20, quick: 300)).ids == [])
    }

    @Test func aShortRun_saysThatItIsOne() throws {
        let finding = try #require(judge(page(phases: slow, limits: [window], times: 20)).findings.first)
        #expect(finding.confidence == .likely)
        #expect(finding.evidence[0].contains("in this sample: whether it lasts for 5 min shows only"))
    }

    @Test func confidence_isOfTheInterval() {
        // p95 is the 95th of 100, slow; the lower end of its interval, the 90th, is not.
        let edge = page(phases: slow, times: 6, interval: .seconds(1), quick: 94)
        #expect(judge(edge).findings.map(\.confidence) == [.possible])
        #expect(judge(page(phases: slow, times: 20, quick: 80)).findings.map(\.confidence) == [.certain])
        #expect(judge(page(phases: slow, times: 5)).findings.map(\.confidence) == [.likely])
        #expect(judge(page(phases: slow, times: 1)).findings.map(\.confidence) == [.possible])
    }

    @Test func whatWeStoodStill_isTakenOff() {
        var strain = VantageStrain()
        strain.stalls = [VantageStrain.Stall(from: ms(10), to: ms(110))]
        strain.stalledTime = ms(100)
        strain.duration = .seconds(30)
        // 610 ms with 100 of ours within: at least 510.
        let limits = [LatencyLimit(.max, ms(550))]
        let record = page(phases: Phases(connect: ms(1), firstByte: ms(609)), limits: limits, times: 1, quick: 19)
        let judge = Judge(resolver: ResolverConfiguration(servers: []), now: noon)
        #expect(judge.judge([record], strain: strain).ids == [])
        #expect(judge.judge([record]).ids == ["server-slow"])
    }
}

@Suite struct MissedStartsTests {
    /// One sample of six seconds among sixty of ten milliseconds: a client each second would have waited 6, 5, 4, 3, 2 and 1 s.
    private func hung(interval: Duration, retransmits: Int = 0) -> CheckRecord {
        var start = Duration.zero
        let samples = (0..<60).map { index in
            let time = index == 30 ? Duration.seconds(6) : ms(10)
            let fact = Fact.connect(
                ConnectFact(
                    endpoint: target, source: ownAddress, elapsed: time, outcome: .connected,
                    tcp: TCPFacts(rtt: nil, mss: 1460, pathMTU: 1500, retransmits: index == 30 ? retransmits : 0)))
            var sample = Sample(
                index: index, startedAt: start, outcome: .answered, latency: time, phases: Phases(connect: time),
                facts: [fact])
            sample.elapsed = time
            start += max(interval, time)
            return sample
        }
        let check = Check(name: "port", kind: "tcp", target: hostPort(target), samples: 60, interval: interval)
        return CheckRecord(check: check, samples: samples, ending: .measured, startedAt: .zero)
    }

    @Test func starts_thatFellDueMeanwhile_areCounted() throws {
        let judgement = judge(hung(interval: .seconds(1)))
        let finding = try #require(judgement.findings.first { $0.id == "latency-high-p95" })
        #expect(finding.confidence == .possible)
        #expect(finding.evidence[0].contains("counted from when they fell due"))
        #expect(judgement.checks[0].sampling.missed == 5)
    }

    /// Its own SYN was lost: nobody else would have waited.
    @Test func aLossOfOnesOwn_isNoStandstill() {
        #expect(judge(hung(interval: .seconds(1), retransmits: 2)).ids == [])
    }

    @Test func aBurst_hasNoPace() {
        #expect(judge(hung(interval: ms(20))).ids == [])
    }
}
