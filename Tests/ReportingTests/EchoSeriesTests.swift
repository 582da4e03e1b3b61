import Diagnosis
import JSON
import NetValues
import Observations
import Planning
import Testing

@testable import Reporting

@Suite struct LatencyBucketsTests {
    private static func histogram(_ values: [Int64]) -> LatencyHistogram {
        var histogram = LatencyHistogram()
        for value in values { histogram.add(nanoseconds: value) }
        return histogram
    }

    @Test func ofFewValues_percentilesAreOfTheirOwn() throws {
        let few = try #require(Self.histogram([101, 1_003, 10_007, 100_003, 1_000_003, 2_000_003, 7_777_777]).spread)
        #expect(few.p50 == .nanoseconds(100_003) && few.p95 == few.max && few.max == .nanoseconds(7_777_777))
    }

    @Test func ofManyValues_percentilesAreNear_andJoinedOnesCountAll() throws {
        var joined = Self.histogram(Array(1...200).map { $0 * 1_000_003 })
        joined.add(Self.histogram(Array(201...400).map { $0 * 1_000_003 }))
        let spread = try #require(joined.spread)
        #expect(spread.count == 400)
        #expect(abs(spread.p50.nanoseconds - 200_000_600) < 200_000_600 / 60)
        #expect(joined.counts(between: [.zero, .milliseconds(201), .seconds(1)]).reduce(0, +) == 400)
    }

    @Test func nothing_hasNoBuckets() {
        #expect(LatencyBuckets(LatencyHistogram()).buckets.isEmpty)
        #expect(LatencyHistogramText.lines([]).isEmpty)
    }

    @Test(
        "All values are counted, each bucket joins the next, and there are no more than asked for",
        arguments: [
            [0], [5], [99, 100, 101], [1_000_000], [30_000, 900_000_000], [1, 1_000_000_000_000], [.max],
            Array(stride(from: Int64(200_000), to: 40_000_000, by: 333_333)),
        ])
    func whole(values: [Int64]) throws {
        let buckets = LatencyBuckets(Self.histogram(values)).buckets
        #expect(buckets.reduce(0) { $0 + $1.count } == values.count)
        #expect((1...13).contains(buckets.count))
        for (one, next) in zip(buckets, buckets.dropFirst()) { #expect(one.to == next.from) }
        let least = try #require(values.min())
        #expect(buckets[0].from <= .nanoseconds(least) && buckets[0].count > 0)
    }

    @Test func lines_haveBarsOfTheirShare() {
        let buckets = [
            LatencyBuckets.Bucket(from: .milliseconds(1), to: .milliseconds(2), count: 1000),
            LatencyBuckets.Bucket(from: .milliseconds(2), to: .milliseconds(5), count: 500),
            LatencyBuckets.Bucket(from: .milliseconds(5), to: .milliseconds(10), count: 0),
            LatencyBuckets.Bucket(from: .milliseconds(10), to: .milliseconds(20), count: 1),
        ]
        #expect(
            LatencyHistogramText.lines(buckets) == [
                "1.00 - 2.00 ms  1,000  ████████████████████████████████", "2.00 - 5.00 ms    500  ████████████████",
                "5.00 - 10.0 ms      0", "10.0 - 20.0 ms      1  ▏",
            ])
    }

    @Test func counts_areBetweenTheBounds() {
        let histogram = Self.histogram([1_000_000, 2_000_000, 2_100_000, 9_000_000])
        let bounds = [1, 2, 5, 8].map { Duration.milliseconds($0) }
        #expect(histogram.counts(between: bounds) == [1, 2, 0])
        #expect(histogram.counts(between: []).isEmpty)
    }
}

@MainActor @Suite struct EchoSeriesTests {
    private static func judgement(lost: Set<Int>, of count: Int) -> CheckJudgement {
        let samples = (0..<count).map { index in
            let trip: Duration? = lost.contains(index) ? nil : .microseconds(200 + index)
            return Sample(
                index: index, startedAt: .milliseconds(10 * index),
                outcome: trip == nil ? .failed(.echo) : .answered, latency: trip,
                facts: [
                    .echo(
                        EchoFact(
                            address: known(IPAddress("198.18.0.1")), sequence: index,
                            outcome: trip == nil ? .lost : .replied, roundTrip: trip))
                ])
        }
        let check = Check(name: "echo", kind: "icmp", target: .host(known(Host("198.18.0.1"))), samples: count)
        return CheckJudgement(
            record: CheckRecord(check: check, samples: samples, ending: .measured, startedAt: .zero),
            status: lost.isEmpty ? .passed : .failed, reason: lost.isEmpty ? nil : "packet-loss", failures: lost.count,
            latency: LatencySummary(samples.compactMap(\.latency)), phases: Phases())
    }

    private static func series(lost: Set<Int> = [], of count: Int) -> JSONValue? {
        CheckReport(judgement(lost: lost, of: count)) { $0 }.additions["series"]
    }

    @Test("A percentile that this many cannot show is not told")
    func honesty() {
        let figures = Self.series(of: 40)?["percentilesMs"]
        #expect(figures?["n"]?.int == 40 && figures?["p95"]?.number == 0.237 && figures?["p99"] == .null)
        #expect(Self.series(of: 5)?["percentilesMs"]?["p90"] == .null)
        #expect(Self.series(of: 1) == nil)
    }

    @Test func loss_hasItsPatternAndPicture() {
        let series = Self.series(lost: Set(20..<30), of: 60)
        #expect(series?["loss"]?["pattern"]?.string == "outage")
        #expect(series?["loss"]?["stretches"]?.array?.first?["count"]?.int == 10)
        #expect(
            series?["picture"]?["text"]?.string
                == String(repeating: ".", count: 20) + "xxxxxxxxxx" + String(repeating: ".", count: 30))
        #expect(series?["lost"]?.int == 10 && series?["answered"]?.int == 50)
    }

    @Test func aLongSeries_hasAShortPicture() {
        let picture = Self.series(lost: [4, 5], of: 5000)?["picture"]
        #expect(picture?["perCharacter"]?.int == 10)
        #expect(picture?["text"]?.string == ":" + String(repeating: ".", count: 499))
    }

    @Test func page_isAsRecorded() throws {
        let report = SampleReports.report(.failing, [Self.judgement(lost: Set(20..<30), of: 150)])
        try expectSnapshot(report.rendered(as: .text, style: TextStyle(verbosity: .verbose)), "echo-series.txt")
    }

    @Test("A stored report with figures that cannot be is shown, and nothing is believed")
    func hostile() {
        var check = CheckReport(Self.judgement(lost: [3], of: 30)) { $0 }
        check.additions["series"] = .object(
            JSONObject([
                ("sent", .int(.max)),
                ("percentilesMs", .object(JSONObject([("n", .int(.max)), ("p50", .double(.infinity))]))),
                (
                    "distributionMs",
                    .array([.object(JSONObject([("from", .double(-1)), ("to", .double(1e300)), ("count", .int(-4))]))])
                ),
                (
                    "picture",
                    .object(JSONObject([("perCharacter", .int(.max)), ("text", .string("x\u{1b}[2J"))]))
                ), ("loss", .string("x")),
            ]))
        var page = TextPage(style: TextStyle())
        EchoSeriesText.write(check, indent: 6, to: &page)
        #expect(!page.text.contains("\u{1b}"))
    }

    @Test func csv_hasARowForEachCheck() {
        let report = SampleReports.report(
            .failing, [Self.judgement(lost: [3], of: 4), SampleReports.check("=danger,\"x\"")])
        let lines = report.rendered(as: .csv, style: TextStyle()).split(separator: "\r\n")
        #expect(lines.count == 3 && lines[0].hasPrefix("name,kind,target,status,reason,samples,failures,lossPercent"))
        #expect(lines[1].hasPrefix("echo,icmp,198.18.0.1,failed,packet-loss,4,1,25.0,0,0.2,"))
        #expect(lines[2].hasPrefix("\"'=danger,\"\"x\"\"\","))
    }
}
