import NetValues
import Observations

/// A distribution of latencies in a few stretches, each longer than the one before by about the same factor.
package struct LatencyBuckets: Hashable, Sendable {
    package struct Bucket: Hashable, Sendable {
        package let from: Duration
        package let to: Duration
        package let count: Int
    }

    package let buckets: [Bucket]

    /// Preferred numbers (ISO 3), in hundredths: of twenty in a decade, and of each fourth of them, and so on. The finest that needs no
    /// more than `most` stretches is taken.
    private static let twenty = [
        100, 112, 125, 140, 160, 180, 200, 224, 250, 280, 315, 355, 400, 450, 500, 560, 630, 710, 800, 900,
    ]
    private static let scales = [
        twenty, every(2), every(4), [100, 200, 500], [100, 300], [100],
    ]

    private static func every(_ step: Int) -> [Int] {
        stride(from: 0, to: twenty.count, by: step).map { twenty[$0] }
    }

    /// Empty without a value.
    package init(_ histogram: LatencyHistogram, most: Int = 12) {
        guard let spread = histogram.spread else {
            buckets = []
            return
        }
        var bounds: [Duration] = []
        for scale in Self.scales {
            bounds = Self.bounds(scale, from: spread.min, to: spread.max)
            if bounds.count <= most + 1 { break }
        }
        let counts = histogram.counts(between: bounds)
        buckets = counts.indices.map { Bucket(from: bounds[$0], to: bounds[$0 + 1], count: counts[$0]) }
    }

    /// From the last that is not above the fastest to the first above the slowest; below a tenth of a microsecond all is one stretch.
    private static func bounds(_ scale: [Int], from fastest: Duration, to slowest: Duration) -> [Duration] {
        var bounds: [Duration] = [.zero]
        var decade: Int64 = 1
        while true {
            for number in scale {
                let bound = Duration.nanoseconds(Int64(number) * decade)
                if bound <= fastest { bounds.removeAll() }
                bounds.append(bound)
                if bound > slowest { return bounds }
            }
            // Twenty-four days, as long as any latency is.
            guard decade < 10_000_000_000_000 else { return bounds + [Duration.nanoseconds(Int64.max)] }
            decade *= 10
        }
    }
}
