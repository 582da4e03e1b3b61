import NetValues
import Planning
import Testing

@testable import PlanFile

@Suite struct LatencyLimitReadingTests {
    private func limits(_ latency: String) throws -> [LatencyLimit] {
        let text = "leadsman: 1\nchecks:\n  - {name: a, http: \"http://a.test/\", expect: {latency: \(latency)}}\n"
        return try Fixture.reader.read(bytes: Array(text.utf8), file: "plan.yaml").checks[0].expectation.latency
    }

    @Test func quantiles_stagesAndWindows_areRead() throws {
        #expect(try limits("{p95: 2s, for: 5m}") == [LatencyLimit(.p95, .seconds(2), for: .seconds(300))])
        #expect(
            try limits("{p50: 1s, connect: {p95: 500ms, max: 1s}}") == [
                LatencyLimit(.p50, .seconds(1)), LatencyLimit(.p95, .milliseconds(500), of: .connect),
                LatencyLimit(.max, .seconds(1), of: .connect),
            ])
    }

    /// A stage's own window goes before that of all.
    @Test func aStage_takesTheWindowOfAll_unlessItHasItsOwn() throws {
        let read = try limits("{for: 5m, tls: {p95: 1s}, firstByte: {p95: 1s, for: 10m}}")
        #expect(read.map(\.window) == [.seconds(300), .seconds(600)])
        #expect(read.map(\.stage) == [.tls, .firstByte])
    }

    @Test func theCommandLine_saysTheSame() throws {
        #expect(try LatencyLimit.limits(in: "p95=2s,for=5m") == limits("{p95: 2s, for: 5m}"))
        #expect(
            try LatencyLimit.limits(in: "p50=1s,connect.p95=500ms")
                == limits("{p50: 1s, connect: {p95: 500ms}}"))
    }

    @Test(arguments: [
        ("p59=1s", "did you mean `p50`?"), ("conect.p95=1s", "did you mean `connect`?"),
        ("connect.p59=1s", "did you mean `p50`?"), ("p95=1", "a duration with a unit"), ("p95", "expected LIMITS"),
        ("for=5m", "needs a limit"), ("", "expected LIMITS"), ("p95=1s,", "expected LIMITS"),
        (".p95=1s", "expected one of"),
        ("p95=0s", "a duration with a unit"),
    ])
    func mistakes_areTold(_ text: String, _ words: String) {
        let problem = #expect(throws: PlanProblem.self) { try LatencyLimit.limits(in: text) }
        #expect(problem?.message.contains(words) == true, "\(problem?.message ?? "")")
    }
}
