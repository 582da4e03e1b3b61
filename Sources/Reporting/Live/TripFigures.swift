import NetValues
import Observations

/// What a row of a live table says of the packets to one place.
struct TripFigures: Hashable, Sendable {
    var sent = 0
    var answered = 0
    var last: Duration?
    var mean: Duration?
    var best: Duration?
    var worst: Duration?
    var p95: Duration?
    /// Of the population.
    var deviation: Duration?
    /// Mean of the differences between a round trip and the one before it.
    var jitter: Duration?

    var lost: Int { max(0, sent - answered) }
    var loss: Double { sent > 0 ? Double(lost) / Double(sent) : 0 }

    init() {}

    init(_ hop: HopSummary) {
        sent = hop.sent
        answered = hop.answered
        last = hop.latest?.roundTrip
        jitter = hop.jitter
        guard let spread = hop.roundTrips.spread else { return }
        (best, worst, p95) = (spread.min, spread.max, spread.p95)
        mean = .milliseconds(hop.mean)
        deviation = .milliseconds(hop.deviation)
    }
}

extension Duration {
    /// In milliseconds without a unit, in five columns at most: `0.31`, `42.0`, `1203`, `12.3s`.
    var cell: String {
        let value = milliseconds
        if value < 9.995 { return value.decimals(2) }
        if value < 99.95 { return value.decimals(1) }
        if value < 9999.5 { return value.decimals(0) }
        return value < 99_950 ? (value / 1000).decimals(1) + "s" : (value / 1000).decimals(0) + "s"
    }
}

extension Double {
    /// A share of one as a percentage: `0.0%`, `12.5%`, `100%`. What is not nothing never shows as nothing.
    var percentCell: String {
        let value = self * 100
        if value >= 99.95 { return self < 1 ? "99.9%" : "100%" }
        return (value > 0 ? Swift.max(value, 0.1) : 0).decimals(1) + "%"
    }
}
