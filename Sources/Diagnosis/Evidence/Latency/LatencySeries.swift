import NetValues
import Observations
import Planning

/// The values of one latency over a check's samples, time-outs among them.
struct LatencySeries {
    struct Value {
        /// Of the run.
        let start: Duration
        /// Without the time for which this process stood still within it: so much it was at least.
        let time: Duration
        /// It took at least that long.
        let isTimeout: Bool
    }

    let values: [Value]
    let sorted: [Duration]

    var count: Int { values.count }
    var timeouts: Int { values.count(where: \.isTimeout) }
    /// From the first start to the end of the last.
    var span: Duration {
        let start = values.map(\.start).min() ?? .zero
        return (values.map { $0.start + $0.time }.max() ?? start) - start
    }

    /// - Parameter stage: nil for the kind's own latency.
    init(_ check: CheckEvidence, of stage: LatencyStage?, countingTimeouts: Bool) {
        let countsTimeouts = countingTimeouts && !check.isEchoSeries && stage == nil
        values = check.finals.compactMap { sample in
            let time = stage.map { sample.phases[$0] } ?? sample.latency
            // A stage may be any part of the sample: the whole standstill may have been in it.
            if let time {
                return Value(start: sample.startedAt, time: max(.zero, time - sample.stalled), isTimeout: false)
            }
            guard countsTimeouts, sample.outcome != .answered, sample.ranOutOfTime else { return nil }
            return Value(start: sample.startedAt, time: check.check.timeout, isTimeout: true)
        }
        sorted = values.map(\.time).sorted()
    }

    init(_ values: [Value]) {
        self.values = values
        sorted = values.map(\.time).sorted()
    }

    /// Of the nearest rank, as `LatencySummary`; nil without values.
    func value(_ quantile: LatencyLimit.Quantile) -> Duration? {
        guard !sorted.isEmpty else { return nil }
        let rank = Int((quantile.share * Double(sorted.count)).rounded(.up))
        return sorted[min(sorted.count, max(1, rank)) - 1]
    }
}

extension Phases {
    subscript(stage: LatencyStage) -> Duration? {
        switch stage {
        case .resolve: resolve
        case .connect: connect
        case .tls: tls
        case .firstByte: firstByte
        case .transfer: transfer
        }
    }
}

/// For how long a quantile over the last so much time was above a limit: what "above 2 s for 5 m" means of a series (catalogue
/// section 2). In slices of a tenth of the window, of which only counts are kept.
struct SustainedExcess {
    let window: Duration
    /// The longest at a time, from its first slow sample on, since the start of the run.
    let stretch: Range<Duration>
    /// The series is at least as long as the window.
    let isSeriesLongEnough: Bool
    let fewestInWindow: Int

    var longest: Duration { stretch.upperBound - stretch.lowerBound }
    var isSustained: Bool { longest >= window }

    private static let slices = 10
    /// More are a window too short for the run: then the slices are longer.
    private static let mostSlices = 100_000

    init(_ series: LatencySeries, above limit: LatencyLimit, for window: Duration) {
        self.window = window
        let start = series.values.map(\.start).min() ?? .zero
        let slice = max(window / Self.slices, series.span / Self.mostSlices, .milliseconds(1))
        // The last of its slices may be cut short by the end of the run.
        isSeriesLongEnough = series.span + slice >= window
        let last = series.values.map { Int(($0.start - start) / slice) }.max() ?? 0
        var counts = [(all: Int, above: Int, firstSlow: Duration?, lastSlow: Duration?)](
            repeating: (0, 0, nil, nil), count: series.values.isEmpty ? 0 : last + 1)
        for value in series.values {
            let place = Int((value.start - start) / slice)
            counts[place].all += 1
            guard value.time > limit.limit else { continue }
            counts[place].above += 1
            counts[place].firstSlow = min(counts[place].firstSlow ?? value.start, value.start)
            counts[place].lastSlow = max(counts[place].lastSlow ?? value.start, value.start)
        }
        let perWindow = max(1, Int((window / slice).rounded()))
        (stretch, fewestInWindow) = Self.longest(counts, perWindow, window / Self.slices, limit.quantile)
    }

    /// A slow moment keeps the quantile of a long window high long after: the stretch is counted from its first slow sample to its last.
    private static func longest(
        _ counts: [(all: Int, above: Int, firstSlow: Duration?, lastSlow: Duration?)], _ perWindow: Int,
        _ step: Duration, _ quantile: LatencyLimit.Quantile
    ) -> (Range<Duration>, Int) {
        var longest = Duration.zero..<Duration.zero
        var fewest = Int.max
        var all = 0
        var above = 0
        var begin: Duration?
        for place in counts.indices {
            all += counts[place].all
            above += counts[place].above
            if place >= perWindow {
                all -= counts[place - perWindow].all
                above -= counts[place - perWindow].above
            }
            if place + 1 >= perWindow { fewest = min(fewest, all) }
            let rank = Int((quantile.share * Double(all)).rounded(.up))
            guard all > 0, all - above < max(1, rank) else {
                begin = nil
                continue
            }
            begin = begin ?? counts[place].firstSlow
            guard let begin, let end = counts[place].lastSlow else { continue }
            // Until the next one that was due.
            if end + step - begin > longest.upperBound - longest.lowerBound { longest = begin..<(end + step) }
        }
        return (longest, fewest == .max ? all : fewest)
    }
}

/// Starts that fell due while a sample still waited: a client that kept its pace would have waited as well, and a series that only
/// counts what it sent would hide it (coordinated omission; Tene, How NOT to Measure Latency).
struct MissedStarts {
    let count: Int
    /// What they would have waited at least, if the target as a whole stood still: until the sample before them was over.
    let waits: [LatencySeries.Value]

    /// Faster is a burst, and no pace that a client keeps.
    private static let leastInterval = Duration.milliseconds(100)
    private static let mostWaits = 100_000

    /// - Parameter strain: a gap in which this process stood still is its own.
    init(_ check: CheckEvidence, strain: VantageStrain) {
        let interval = check.check.interval
        let samples = check.finals
        guard samples.count > 1, interval > .zero, !check.isEchoSeries else {
            count = 0
            waits = []
            return
        }
        var missed = 0
        var waits: [LatencySeries.Value] = []
        for (sample, next) in zip(samples, samples.dropFirst()) {
            let late = next.startedAt - sample.startedAt - interval
            guard let elapsed = sample.elapsed, elapsed > interval, late > .zero, next.index == sample.index + 1 else {
                continue
            }
            let end = sample.startedAt + elapsed
            let own = strain.overlap(from: sample.startedAt, to: next.startedAt).total
            missed += Int(max(.zero, late - own) / interval)
            guard interval >= Self.leastInterval, sample.isHeldUp, own * 4 < elapsed else { continue }
            var due = sample.startedAt + interval
            while due < end, waits.count < Self.mostWaits {
                waits.append(LatencySeries.Value(start: due, time: end - due, isTimeout: false))
                due = due + interval
            }
        }
        count = missed
        self.waits = waits
    }
}

extension Sample {
    /// By something that others would have met as well: not by a packet of its own that was lost.
    fileprivate var isHeldUp: Bool {
        outcome == .answered
            && !facts.contains { fact in
                if case .connect(let connect) = fact { connect.isSYNLost } else { false }
            }
    }
}
