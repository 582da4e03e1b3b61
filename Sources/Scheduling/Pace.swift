import NetValues

/// Spreads starts evenly: at most `startsPerSecond`, in groups of five milliseconds' worth, so that neither a switch nor a
/// server sees ten thousand packets in one.
struct Pace {
    private static let group = 0.005
    private let perGroup: Double
    private let span: Duration
    private var left: Double
    private var groupStart: Instant

    init(startsPerSecond: Double, now: Instant) {
        perGroup = max(1, (startsPerSecond * Self.group).rounded(.down))
        span = .nanoseconds(Int64(perGroup / max(startsPerSecond, 0.001) * 1e9))
        left = perGroup
        groupStart = now
    }

    /// Takes one start. Nil: go on; otherwise the instant to wait for before going on.
    mutating func delay(at now: Instant) -> Instant? {
        if now >= groupStart + span {
            groupStart = now
            left = perGroup
        }
        if left >= 1 {
            left -= 1
            return nil
        }
        groupStart = groupStart + span
        left = perGroup - 1
        return groupStart
    }
}
