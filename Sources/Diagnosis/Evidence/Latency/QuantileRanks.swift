/// Which of the values in order hold the true quantile between them with 95 % confidence, whatever the distribution: how many of n
/// values lie below it is binomial (Conover, Practical Nonparametric Statistics, section 3.2; Hahn and Meeker, Statistical
/// Intervals, section 5.2).
struct QuantileRanks: Hashable, Sendable {
    /// From 0; nil where even the smallest value may be above the quantile.
    let low: Int?
    /// From 0; nil where even the largest value may be below it.
    let high: Int?

    private static let tail = 0.025

    /// - Parameter share: 0.95 for p95. Of 0 and 1 nothing is known.
    init(_ share: Double, of count: Int) {
        guard count > 0, share > 0, share < 1 else {
            low = nil
            high = nil
            return
        }
        let below = Self.cumulative(share, count)
        // The value of rank r is below the quantile unless fewer than r values are.
        let least = below.firstIndex { $0 > Self.tail }.map { below.startIndex + $0 } ?? 0
        low = least > 0 ? min(least, count) - 1 : nil
        let most = below.firstIndex { $0 >= 1 - Self.tail } ?? count
        high = most < count ? most : nil
    }

    /// The probability of at most k of `count`, by k: terms from the most probable one outwards, so that nothing underflows, and what is
    /// too far from it to matter is left at 0 or 1.
    private static func cumulative(_ share: Double, _ count: Int) -> [Double] {
        let mode = min(count, Int(Double(count + 1) * share))
        var terms = [Double](repeating: 0, count: count + 1)
        terms[mode] = 1
        let odds = share / (1 - share)
        var number = mode
        while number > 0, terms[number] > 1e-18 {
            terms[number - 1] = terms[number] * Double(number) / (Double(count - number + 1) * odds)
            number -= 1
        }
        number = mode
        while number < count, terms[number] > 1e-18 {
            terms[number + 1] = terms[number] * Double(count - number) / Double(number + 1) * odds
            number += 1
        }
        let total = terms.reduce(0, +)
        var sum = 0.0
        return terms.map { term in
            sum += term
            return sum / total
        }
    }
}
