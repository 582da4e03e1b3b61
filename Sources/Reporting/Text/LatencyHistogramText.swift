import NetValues

/// A distribution as lines with bars: one for each stretch, as long as its share.
package enum LatencyHistogramText {
    /// Columns of the longest bar.
    private static let bar = 32
    private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    package static func lines(_ buckets: [LatencyBuckets.Bucket]) -> [String] {
        let most = buckets.map(\.count).max() ?? 0
        guard most > 0 else { return [] }
        let unit = buckets.last.map { $0.to >= .seconds(10) } ?? false ? "s" : "ms"
        let ends = buckets.map { (label($0.from, unit), label($0.to, unit)) }
        let width = ends.reduce(0) { max($0, $1.0.utf8.count, $1.1.utf8.count) }
        let digits = grouped(most).utf8.count
        return zip(buckets, ends).map { bucket, ends in
            let range = "\(ends.0.aligned(to: width)) - \(ends.1.aligned(to: width)) \(unit)"
            let count = grouped(bucket.count).aligned(to: digits)
            let bar = self.bar(bucket.count, of: most)
            return bar.isEmpty ? "\(range)  \(count)" : "\(range)  \(count)  \(bar)"
        }
    }

    /// What is there at all is seen.
    private static func bar(_ count: Int, of most: Int) -> String {
        guard count > 0 else { return "" }
        let length = max(1, Int((Double(count) / Double(most) * Double(bar * 8)).rounded()))
        return String(repeating: "█", count: length / 8) + eighths[length % 8]
    }

    /// Three digits: the ends of stretches have no more.
    private static func label(_ span: Duration, _ unit: String) -> String {
        let value = Double(span.nanoseconds) / (unit == "s" ? 1e9 : 1e6)
        return value.decimals(value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : value >= 0.1 ? 3 : 4)
    }
}
