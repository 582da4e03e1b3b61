import Observations

/// Times counted in buckets, 32 to each doubling, so that any number of them takes the same room (5 KiB) and a quantile is within
/// 1.6 % of a value that was seen. No room is taken before the first one.
struct LatencyHistogram: Sendable {
    private var buckets: [UInt32] = []
    private var count = 0
    /// Nanoseconds.
    private var least: Int64 = .max
    private var most: Int64 = .min

    private static let bitsOfStep = 5
    /// Of the longest that is told apart: 2 to the 42nd nanoseconds is 73 minutes.
    private static let mostBits = 42
    private static let size = (mostBits - bitsOfStep + 1) << bitsOfStep

    /// - Parameter nanoseconds: what clocks that were set back made negative counts as zero, except in the extremes.
    mutating func add(nanoseconds: Int64) {
        if buckets.isEmpty { buckets = Array(repeating: 0, count: Self.size) }
        let bucket = Self.bucket(of: nanoseconds)
        if buckets[bucket] < .max { buckets[bucket] += 1 }
        count += 1
        least = min(least, nanoseconds)
        most = max(most, nanoseconds)
    }

    /// Nil without a value.
    var spread: LatencySpread? {
        guard count > 0 else { return nil }
        return LatencySpread(
            count: count, min: .nanoseconds(least), p50: quantile(percent: 50), p95: quantile(percent: 95),
            max: .nanoseconds(most))
    }

    /// The smallest value that so many of hundred are not above (nearest rank).
    private func quantile(percent: Int) -> Duration {
        let rank = max(1, (count &* percent &+ 99) / 100)
        var passed = 0
        for (index, number) in buckets.enumerated() {
            passed += Int(number)
            if passed >= rank { return .nanoseconds(min(max(Self.middle(of: index), least), most)) }
        }
        return .nanoseconds(most)
    }

    /// Below 32 ns each value has its own; above, the leading bit and the five behind it tell.
    private static func bucket(of nanoseconds: Int64) -> Int {
        guard nanoseconds >= 1 << bitsOfStep else { return Int(max(0, nanoseconds)) }
        let doublings = 63 - nanoseconds.leadingZeroBitCount - bitsOfStep
        return min(size - 1, doublings << bitsOfStep + Int(nanoseconds >> Int64(doublings)))
    }

    private static func middle(of bucket: Int) -> Int64 {
        guard bucket >= 1 << bitsOfStep else { return Int64(bucket) }
        let doublings = bucket >> bitsOfStep - 1
        let lowest = Int64(bucket - doublings << bitsOfStep) << Int64(doublings)
        return lowest + (1 << Int64(doublings)) / 2
    }
}
