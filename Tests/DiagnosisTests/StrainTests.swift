import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

/// What a run says when this process itself did not get to run (catalogue id vantage-throttled).
@Suite struct StrainTests {
    private func strain(
        _ stalls: [(Int64, Int64)], of duration: Duration = .seconds(4), busy: Duration = .zero
    ) -> VantageStrain {
        var strain = VantageStrain()
        strain.duration = duration
        strain.stalls = stalls.map { VantageStrain.Stall(from: .milliseconds($0.0), to: .milliseconds($0.1)) }
        strain.stalledTime = strain.stalls.reduce(.zero) { $0 + $1.span }
        strain.longestStall = strain.stalls.map(\.span).max() ?? .zero
        strain.busyTime = busy
        return strain
    }

    private func judge(_ records: CheckRecord..., strain: VantageStrain) -> Judgement {
        Judge(resolver: ResolverConfiguration(servers: [resolverA]), now: noon).judge(records, strain: strain)
    }

    private let silent = tcp("db", .timedOut, elapsed: .seconds(3), retransmits: 2)

    private func slow(_ elapsed: Duration, times: Int = 1) -> CheckRecord {
        var record = tcp("db", .connected, elapsed: elapsed, times: times)
        record.samples = record.samples.map { sample in
            var sample = sample
            sample.elapsed = elapsed
            return sample
        }
        let limit = Expectation(
            word: .reachable, isDeclared: true, latency: [LatencyLimit(.p95, .milliseconds(100))])
        return DiagnosisTests.record(record.check.name, target: hostPort(target), expect: limit, record.samples)
    }

    @Test func overlap_countsOnlyWhatLiesWithin() {
        let strain = strain([(100, 200), (300, 350), (900, 1000)])
        func overlap(_ start: Int64, _ end: Int64) -> [Duration] {
            let overlap = strain.overlap(from: .milliseconds(start), to: .milliseconds(end))
            return [overlap.total, overlap.longest]
        }
        #expect(overlap(150, 320) == [.milliseconds(70), .milliseconds(50)])
        #expect(overlap(200, 300) == [.zero, .zero])
        #expect(overlap(0, 5000) == [.milliseconds(250), .milliseconds(100)])
    }

    /// Of what came after the list was full nothing is known, so nothing is blamed on the network.
    @Test func latency_afterMoreStallsThanAreKept_isNotJudged() {
        var full = strain([(5000, 5010)])
        full.firstUnlisted = .milliseconds(-10)
        #expect(judge(slow(.milliseconds(300)), strain: full).ids == ["vantage-throttled"])
    }

    @Test func silence_throughManyShortStalls_isTheNetworks() {
        let stalls: [(Int64, Int64)] = (0..<30).map { ($0 * 100, $0 * 100 + 90) }
        #expect(Set(judge(silent, strain: strain(stalls)).ids) == ["tcp-filtered-drop", "vantage-throttled"])
    }

    @Test func silence_isTheNetworks_whenThisProcessRan() {
        #expect(judge(silent, strain: strain([(100, 400)])).ids == ["tcp-filtered-drop"])
    }

    @Test func silence_isUnmeasured_whenThisProcessStoodStill() {
        let judgement = judge(silent, strain: strain([(10, 2900)]))
        #expect(judgement.ids == ["vantage-throttled"])
        #expect(judgement.status("db") == .unmeasured)
        #expect(judgement.verdict == .inconclusive)
    }

    @Test func refusal_isBelieved_howeverLateItWasRead() {
        var refused = tcp("db", .failed(failure("ECONNREFUSED", 111)), elapsed: .milliseconds(90))
        refused.samples[0].elapsed = .milliseconds(90)
        #expect(judge(refused, strain: strain([(5, 90)])).ids == ["tcp-refused"])
    }

    @Test func latency_isTheNetworks_whenThisProcessRan() {
        #expect(judge(slow(.milliseconds(300)), strain: VantageStrain()).ids == ["latency-high-p95"])
    }

    @Test func latency_isNotJudged_whenThisProcessStoodStill() {
        let judgement = judge(slow(.milliseconds(300)), strain: strain([(5, 299)]))
        #expect(judgement.ids == ["vantage-throttled"])
        #expect(judgement.status("db") == .warned && judgement.verdict == .degraded)
    }

    @Test func latency_thatRemains_isJudgedWithLessConfidence() {
        var throttled = strain([(1000, 1080), (2000, 2080), (3000, 3080)])
        throttled.throttling = VantageStrain.Throttling(
            source: "/sys/fs/cgroup/cpu.stat", periods: 4, time: .milliseconds(320), processors: 0.1)
        let judgement = judge(slow(.milliseconds(300), times: 20), strain: throttled)
        #expect(Set(judgement.ids) == ["latency-high-p95", "vantage-throttled"])
        #expect(judgement.findings.first { $0.id == "latency-high-p95" }?.confidence == .likely)
        #expect(
            judge(slow(.milliseconds(300), times: 20), strain: VantageStrain()).findings.first?.confidence == .certain)
    }

    @Test func quota_isNamed_althoughNothingWasSpoilt() {
        var throttled = VantageStrain()
        throttled.duration = .seconds(1)
        throttled.throttling = VantageStrain.Throttling(
            source: "/sys/fs/cgroup/cpu.stat", periods: 5, time: .milliseconds(400), processors: 0.05)
        let judgement = judge(tcp("db", .connected), strain: throttled)
        #expect(judgement.ids == ["vantage-throttled"] && judgement.verdict == .degraded)
        #expect(judgement.status("db") == .passed)
        #expect(judgement.findings[0].summary.contains("CPU-throttled 5 times"))
    }

    @Test(arguments: [[(10, 15)], [(10, 60), (900, 950)], [(0, 190)]] as [[(Int64, Int64)]])
    func ordinaryStalls_sayNothing(_ stalls: [(Int64, Int64)]) {
        #expect(judge(tcp("db", .connected), strain: strain(stalls)).ids == [])
    }

    @Test func aBusyNeighbour_thatSpoiltNothing_isOnlyTold() {
        let judgement = judge(tcp("db", .connected), strain: strain([(1000, 1600)]))
        #expect(judgement.ids == ["vantage-throttled"] && judgement.verdict == .healthy)
    }

    @Test func oneLostPeriod_saysNothing() {
        var throttled = VantageStrain()
        throttled.duration = .seconds(10)
        throttled.throttling = VantageStrain.Throttling(
            source: "cpu.stat", periods: 1, time: .milliseconds(90), processors: 1)
        #expect(judge(tcp("db", .connected), strain: throttled).ids == [])
    }

    @Test("Who was stopped did not wait for a processor; who waited was not stopped", arguments: [true, false])
    func aStop_isNotCalledStarvation(_ isStopped: Bool) throws {
        var strain = strain([(100, 2900)])
        strain.processorWait = .milliseconds(isStopped ? 900 : 2600)
        let finding = try #require(judge(silent, strain: strain).findings.first { $0.id == "vantage-throttled" })
        #expect(finding.cause.contains("stopped or frozen") == isStopped)
        #expect(finding.cause.contains("Other processes") == !isStopped)
        #expect(finding.remedy.contains { $0.contains("SIGSTOP") } == isStopped)
    }

    @Test func ownWork_isNotCalledStarvation() {
        let busy = strain([(0, 3000)], busy: .seconds(2.9))
        #expect(judge(tcp("db", .connected), strain: busy).ids == [])
        let summary = judge(silent, strain: busy).findings.first?.summary
        #expect(summary?.contains("could not keep up with its own plan") == true)
    }

    @Test func fewDescriptors_areToldAndHurtNothing() {
        var short = VantageStrain()
        short.descriptors = VantageStrain.DescriptorShortage(limit: 64, inFlight: 10, wanted: 1024)
        let judgement = judge(tcp("db", .connected), strain: short)
        #expect(judgement.ids == ["vantage-throttled"] && judgement.verdict == .healthy)
        #expect(judgement.findings[0].severity == .info)
    }
}

@Suite struct EvidenceLogTests {
    private let judge = Judge(resolver: ResolverConfiguration(servers: [resolverA]), now: noon)

    private func log(_ keeping: EvidenceLog.Keeping, _ records: CheckRecord...) -> EvidenceLog {
        var log = EvidenceLog(keeping: keeping, now: noon)
        for record in records { log.add(record, alone: judge.judge([record])) }
        return log
    }

    private let open = tcp("open", .connected)
    private let silent = tcp(
        "silent", to: Endpoint(target.address, 81), .timedOut, elapsed: .seconds(3), retransmits: 2)

    @Test func stream_keepsOnlyWhatFailed() {
        let log = log(.whatJudgementNeeds, open, silent, tcp("again", .connected))
        #expect(log.records.map(\.check.name) == ["silent"] && log.letGo == 2)
    }

    @Test func report_keepsEveryCheck() {
        #expect(log(.everyCheck, open, silent).records.count == 2)
    }

    /// That the host lives is known from the check that was let go: the finding is the same as with all records.
    @Test func judgement_isTheSame_asWithAllRecords() throws {
        let streamed = judge.judge(log(.whatJudgementNeeds, open, silent), strain: VantageStrain())
        let whole = judge.judge([open, silent])
        #expect(streamed.ids == ["tcp-filtered-drop"])
        #expect(streamed.findings.map(\.confidence) == whole.findings.map(\.confidence))
        #expect(streamed.findings.map(\.summary) == whole.findings.map(\.summary))
        #expect(judge.judge([silent]).findings.map(\.summary) != whole.findings.map(\.summary))
    }

    @Test func allLetGo_isHealthy() {
        #expect(judge.judge(log(.whatJudgementNeeds, open), strain: VantageStrain()).verdict == .healthy)
    }

    @Test func checksCutShort_stay() {
        var stopped = open
        stopped.ending = .interrupted
        #expect(log(.whatJudgementNeeds, stopped).records.count == 1)
    }

    /// Each look-up alone proves nothing, all of them do.
    @Test func slowLookUps_ofSeveralChecks_areTheSame_asWithAllRecords() {
        let records = ["a", "b", "c", "d"].map { name in
            record(
                name, kind: "dns", target: .host(.name(DiagnosisTests.name("db.prod."))),
                [
                    sample(
                        .answered, latency: .milliseconds(700),
                        [
                            dnsFact(
                                resolverA, "db.prod.", elapsed: .milliseconds(700),
                                answer(.noError, addresses: [target.address]))
                        ])
                ])
        }
        var log = EvidenceLog(keeping: .whatJudgementNeeds, now: noon)
        for record in records { log.add(record, alone: judge.judge([record])) }
        #expect(judge.judge(records).ids == ["dns-slow"])
        #expect(judge.judge(log, strain: VantageStrain()).ids == ["dns-slow"])
    }

    /// One check that a server answered keeps the silence of others from being the server's.
    @Test func aServersAnswer_isKeptOnce() {
        func lookup(_ name: String, _ outcome: DNSFact.Outcome) -> CheckRecord {
            record(
                name, kind: "dns", target: .host(.name(DiagnosisTests.name("db.prod."))),
                [sample(.answered, latency: .milliseconds(2), [dnsFact(outcome)])])
        }
        let answered = answer(.noError, addresses: [target.address])
        let log = log(.whatJudgementNeeds, lookup("a", answered), lookup("b", answered), lookup("c", answered))
        #expect(log.records.map(\.check.name) == ["a"] && log.letGo == 2)
    }
}
