import Diagnosis
import JSON
import NetValues
import Observations

/// A series of echo requests in figures: percentiles with their number, the distribution, a picture of the series, and how its
/// losses lie in time. The facts tell single requests, of which a document keeps the first few.
enum EchoSeriesJSON {
    static let key = "series"
    /// Of a longer series each character of the picture stands for several requests.
    private static let longestPicture = 512
    private static let mostStretches = 64

    /// Nothing for a check without at least two echo requests.
    static func member(of record: CheckRecord) -> JSONObject {
        let echoes = record.samples.compactMap(SeriesEcho.init)
        guard echoes.count > 1 else { return JSONObject() }
        var object = JSONObject([
            ("sent", .int(echoes.count)),
            ("answered", .int(echoes.count { $0.fact.outcome == .replied })),
            ("lost", .int(echoes.count { $0.fact.outcome == .lost })),
            ("late", .int(echoes.count { $0.fact.isLate })),
            ("picture", picture(echoes)),
        ])
        let trips = echoes.compactMap(\.fact.roundTrip)
        if !trips.isEmpty {
            object["percentilesMs"] = percentiles(trips)
            object["distributionMs"] = distribution(trips)
        }
        object["loss"] = LossPattern(echoes.map { ($0.sentAt, $0.fact.outcome == .lost) }).map(loss)
        return JSONObject([(key, .object(object))])
    }

    /// Null where there are too few round trips for it to differ from the slowest: of 20 the 95th percentile is the second slowest.
    private static func percentiles(_ trips: [Duration]) -> JSONValue {
        let sorted = trips.sorted()
        func quantile(_ percent: Int, from least: Int) -> JSONValue {
            guard sorted.count >= least else { return .null }
            return .double(Milliseconds.rounded(sorted[(sorted.count * percent + 99) / 100 - 1]))
        }
        return .object(
            JSONObject([
                ("n", .int(sorted.count)), ("p50", quantile(50, from: 1)), ("p90", quantile(90, from: 10)),
                ("p95", quantile(95, from: 20)), ("p99", quantile(99, from: 100)),
            ]))
    }

    private static func distribution(_ trips: [Duration]) -> JSONValue {
        var histogram = LatencyHistogram()
        for trip in trips { histogram.add(nanoseconds: trip.nanoseconds) }
        return .array(
            LatencyBuckets(histogram).buckets.map { bucket in
                .object(
                    JSONObject([
                        ("from", .double(Double(bucket.from.nanoseconds) / 1e6)),
                        ("to", .double(Double(bucket.to.nanoseconds) / 1e6)), ("count", .int(bucket.count)),
                    ]))
            })
    }

    private static func picture(_ echoes: [SeriesEcho]) -> JSONValue {
        let each = (echoes.count + longestPicture - 1) / longestPicture
        var text = ""
        for start in stride(from: 0, to: echoes.count, by: each) {
            let marks = echoes[start..<min(start + each, echoes.count)].map(\.mark)
            text.append(marks.allSatisfy { $0 == marks[0] } ? marks[0] : ":")
        }
        return .object(JSONObject([("perCharacter", .int(each)), ("text", .string(text))]))
    }

    private static func loss(_ pattern: LossPattern) -> JSONValue {
        var object = JSONObject([("pattern", .string(pattern.kind)), ("words", .string(pattern.words))])
        object["periodMs"] = pattern.period.map { .double(Milliseconds.rounded($0)) }
        object["stretches"] = .array(
            pattern.stretches.prefix(mostStretches).map { stretch in
                .object(
                    JSONObject([
                        ("number", .int(stretch.number)), ("count", .int(stretch.count)),
                        ("startMs", .double(Milliseconds.rounded(stretch.start))),
                        ("spanMs", .double(Milliseconds.rounded(stretch.span))),
                    ]))
            })
        let omitted = pattern.stretches.count - mostStretches
        object["stretchesOmitted"] = omitted > 0 ? .int(omitted) : nil
        return .object(object)
    }
}

private struct SeriesEcho {
    let sentAt: Duration
    let fact: EchoFact

    init?(_ sample: Sample) {
        for case .echo(let fact) in sample.facts {
            self.fact = fact
            sentAt = sample.startedAt
            return
        }
        return nil
    }

    var mark: Character {
        switch fact.outcome {
        case .replied: fact.isLate ? "r" : fact.duplicates > 0 ? "d" : "."
        case .lost: "x"
        case .failed: "!"
        }
    }
}
