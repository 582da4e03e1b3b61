import Diagnosis
import JSON
import NetValues
import Observations
import Planning
import Testing

@testable import Reporting

/// What a report says of how far its latencies can be trusted.
@Suite struct SamplingTests {
    private static func report(_ count: Int, sampling: Sampling) -> Report {
        let spans = (1...count).map { Duration.milliseconds($0) }
        var check = SampleReports.check("shop", latencies: (1...count).map { $0 * 1000 }, samples: count)
        check.distributions = [(nil, spans), (LatencyStage.firstByte, spans)].compactMap { stage, spans in
            LatencyDistribution(spans).map { StageDistribution(stage: stage, distribution: $0) }
        }
        check.sampling = sampling
        return SampleReports.report(.healthy, [check])
    }

    private static var spoilt: Sampling {
        var sampling = Sampling()
        sampling.timed = 97
        sampling.latenciesSetAside = 2
        sampling.silencesSetAside = 1
        sampling.missed = 4
        return sampling
    }

    @Test func theDocument_hasIntervals_andWhatWasNotCounted() throws {
        let report = Self.report(100, sampling: Self.spoilt)
        let check = report.json["checks"]?.array?.first
        let total = check?["distributionsMs"]?["total"]
        #expect(total?["count"] == 100 && total?["p95"]?.number == 95)
        #expect(total?["confidence95"]?["p95"]?.array?.map(\.number) == [90, 100])
        #expect(total?["confidence95"]?["p99"]?.array?.last == .null)
        #expect(check?["distributionsMs"]?["firstByte"]?["p50"]?.number == 50)
        #expect(check?["sampling"]?["discarded"] == 3 && check?["sampling"]?["missed"] == 4)
        #expect(try Report(json: report.json).json == report.json)
    }

    @Test func oneSample_isNoDistribution() {
        let check = SampleReports.report(.healthy, [SampleReports.check("shop")]).json["checks"]?.array?.first
        #expect(check?["distributionsMs"] == nil && check?["sampling"] == nil)
    }

    @Test func thePage_tellsThem_alsoOfAStoredReport() throws {
        let stored = try Report(json: Self.report(100, sampling: Self.spoilt).json)
        let text = stored.rendered(as: .text, style: TextStyle(width: 120, verbosity: .verbose))
        #expect(text.contains("with 95 % confidence: p50 40.0 ms to 61.0 ms · p95 90.0 ms to 100 ms"))
        #expect(text.contains("median → p95: first byte 50.0 ms → 95.0 ms"))
        #expect(text.contains("4 samples not taken"))
        let plain = stored.rendered(as: .text, style: TextStyle(width: 120))
        #expect(plain.contains("3 samples set aside, whole or their time: this process stood still"))
    }

    @Test func few_areCalledFew() {
        let text = Self.report(12, sampling: Sampling()).rendered(
            as: .text, style: TextStyle(width: 120, verbosity: .verbose))
        #expect(text.contains("the p95 and p99 of 12 samples are the slowest one"))
        #expect(!text.contains("set aside"))
        let single = Self.report(1, sampling: Sampling()).rendered(
            as: .text, style: TextStyle(width: 120, verbosity: .verbose))
        #expect(!single.contains("slowest one"))
    }

    /// A stored report may hold anything.
    @Test func nonsense_isLeftOut() throws {
        var json = Self.report(30, sampling: Sampling()).json
        guard case .object(var object) = json, var check = object["checks"]?.array?.first?.object else {
            Issue.record("no check")
            return
        }
        check["distributionsMs"] = [
            "total": ["count": "x", "confidence95": 7], "evil\u{1b}[2J": ["p50": 1, "p95": 2],
        ]
        check["sampling"] = ["discarded": -5, "missed": "many"]
        object["checks"] = .array([.object(check)])
        json = .object(object)
        let text = try Report(json: json).rendered(as: .text, style: TextStyle(width: 120, verbosity: .verbose))
        #expect(!text.contains("\u{1b}") && !text.contains("set aside"))
    }
}
