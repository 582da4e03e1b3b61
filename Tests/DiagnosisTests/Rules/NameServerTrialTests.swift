import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

private func pairs(_ one: Int, _ two: Int, _ turn: Int, _ tcp: Int, both: Int = 0, of trials: Int = 200) -> CheckRecord
{
    let counts: [(DNSPairFact.Manner, Int)] = [(.samePort, one), (.twoPorts, two), (.sequential, turn), (.tcp, tcp)]
    let tallies = counts.map { manner, lost in
        DNSPairFact.Tally(
            manner: manner, trials: trials, oneLost: lost - (manner == .samePort ? both : 0),
            bothLost: manner == .samePort ? both : 0,
            median: .milliseconds(2))
    }
    let fact = Fact.pairs(DNSPairFact(server: resolverA, name: name("db.prod."), tallies: tallies))
    return dns([dnsFact(answer(.noError, addresses: [target.address])), fact])
}

@Suite struct PairContrastTests {
    @Test func lossesOfOnePortAlone_areTheRace() {
        let judgement = judge(pairs(12, 0, 0, 0))
        #expect(judgement.ids == ["dns-slow-5s-conntrack-race"])
        #expect(judgement.findings.first?.severity == .critical)
    }

    @Test func lossesInEveryManner_areOfDatagrams() {
        #expect(judge(pairs(22, 20, 19, 0)).ids == ["packet-loss"])
    }

    @Test func lossesOverTCPToo_areTheServers() {
        #expect(judge(pairs(22, 20, 19, 21)).ids == ["dns-slow"])
    }

    @Test(arguments: [(0, 0, 0, 0), (3, 0, 0, 0), (6, 3, 0, 0), (1, 1, 1, 1)])
    func smallCounts_claimNoRace(one: Int, two: Int, turn: Int, tcp: Int) {
        #expect(!judge(pairs(one, two, turn, tcp)).ids.contains("dns-slow-5s-conntrack-race"))
    }

    @Test func pairsOfWhichBothAreLost_areNoRace() {
        #expect(!judge(pairs(12, 0, 0, 0, both: 8)).ids.contains("dns-slow-5s-conntrack-race"))
    }

    @Test func aServerThatAnswersNothing_hasNoFindingOfTheTrial() {
        #expect(judge(pairs(20, 20, 20, 20, of: 20)).ids.isEmpty)
    }
}

private func rate(
    sent: Int, answered: Int, rcodes: [String: Int], p50: Duration = .milliseconds(1), ownDrops: Int = 0,
    plain: DNSRcode = .noError
) -> CheckRecord {
    let latency = DNSRateFact.Latency(min: p50, p50: p50, p90: p50, p95: p50, p99: p50, p999: p50, max: p50)
    let fact = DNSRateFact(
        server: resolverA, name: name("db.prod."), wantedRate: 1000, sent: sent, answered: answered, span: .seconds(2),
        rcodes: rcodes, latency: latency, lateStarts: 0, ownDrops: ownDrops)
    let question = dnsFact(answer(plain, addresses: plain == .noError ? [target.address] : []))
    return dns([question, .rate(fact)])
}

@Suite struct UnderLoadTests {
    @Test func aRateThatIsAnswered_isHealthy() {
        #expect(judge(rate(sent: 2000, answered: 1999, rcodes: ["NOERROR": 1999])).ids.isEmpty)
    }

    @Test func refusalsUnderLoad_areALimit_unlessTheQuestionAloneIsRefused() {
        let judgement = judge(rate(sent: 2000, answered: 2000, rcodes: ["NOERROR": 1500, "REFUSED": 500]))
        #expect(judgement.ids == ["dns-refused-by-policy"])
        #expect(judgement.verdict == .degraded)
        let alone = judge(rate(sent: 2000, answered: 2000, rcodes: ["REFUSED": 2000], plain: .refused))
        #expect(alone.ids == ["dns-refused-by-policy"])
        #expect(alone.findings.first?.summary.contains("under load") == false)
    }

    @Test func servfailUnderLoad_isTheUpstream() {
        #expect(
            judge(rate(sent: 2000, answered: 2000, rcodes: ["NOERROR": 1900, "SERVFAIL": 100])).ids == [
                "dns-servfail-upstream"
            ])
    }

    @Test func questionsLostUnderLoad_areTheServersOrTheWays_butNotOurOwn() {
        #expect(judge(rate(sent: 2000, answered: 1500, rcodes: ["NOERROR": 1500])).ids == ["dns-slow"])
        #expect(judge(rate(sent: 2000, answered: 1500, rcodes: ["NOERROR": 1500], ownDrops: 500)).ids.isEmpty)
    }

    @Test func aServerThatDoesNotKeepUp_isSlow() {
        #expect(
            judge(rate(sent: 2000, answered: 2000, rcodes: ["NOERROR": 2000], p50: .milliseconds(900))).ids == [
                "dns-slow"
            ])
    }
}
