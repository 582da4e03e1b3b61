import NetValues

/// When the next datagrams are due. What a stall of this side put off is made up for a little faster than the rate, and not in one burst:
/// that would be lost on the way, and be laid on the network. What was put off for longer is never sent.
package struct DatagramPacing {
    private let spacing: Duration
    /// While something is to be made up for.
    private let hastySpacing: Duration
    /// By the rate, and by what haste allows.
    private var due: Instant
    private var open: Instant

    /// A tenth faster.
    private static let haste = 10.0 / 11
    private static let mostArrears = Duration.milliseconds(250)
    /// So much at once: timers are late by less.
    private static let burst = Duration.milliseconds(2)

    /// - Parameter rate: bits a second; of datagrams of so many bytes.
    package init(rate: Int, length: Int, from start: Instant) {
        let nanoseconds = max(1, Double(length) * 8e9 / Double(max(1, rate)))
        spacing = .nanoseconds(Int64(min(nanoseconds, 1e15)))
        hastySpacing = .nanoseconds(Int64(min(max(1, nanoseconds * Self.haste), 1e15)))
        due = start
        open = start
    }

    /// Before that none is due.
    package var next: Instant { max(due, open) }

    /// How many may be sent now, of at most so many.
    package mutating func allowance(at now: Instant, most: Int) -> Int {
        due = max(due, now - Self.mostArrears)
        open = max(open, now - Self.burst)
        guard next <= now else { return 0 }
        let byRate = (now - due).nanoseconds / spacing.nanoseconds
        let byHaste = (now - open).nanoseconds / hastySpacing.nanoseconds
        return min(most, 1 + Int(min(byRate, byHaste)))
    }

    package mutating func note(sent count: Int) {
        due = due + spacing * count
        open = open + hastySpacing * count
    }
}
