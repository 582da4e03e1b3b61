import NetValues
import Observations

/// Echo requests to one address taken together, in bounded memory.
package struct EchoTally: Sendable {
    /// As the user wrote it.
    package let name: String
    package let address: IPAddress?
    package private(set) var sent = 0
    package private(set) var answered = 0
    package private(set) var roundTrips = LatencyHistogram()
    private var last: Duration?
    private var before: Duration?
    /// Of all round trips, in milliseconds (Welford's method).
    private var mean = 0.0
    private var squares = 0.0
    private var steps = 0
    private var jitter = 0.0
    private(set) var strip = TripStrip()

    package init(name: String, address: IPAddress?) {
        self.name = name
        self.address = address
    }

    package mutating func add(_ roundTrip: Duration?) {
        sent += 1
        strip.add(roundTrip)
        last = roundTrip
        guard let roundTrip else { return }
        answered += 1
        roundTrips.add(nanoseconds: roundTrip.nanoseconds)
        let value = roundTrip.milliseconds
        let distance = value - mean
        mean += distance / Double(answered)
        squares += distance * (value - mean)
        if let before {
            steps += 1
            jitter += (abs(value - before.milliseconds) - jitter) / Double(steps)
        }
        before = roundTrip
    }

    var figures: TripFigures {
        var figures = TripFigures()
        figures.sent = sent
        figures.answered = answered
        figures.last = last
        guard let spread = roundTrips.spread else { return figures }
        (figures.best, figures.worst, figures.p95) = (spread.min, spread.max, spread.p95)
        figures.mean = .milliseconds(mean)
        figures.deviation = .milliseconds((squares / Double(answered)).squareRoot())
        figures.jitter = steps > 0 ? .milliseconds(jitter) : nil
        return figures
    }
}
