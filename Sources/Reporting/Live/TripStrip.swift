import NetValues

/// Round trips of late in the order of their packets, for a strip on a terminal; nil for a packet that nothing answered.
package struct TripStrip: Hashable, Sendable {
    /// No terminal is wider.
    private static let most = 512

    private var trips: [Duration?] = []

    package init() {}

    package mutating func add(_ trip: Duration?) {
        // Dropping from the front of an array costs its length: once in a while.
        if trips.count >= 2 * Self.most { trips.removeFirst(trips.count - Self.most) }
        trips.append(trip)
    }

    /// One column for each of the last packets, the latest at the right: as high as the round trip, from nothing to the slowest of
    /// those shown.
    func runs(width: Int, isUnicode: Bool) -> [TextPage.Run] {
        let shown = trips.suffix(max(0, min(width, Self.most)))
        let slowest = shown.reduce(Int64(1)) { max($0, $1?.nanoseconds ?? 0) }
        let (steps, lost) = isUnicode ? (Self.blocks, "×") : (Self.letters, "x")
        var runs: [TextPage.Run] = []
        var answered = ""
        var missing = ""
        for trip in shown {
            if let trip {
                if !missing.isEmpty { runs.append(TextPage.Run(missing, .bad)) }
                missing = ""
                let share = Double(max(0, trip.nanoseconds)) / Double(slowest)
                answered += steps[min(steps.count - 1, Int(share * Double(steps.count)))]
            } else {
                if !answered.isEmpty { runs.append(TextPage.Run(answered)) }
                answered = ""
                missing += lost
            }
        }
        if !answered.isEmpty { runs.append(TextPage.Run(answered)) }
        if !missing.isEmpty { runs.append(TextPage.Run(missing, .bad)) }
        return runs
    }

    private static let blocks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let letters = ["_", ".", "-", "=", "+", "*", "%", "#"]
}
