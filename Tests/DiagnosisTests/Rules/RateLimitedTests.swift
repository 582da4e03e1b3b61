import Diagnosis
import NetValues
import Observations
import Planning
import Testing

/// Requests that are turned away for their rate, and answers that only look like it.
@Suite struct RateLimitedTests {
    private static let url = HTTPURL(scheme: .http, host: .address(target.address))

    /// For each sample its status, and headers of those that are not 200.
    private func requests(_ statuses: [Int], _ headers: [(String, String)] = []) -> CheckRecord {
        let samples = statuses.enumerated().map { index, status -> Sample in
            let response = HTTPResponse(
                version: "HTTP/1.1", status: status, reason: "", headers: status == 200 ? [] : headers, bodyBytes: 0,
                isBodyCut: false, bodyStart: [])
            let fact = HTTPFact(
                url: Self.url, endpoint: target, method: "GET", outcome: .responded(response), firstByte: nil,
                elapsed: .milliseconds(1))
            return Sample(
                index: index, startedAt: .zero, outcome: .answered, latency: .milliseconds(1), facts: [.http(fact)],
                comparisons: [
                    Comparison(
                        key: "status", expected: "2xx or 3xx", seen: "\(status)", isMet: status == 200,
                        isDeclared: false)
                ])
        }
        return record("web", kind: "http", target: .url(Self.url), samples)
    }

    private let tenThenLimited = Array(repeating: 200, count: 10) + Array(repeating: 429, count: 14)

    @Test func tooManyRequests_warn_andAreNoChance() throws {
        let judgement = judge(requests(tenThenLimited, [("Retry-After", "60")]))
        let finding = try #require(judgement.findings.first)
        #expect(judgement.ids == ["rate-limited"] && finding.confidence == .certain && finding.severity == .warning)
        #expect(finding.summary.contains("14 of 24 requests got 429"))
        #expect(finding.evidence.contains("header retry-after: 60"))
        #expect(finding.evidence.contains { $0.contains("the first time at number 11") })
        #expect(judgement.status("web") == .warned && judgement.verdict == .degraded)
    }

    @Test func nothingGetsThrough_isAnError() throws {
        let finding = try #require(judge(requests([429, 429])).findings.first)
        #expect(finding.id == "rate-limited" && finding.severity == .error)
    }

    @Test func unavailable_thatSaysWhenToComeAgain_isLikely() throws {
        let finding = try #require(judge(requests([200, 200, 503, 200], [("retry-after", "1")])).findings.first)
        #expect(finding.id == "rate-limited" && finding.confidence == .likely)
        let envoy = try #require(judge(requests([503, 503], [("x-envoy-ratelimited", "true")])).findings.first)
        #expect(envoy.id == "rate-limited" && envoy.confidence == .certain)
    }

    @Test func otherUnavailability_isNoRate() {
        #expect(judge(requests([503, 503], [("retry-after", "600")])).ids == ["http-status-unexpected"])
        #expect(judge(requests([200, 503, 200])).ids == ["http-status-unexpected"])
        let overloaded = requests([200, 503, 200], [("retry-after", "1"), ("x-envoy-overloaded", "true")])
        #expect(judge(overloaded).findings.first?.id == "http-status-unexpected")
        #expect(!judge(overloaded).ids.contains("rate-limited"))
    }

    @Test func anotherStatusBesideIt_isTold() {
        #expect(Set(judge(requests([200, 429, 500])).ids) == ["rate-limited", "http-status-unexpected"])
    }
}
