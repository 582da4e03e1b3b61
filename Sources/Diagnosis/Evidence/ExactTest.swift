/// Fisher's exact test for two shares, one-sided: small counts claim nothing.
enum ExactTest {
    /// How probable it is that, of all that was lost, the first kind of trial has at least as many as it has, if the kind made no
    /// difference (the hypergeometric tail).
    static func probability(lost: Int, of trials: Int, against others: Int, of otherTrials: Int) -> Double {
        let all = lost + others
        guard trials > 0, otherTrials > 0, lost >= 0, others >= 0, lost <= trials, others <= otherTrials else {
            return 1
        }
        // Ratios of neighbouring terms: no factorial is needed, and nothing overflows.
        let most = min(all, trials)
        let least = max(0, all - otherTrials)
        var terms = [1.0]
        for count in least..<max(least, most) {
            let ratio =
                Double(trials - count) * Double(all - count)
                / (Double(count + 1) * Double(otherTrials - all + count + 1))
            terms.append((terms.last ?? 0) * ratio)
            // Only proportions matter.
            if let last = terms.last, last > 1e200 { terms = terms.map { $0 / 1e200 } }
        }
        let total = terms.reduce(0, +)
        let tail = terms.dropFirst(max(0, lost - least)).reduce(0, +)
        return total > 0 ? min(1, tail / total) : 1
    }

    /// Above which the true share lies with 95 % confidence where so many of all trials were hit: the lower end of the interval of
    /// Clopper and Pearson (1934), one-sided.
    static func lowerBound(_ hits: Int, of trials: Int) -> Double {
        guard hits > 0, hits <= trials else { return 0 }
        var low = 0.0
        var high = Double(hits) / Double(trials)
        // To a millionth, which no report shows.
        while high - low > 1e-6 {
            let middle = (low + high) / 2
            if probability(atLeast: hits, of: trials, share: middle) < 0.05 { low = middle } else { high = middle }
        }
        return low
    }

    /// How probable so many hits or more are where each trial is hit with this probability (the binomial tail).
    static func probability(atLeast hits: Int, of trials: Int, share: Double) -> Double {
        guard hits > 0 else { return 1 }
        guard hits <= trials, share > 0 else { return 0 }
        guard share < 1 else { return 1 }
        let odds = share / (1 - share)
        // In units of the term for exactly `hits`, so that nothing is too small to be counted.
        let above = sum { Double(trials - hits - $0) / Double(hits + $0 + 1) * odds } + 1
        let below = sum { Double(hits - $0) / (Double(trials - hits + $0 + 1) * odds) }
        return above / (above + below)
    }

    /// Of the products of the first, the first two, … ratios, until they add nothing.
    private static func sum(_ ratio: (Int) -> Double) -> Double {
        var term = 1.0
        var total = 0.0
        var index = 0
        while true {
            let factor = ratio(index)
            term *= factor
            total += term
            index += 1
            if factor <= 0 || factor < 1 && term < total * 1e-12 || total > 1e200 { return total }
        }
    }
}
