import Observations

/// Whether it is by chance that packets of some sizes are lost and those of others are not.
struct SizeOdds {
    let trials: [PathMTUFact.Trial]

    /// Of packets that may go as far as they can.
    private func decided(since first: Int = 0) -> some Sequence<PathMTUFact.Trial> {
        trials.dropFirst(first).lazy.filter { $0.hopLimit == nil && ($0.outcome == .passed || $0.outcome == .lost) }
    }

    private static let fewest = 2
    private static let most = 12
    private static let mostRisk = 0.005

    /// It was lost so often that a search may go on below it: twice, and where sizes that pass are lost too so often that so many
    /// losses in a row are rare.
    func isLikelyRefused(_ size: Int) -> Bool {
        var (lost, small, smallLost) = (0, 0.0, 0.0)
        for trial in decided() {
            if trial.size >= size {
                if trial.outcome == .passed { return false }
                lost += 1
            } else {
                small += 1
                if trial.outcome == .lost { smallLost += 1 }
            }
        }
        guard smallLost > 0 else { return lost >= Self.fewest }
        let share = (smallLost + 0.5) / (small + 1)
        let risk = (0..<lost).reduce(1) { risk, _ in risk * share }
        return lost >= Self.most || (lost >= Self.fewest && risk < Self.mostRisk)
    }

    /// How probable it is that the losses fell on every packet from `refused` up by chance (Fisher's exact test, one-sided): of n
    /// packets of which l were lost, all k large ones are among these, the product of (l - i) / (n - i).
    /// - Parameter first: large ones count from this trial on; those before it chose `refused`.
    func chance(_ passed: Int, _ refused: Int, since first: Int) -> Double {
        var (large, small, lost) = (0, 0, 0)
        for trial in decided(since: first) where trial.size >= refused {
            if trial.outcome == .passed { return 1 }
            large += 1
        }
        for trial in decided() where trial.size <= passed {
            small += 1
            if trial.outcome == .lost { lost += 1 }
        }
        return (0..<large).reduce(1) { $0 * Double(large + lost - $1) / Double(large + small - $1) }
    }
}
