/// The exact binomial test, one-sided: small counts claim nothing.
enum BinomialTest {
    /// How probable it is that at least so many of the trials are lost if each is lost by this chance.
    static func probability(lost: Int, of trials: Int, ifEachBy chance: Double) -> Double {
        guard trials > 0, lost > 0, lost <= trials else { return 1 }
        guard chance > 0, chance < 1 else { return chance <= 0 ? 0 : 1 }
        // Neighbouring terms, from the one that is asked for: no factorial is needed. The first is found by the same way from the mode,
        // whose own size follows from the sum of all being 1.
        let odds = chance / (1 - chance)
        var terms = 1.0
        var sum = 0.0
        var tail = 0.0
        for count in 0...trials {
            if count > 0 { terms *= odds * Double(trials - count + 1) / Double(count) }
            sum += terms
            if count >= lost { tail += terms }
            // Only proportions matter.
            if terms > 1e200 || sum > 1e200 {
                terms /= 1e200
                sum /= 1e200
                tail /= 1e200
            }
            // What follows is smaller still.
            if count > lost, terms < tail * 1e-12, Double(count) > chance * Double(trials) * 2 { break }
        }
        return sum > 0 ? min(1, tail / sum) : 1
    }
}
