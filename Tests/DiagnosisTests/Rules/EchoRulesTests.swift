import Diagnosis
import NetValues
import Observations
import Planning
import Testing

/// A series at one every so many milliseconds.
private func series(
    _ name: String = "ping", lost: some Sequence<Int>, of count: Int, every interval: Int = 10, size: Int? = nil,
    limit: Double? = nil
) -> CheckRecord {
    let lost = Set(lost)
    let samples = (0..<count).map { index in
        let isLost = lost.contains(index)
        return Sample(
            index: index, startedAt: .milliseconds(interval * index), outcome: isLost ? .failed(.echo) : .answered,
            latency: isLost ? nil : .milliseconds(1),
            facts: [
                .echo(
                    EchoFact(
                        address: target.address, sequence: index, outcome: isLost ? .lost : .replied,
                        roundTrip: isLost ? nil : .milliseconds(1)))
            ])
    }
    let expectation =
        limit.map { Expectation(isDeclared: true, parameters: Parameters(["loss": .share($0)])) } ?? Expectation()
    let check = Check(
        name: name, kind: "icmp", target: .host(.address(target.address)), samples: count,
        interval: .milliseconds(interval), expectation: expectation,
        parameters: Parameters(size.map { ["size": .number($0)] } ?? [:]))
    return CheckRecord(check: check, samples: samples, ending: .measured, startedAt: .zero)
}

private let scattered = [3, 4, 19, 40, 41, 77, 102, 130, 131, 155, 160, 187]
/// Six at once, and then every fifth.
private let metered = (6..<150).filter { $0 % 5 != 0 }

@MainActor @Suite struct EchoRulesTests {
    @Test func loss_isToldWithItsPatternInTime() throws {
        let finding = try #require(judge(series(lost: 50..<70, of: 200)).findings.first)
        #expect(finding.id == "packet-loss" && finding.severity == .error && finding.confidence == .certain)
        #expect(finding.evidence.contains { $0.contains("an outage of about 200 ms") })
    }

    @Test func aHandfulOfLosses_isNoErrorByItsShareAlone() throws {
        let finding = try #require(judge(series(lost: [3, 9], of: 30)).findings.first)
        #expect(finding.id == "packet-loss" && finding.severity == .warning && finding.confidence == .likely)
    }

    @Test("Five probes cannot show one percent, nor can one loss in a hundred")
    func tooFew() {
        #expect(judge(series(lost: [2], of: 5)).ids.isEmpty)
        #expect(judge(series(lost: [2], of: 100)).ids.isEmpty)
    }

    @Test func answersAtAnEvenRate_areALimitAndNoLoss() throws {
        let judgement = judge(series(lost: metered, of: 150))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["rate-limited"] && finding.severity == .info)
        #expect(finding.summary.contains("about 20 pings a second, after 6 at once"))
        #expect(judgement.verdict == .healthy)
    }

    @Test func aLimitAgainstThePlan_isAWarning() {
        let judgement = judge(series(lost: metered, of: 150, limit: 0.01))
        #expect(judgement.ids == ["rate-limited"] && judgement.verdict == .degraded)
    }

    @Test func whatIsLostOnlyAtAHighRate_isALimit() throws {
        let judgement = judge(
            series("fast", lost: scattered, of: 200, every: 2), series("slow", lost: [], of: 100, every: 50))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["rate-limited"] && finding.checks == ["fast"])
        #expect(finding.summary.contains("at one every 2.0 ms (12 of 200) and not at one every 50"))
    }

    @Test("A stream that keeps little of what passed comes to the same")
    func aLimitInAStream() {
        let judge = Judge(resolver: ResolverConfiguration(servers: [resolverA]), now: noon)
        var log = EvidenceLog(keeping: .whatJudgementNeeds, now: noon)
        for record in [
            series("slow", lost: [], of: 100, every: 50), series("fast", lost: scattered, of: 200, every: 2),
        ] {
            log.add(record, alone: judge.judge([record]))
        }
        #expect(judge.judge(log, strain: VantageStrain()).ids == ["rate-limited"])
    }

    @Test("Where the slow series loses as well, it is loss")
    func lossAtEveryRate() {
        let judgement = judge(
            series("fast", lost: scattered, of: 200, every: 2),
            series("slow", lost: [3, 4, 19, 40, 41], of: 100, every: 50))
        #expect(judgement.ids == ["packet-loss"])
    }

    @Test func onlyLargePackets_areToldSo() throws {
        let judgement = judge(
            series("large", lost: scattered, of: 200, size: 1400), series("small", lost: [], of: 200))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["packet-loss"] && finding.checks == ["large"])
        #expect(finding.summary.contains("of large packets") && finding.confidence == .likely)
        #expect(finding.remedy.contains { $0.contains("leadsman mtu") })
    }

    @Test func lossThatTCPDoesNotSee_isICMPAlone() throws {
        let judgement = judge(series(lost: 0..<40, of: 200), tcp("db", .connected, times: 60))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["packet-loss"])
        #expect(finding.severity == .warning && finding.confidence == .possible)
        #expect(finding.cause.hasPrefix("Only pings are lost"))
    }

    @Test func lossThatTCPSeesToo_isThePaths() throws {
        let judgement = judge(
            series(lost: scattered, of: 200), tcp("db", .connected, retransmits: 1, times: 4),
            tcp("db too", .connected, times: 56))
        let finding = try #require(judgement.findings.first { $0.id == "packet-loss" })
        #expect(finding.severity == .error && finding.confidence == .certain)
    }
}

@MainActor @Suite struct EchoOrderTests {
    private func series(duplicates: Set<Int> = [], late: Set<Int> = [], of count: Int) -> CheckRecord {
        let samples = (0..<count).map { index in
            Sample(
                index: index, startedAt: .milliseconds(10 * index), outcome: .answered, latency: .milliseconds(1),
                facts: [
                    .echo(
                        EchoFact(
                            address: target.address, sequence: index, outcome: .replied, roundTrip: .milliseconds(1),
                            duplicates: duplicates.contains(index) ? 1 : 0, isLate: late.contains(index)))
                ])
        }
        return record("ping", kind: "icmp", target: .host(.address(target.address)), samples)
    }

    @Test func above1Percent_isAWarning() {
        #expect(judge(series(duplicates: Set(0..<20), of: 200)).findings.map(\.severity) == [.warning])
        #expect(judge(series(late: Set(0..<20), of: 200)).ids == ["packet-reordering"])
    }

    @Test func less_isANote_andASingleOneIsNothing() {
        let judgement = judge(series(duplicates: [4, 90], of: 400))
        #expect(judgement.ids == ["packet-duplication"] && judgement.verdict == .healthy)
        #expect(judge(series(late: [4, 90], of: 400)).findings.map(\.severity) == [.info])
        #expect(judge(series(duplicates: [4], late: [90], of: 400)).ids.isEmpty)
    }
}
