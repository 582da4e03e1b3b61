/// Fisher's exact test for two shares, one-sided: small counts claim nothing.
package enum ExactTest {
    /// How probable it is that, of all that was lost, the first kind of trial has at least as many as it has, if the kind made no
    /// difference (the hypergeometric tail).
    package static func probability(lost: Int, of trials: Int, against others: Int, of otherTrials: Int) -> Double {
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
}
