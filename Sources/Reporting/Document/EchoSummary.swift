import Observations

/// Loss and duplicates of an echo series.
package struct EchoSummary: Hashable, Sendable {
    /// Of the requests sent, those that got no reply, in percent.
    package var lossPercent: Double
    /// Further copies of replies.
    package var duplicates: Int

    package init(lossPercent: Double, duplicates: Int) {
        self.lossPercent = lossPercent
        self.duplicates = duplicates
    }

    /// Nil when no echo request was sent.
    init?(_ facts: some Sequence<Fact>) {
        var sent = 0
        var replied = 0
        var duplicates = 0
        for case .echo(let echo) in facts {
            sent += 1
            if echo.outcome == .replied { replied += 1 }
            duplicates += echo.duplicates
        }
        guard sent > 0 else { return nil }
        let share = 100 * Double(sent - replied) / Double(sent)
        self.init(lossPercent: (share * 1000).rounded() / 1000, duplicates: duplicates)
    }
}
