/// The exact binomial test, one-sided: small counts claim nothing.
enum BinomialTest {
    /// Above which the true share lies with 95 % confidence where so many of all trials were hit: the lower end of the interval of
    /// Clopper and Pearson (1934), one-sided.
    static func lowerBound(_ hits: Int, of trials: Int) -> Double {
        guard hits > 0, hits <= trials else { return 0 }
        var low = 0.0
        var high = Double(hits) / Double(trials)
        // To a millionth, which no report shows.
        while high - low > 1e-6 {
            let middle = (low + high) / 2
            if probability(hits, of: trials, ifEachBy: middle) < 0.05 { low = middle } else { high = middle }
        }
        return low
    }

    /// How probable it is that at least so many of the trials are hit if each is hit by this chance.
    static func probability(_ hits: Int, of trials: Int, ifEachBy chance: Double) -> Double {
        guard hits > 0 else { return 1 }
        guard hits <= trials, chance > 0 else { return 0 }
        guard chance < 1 else { return 1 }
        let odds = chance / (1 - chance)
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
