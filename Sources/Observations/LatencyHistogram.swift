/// Durations by size, for a distribution in bounded memory: 32 steps to each power of two, so that the middle of a step is
/// within 1.6 % of whatever fell into it. The first values are kept as they are, so that a small sample is exact.
package struct LatencyHistogram: Sendable {
    package private(set) var count = 0
    private var fastest = Int64.max
    private var slowest: Int64 = 0
    /// As long as the largest step that was needed.
    private var steps: [UInt32] = []
    /// All values, while they are few; none have gone into steps then.
    private var values: [Int64] = []

    private static let mostValues = 256

    package init() {}

    /// A negative duration, of a clock that went backwards, says nothing and is left out.
    package mutating func add(nanoseconds: Int64) {
        guard nanoseconds >= 0 else { return }
        count += 1
        fastest = min(fastest, nanoseconds)
        slowest = max(slowest, nanoseconds)
        guard count > Self.mostValues else { return values.append(nanoseconds) }
        spill()
        enter(nanoseconds)
    }

    private mutating func spill() {
        for value in values { enter(value) }
        values = []
    }

    private mutating func enter(_ nanoseconds: Int64) {
        let step = Self.step(of: UInt64(nanoseconds))
        if step >= steps.count { steps.append(contentsOf: repeatElement(0, count: step + 1 - steps.count)) }
        steps[step] &+= 1
    }

    package mutating func add(_ other: LatencyHistogram) {
        guard other.count > 0 else { return }
        count += other.count
        fastest = min(fastest, other.fastest)
        slowest = max(slowest, other.slowest)
        guard count > Self.mostValues else { return values += other.values }
        spill()
        for value in other.values { enter(value) }
        if other.steps.count > steps.count {
            steps.append(contentsOf: repeatElement(0, count: other.steps.count - steps.count))
        }
        for index in other.steps.indices { steps[index] &+= other.steps[index] }
    }

    /// Nil without a value.
    package var spread: LatencySpread? {
        guard count > 0 else { return nil }
        return LatencySpread(
            count: count, min: .nanoseconds(fastest), p50: quantile(0.5), p95: quantile(0.95),
            max: .nanoseconds(slowest))
    }

    /// Of the nearest rank; zero without a value.
    package func quantile(_ share: Double) -> Duration {
        let rank = Swift.max(1, Int((Double(count) * share - 1e-6).rounded(.up)))
        if count <= Self.mostValues {
            let sorted = values.sorted()
            return sorted.isEmpty ? .zero : .nanoseconds(sorted[min(rank, sorted.count) - 1])
        }
        var seen = 0
        for (step, number) in steps.enumerated() {
            seen += Int(number)
            if seen >= rank { return .nanoseconds(min(max(Self.middle(of: step), fastest), slowest)) }
        }
        return .nanoseconds(slowest)
    }

    /// How many values lie between each bound and the next, a value on a bound behind it (on the last, before it). One number fewer
    /// than bounds, which ascend; what lies outside of them is left out.
    package func counts(between bounds: [Duration]) -> [Int] {
        guard bounds.count > 1 else { return [] }
        var counts = [Int](repeating: 0, count: bounds.count - 1)
        if count <= Self.mostValues {
            for value in values.lazy.map({ Duration.nanoseconds($0) })
            where value >= bounds[0] && value <= bounds[counts.count] {
                let place = bounds.dropFirst().dropLast().firstIndex { value < $0 } ?? bounds.count - 1
                counts[place - 1] += 1
            }
            return counts
        }
        var place = 0
        for (step, number) in steps.enumerated() where number > 0 {
            let value = Duration.nanoseconds(min(max(Self.middle(of: step), fastest), slowest))
            guard value >= bounds[0], value <= bounds[counts.count] else { continue }
            while place < counts.count - 1, value >= bounds[place + 1] { place += 1 }
            counts[place] += Int(number)
        }
        return counts
    }

    /// Values below 32 have a step each; above, the five bits behind the highest one count.
    private static func step(of value: UInt64) -> Int {
        guard value >= 32 else { return Int(value) }
        let power = 63 - value.leadingZeroBitCount
        return (power - 4) << 5 | Int(value >> UInt64(power - 5) & 31)
    }

    private static func middle(of step: Int) -> Int64 {
        guard step >= 32 else { return Int64(step) }
        let shift = step >> 5 - 1
        let least = Int64(32 | step & 31) << Int64(shift)
        return least + Int64(1) << Int64(shift) / 2
    }
}
