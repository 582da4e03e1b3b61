import JSON
import NetValues

/// What a page tells of a series of echo requests: percentiles with their number, the distribution, and where losses lie in it.
enum EchoSeriesText {
    /// From so many on the picture tells what lines for single requests would.
    static func tellsRequests(_ check: CheckReport) -> Bool {
        check.additions[EchoSeriesJSON.key]?["sent"]?.int ?? 0 >= fewestTrips
    }

    /// A distribution of fewer round trips is a list of them.
    private static let fewestTrips = 20
    private static let fewestRequests = 10
    private static let picturesWidth = 64
    private static let mostBuckets = 40
    private static let mostPictureLines = 8

    static func tellsPercentiles(_ check: CheckReport) -> Bool {
        check.additions[EchoSeriesJSON.key].map { percentiles($0, check.latency) != nil } ?? false
    }

    static func write(_ check: CheckReport, indent: Int, to page: inout TextPage) {
        guard let series = check.additions[EchoSeriesJSON.key], let sent = series["sent"]?.int else { return }
        if let line = percentiles(series, check.latency) {
            page.paragraph(line, .dim, indent: indent, hang: indent + 2)
        }
        if series["percentilesMs"]?["n"]?.int ?? 0 >= fewestTrips {
            for line in LatencyHistogramText.lines(buckets(series)) { page.verbatim(line, indent: indent + 2) }
        }
        guard sent >= fewestRequests else { return }
        if let words = series["loss"]?["words"]?.string {
            page.paragraph("loss: \(words)", .dim, indent: indent, hang: indent + 2)
        }
        writePicture(series, indent: indent, to: &page)
    }

    /// `of 40 round trips: min 0.20 ms · p50 0.31 ms · p90 0.40 ms · p95 0.52 ms · max 0.60 ms · mean 0.33 ms · … · p99 needs 100`
    private static func percentiles(_ series: JSONValue, _ latency: Milliseconds?) -> String? {
        guard let figures = series["percentilesMs"], let n = figures["n"]?.int, n > 1 else { return nil }
        let names: [(name: String, needs: Int)] = [("p50", 1), ("p90", 10), ("p95", 20), ("p99", 100)]
        func spoken(_ name: String) -> String? {
            (figures[name]?.number ?? (names.contains { $0.name == name } ? nil : latency?[name])).map {
                "\(name) \(Milliseconds.spoken($0))"
            }
        }
        let known = (["min"] + names.map(\.name) + ["max", "mean", "stddev", "jitter"]).compactMap(spoken)
        let missing = names.first { figures[$0.name]?.number == nil && n < $0.needs }
        return "of \(counted(n, "round trip")): "
            + (known + [missing.map { "\($0.name) needs \($0.needs)" }].compactMap(\.self)).joined(separator: " · ")
    }

    private static func buckets(_ series: JSONValue) -> [LatencyBuckets.Bucket] {
        (series["distributionMs"]?.array ?? []).prefix(mostBuckets).compactMap { entry in
            guard let from = entry["from"]?.number, let to = entry["to"]?.number, let count = entry["count"]?.int,
                (0...9e12).contains(from), (0...9e12).contains(to), count >= 0
            else { return nil }
            return LatencyBuckets.Bucket(from: span(from), to: span(to), count: count)
        }
    }

    private static func span(_ milliseconds: Double) -> Duration { .nanoseconds(Int64(milliseconds * 1e6)) }

    /// Only where there is something to see.
    private static func writePicture(_ series: JSONValue, indent: Int, to page: inout TextPage) {
        guard let text = series["picture"]?["text"]?.string, text.contains(where: { $0 != "." }),
            let each = series["picture"]?["perCharacter"]?.int, each > 0, each < 1 << 30
        else { return }
        let marks = Array(text.escaped(limit: picturesWidth * mostPictureLines))
        let legend = [
            ("x", "lost"), ("!", "error"), ("d", "came twice"), ("r", "came late, out of order"),
            (":", "some of these"),
        ].filter { mark, _ in marks.contains { String($0) == mark } }.map { "\($0) \($1)" }
        page.paragraph(
            "\(each == 1 ? "each request" : "\(each) requests a character"): . answered, \(legend.joined(separator: ", "))",
            .dim, indent: indent, hang: indent + 2)
        let width = String(marks.count * each).utf8.count
        for start in stride(from: 0, to: marks.count, by: picturesWidth) {
            let number = String(start * each).aligned(to: width)
            page.verbatim(
                "\(number) \(String(marks[start..<min(start + picturesWidth, marks.count)]))", indent: indent + 2)
        }
    }
}
