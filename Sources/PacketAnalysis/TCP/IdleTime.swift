import Observations

/// The longest silence of a conversation, and what came of what ended it.
struct IdleTime {
    private enum Outcome { case none, continued, reset, unansweredByA, unansweredByB }

    private(set) var longest: Int64 = 0
    private var outcome = Outcome.none

    /// - Parameter asks: the segment wants an answer: data, a keep-alive, FIN.
    mutating func take(idle: Int64, isReset: Bool, asks: Bool, isFromA: Bool) {
        if idle > longest {
            longest = idle
            outcome = isReset ? .reset : asks ? (isFromA ? .unansweredByB : .unansweredByA) : .continued
        } else if outcome == .unansweredByA && isFromA || outcome == .unansweredByB && !isFromA {
            outcome = isReset ? .reset : .continued
        }
    }

    var after: TCPRecord.AfterIdle? {
        switch outcome {
        case .none: nil
        case .continued: .continued
        case .reset: .reset
        case .unansweredByA, .unansweredByB: .unanswered
        }
    }
}
