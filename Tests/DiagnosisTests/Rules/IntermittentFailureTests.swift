import Diagnosis
import NetValues
import Observations
import Planning
import Testing

/// A tcp check of which the samples at these places time out.
private func series(_ count: Int, failing: Set<Int>, _ outcome: ConnectFact.Outcome = .timedOut) -> CheckRecord {
    let samples = (0..<count).map { index -> Sample in
        let isBad = failing.contains(index)
        let fact = ConnectFact(
            endpoint: target, source: ownAddress, elapsed: isBad ? .seconds(1) : .milliseconds(1),
            outcome: isBad ? outcome : .connected, tcp: nil)
        return Sample(
            index: index, startedAt: .milliseconds(20 * index), outcome: isBad ? .failed(.connect) : .answered,
            latency: isBad ? nil : .milliseconds(1), facts: [.connect(fact)])
    }
    return record("db", target: hostPort(target), samples)
}

@Suite struct IntermittentFailureTests {
    @Test func someOfTwenty_isIntermittent() throws {
        let judgement = judge(series(20, failing: [3, 4, 11]))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["intermittent-failure"])
        #expect(finding.severity == .warning)
        #expect(finding.summary.contains("3 of 20 samples (15 %)"))
        #expect(judgement.status("db") == .warned)
    }

    @Test func mostOfTwenty_isAnError() {
        #expect(judge(series(20, failing: Set(0..<20).subtracting([3, 9]))).findings.map(\.severity) == [.error])
    }

    @Test func fewerThanTwenty_showNoPattern() {
        #expect(
            judge(series(19, failing: [3, 4, 11], .failed(failure("ECONNREFUSED", 111)))).ids == ["expectation-unmet"])
    }

    @Test func oneInAHundred_isNone() {
        #expect(judge(series(100, failing: [3], .failed(failure("ECONNREFUSED", 111)))).ids == ["expectation-unmet"])
        #expect(judge(series(100, failing: [3, 50])).ids == ["intermittent-failure"])
    }

    @Test func oneInAHundred_isNoGraverThanTwo() throws {
        let finding = try #require(
            judge(series(100, failing: [3], .failed(failure("ECONNREFUSED", 111)))).findings.first)
        #expect(finding.severity == .warning)
        #expect(finding.remedy.first?.contains("--samples 1000") == true)
    }

    @Test func aNamedCause_isNotHidden() {
        let url = HTTPURL(scheme: .http, host: .address(target.address))
        let samples = (0..<20).map { index -> Sample in
            let status = index % 3 == 0 ? 503 : 200
            let response = HTTPResponse(
                version: "HTTP/1.1", status: status, reason: "", headers: [], bodyBytes: 0, isBodyCut: false,
                bodyStart: [])
            let fact = HTTPFact(
                url: url, endpoint: target, method: "GET", outcome: .responded(response), firstByte: nil,
                elapsed: .milliseconds(1))
            return Sample(
                index: index, startedAt: .zero, outcome: .answered, latency: .milliseconds(1), facts: [.http(fact)],
                comparisons: [
                    Comparison(
                        key: "status", expected: "2xx or 3xx", seen: "\(status)", isMet: status == 200,
                        isDeclared: false)
                ])
        }
        #expect(judge(record("web", kind: "http", target: .url(url), samples)).ids == ["http-status-unexpected"])
    }

    @Test func lostEchoes_arePacketLoss() {
        #expect(judge(ping(lost: [1, 5, 9, 14], of: 20)).ids == ["packet-loss"])
    }

    @Test(arguments: [
        (Set([0]), "only the first failed"),
        (Set([3, 4, 5]), "the failures came in one stretch of 3"),
        (Set([2, 5, 8, 11]), "the failures are scattered without a pattern"),
        (Set([0, 1, 2]), "the first 3 failed, and none after them"),
        (Set([25, 26, 27, 28, 29]), "all failed from number 26 on"),
        (Set([2, 5, 8, 11, 14, 17, 20, 23, 26, 29]), "exactly every third failed"),
        (Set([5, 6, 7, 8, 9, 10, 20, 21, 22, 23]), "the failures came in 2 stretches, the longest of 6"),
        (Set([1, 4, 5, 12, 20, 27]), "the failures are scattered without a pattern"),
    ])
    func thePattern_isTold(_ failing: Set<Int>, _ words: String) throws {
        let finding = try #require(judge(series(30, failing: failing)).findings.first)
        #expect(finding.id == "intermittent-failure")
        #expect(finding.summary.hasSuffix("\(words)."), "\(finding.summary)")
    }

    @Test func oneOfTwoAddresses_isNamed() throws {
        let other = Endpoint(router, 5432)
        let samples = (0..<20).map { index -> Sample in
            let isOther = index % 4 < 2
            let endpoint = isOther ? other : target
            let end: StreamEnd = isOther ? .deadline : .satisfied
            return Sample(
                index: index, startedAt: .zero, outcome: .answered, latency: .milliseconds(1),
                facts: [
                    .connect(
                        ConnectFact(
                            endpoint: endpoint, source: nil, elapsed: .milliseconds(1), outcome: .connected, tcp: nil)),
                    .banner(BannerFact(endpoint: endpoint, bytes: [], end: end, elapsed: .seconds(1))),
                ],
                comparisons: [
                    Comparison(key: "banner", expected: "220", seen: "nothing", isMet: !isOther, isDeclared: true)
                ])
        }
        let finding = try #require(judge(record("db", target: hostPort(target), samples)).findings.first)
        #expect(finding.summary.hasSuffix("all of them at \(other)."))
    }
}
