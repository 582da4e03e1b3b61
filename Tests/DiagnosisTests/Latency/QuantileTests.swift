import NetValues
import Observations
import Planning
import Testing

@testable import Diagnosis

@Suite struct QuantileRanksTests {
    /// Hahn and Meeker, table of distribution-free intervals; and by the binomial tail itself.
    @Test(arguments: [
        (0.5, 100, 39, 60), (0.5, 10, 1, 8), (0.5, 6, 0, 5), (0.95, 100, 89, 99), (0.99, 1000, 982, 996),
    ])
    func intervals_areThoseOfTheBinomial(_ share: Double, _ count: Int, _ low: Int, _ high: Int) {
        let ranks = QuantileRanks(share, of: count)
        #expect(ranks.low == low && ranks.high == high)
    }

    @Test func aSmallSample_givesNoUpperEnd() {
        #expect(QuantileRanks(0.95, of: 20).low == 16 && QuantileRanks(0.95, of: 20).high == nil)
        #expect(QuantileRanks(0.95, of: 71).high == nil && QuantileRanks(0.95, of: 72).high == 71)
        #expect(QuantileRanks(0.99, of: 100).high == nil)
        #expect(QuantileRanks(0.5, of: 5).low == nil && QuantileRanks(0.5, of: 5).high == nil)
        #expect(QuantileRanks(0.95, of: 1).low == nil)
    }

    @Test func manyValues_areCounted_withoutUnderflow() throws {
        let ranks = QuantileRanks(0.95, of: 100_000)
        let low = try #require(ranks.low)
        let high = try #require(ranks.high)
        // 1.96 standard deviations of 69 to both sides.
        #expect(abs(low - 94_865) < 5 && abs(high - 95_135) < 5)
    }

    @Test(arguments: [0.0, 1.0, -1.0, 2.0])
    func noShare_isNoQuantile(_ share: Double) {
        #expect(QuantileRanks(share, of: 10).low == nil && QuantileRanks(share, of: 10).high == nil)
        #expect(QuantileRanks(0.5, of: 0).low == nil)
    }

    @Test func distribution_namesTheValues() throws {
        let distribution = try #require(LatencyDistribution((1...100).map { .milliseconds($0) }))
        #expect(distribution.summary.p95 == .milliseconds(95))
        let interval = distribution.intervals.first { $0.quantile == .p95 }
        #expect(interval?.low == .milliseconds(90) && interval?.high == .milliseconds(100))
        #expect(LatencyDistribution([]) == nil)
    }
}

@Suite struct SustainedExcessTests {
    /// A value each second, slow from one second to another.
    private func excess(
        of seconds: Int, slowFrom start: Int, to end: Int, every: Int = 1, for window: Duration = .seconds(300)
    ) -> SustainedExcess {
        let values = (0..<seconds).map { second in
            LatencySeries.Value(
                start: .seconds(second),
                time: (start..<end).contains(second) && second % every == 0 ? .seconds(3) : .milliseconds(10),
                isTimeout: false)
        }
        return SustainedExcess(LatencySeries(values), above: LatencyLimit(.p95, .seconds(2)), for: window)
    }

    @Test func slowThroughout_isSustained() {
        let excess = excess(of: 301, slowFrom: 0, to: 301)
        #expect(excess.isSustained && excess.isSeriesLongEnough)
    }

    /// One in ten is twice as many as p95 allows.
    @Test func oneInTen_forTenMinutesOfAnHour_isSustained() {
        let excess = excess(of: 3600, slowFrom: 1000, to: 1600, every: 10)
        #expect(excess.isSustained)
        // From when they are 5 % of the last five minutes.
        #expect(excess.stretch.lowerBound > .seconds(1100) && excess.stretch.lowerBound < .seconds(1200))
        #expect(excess.fewestInWindow == 300)
    }

    @Test func oneInThirty_isNone() {
        #expect(excess(of: 900, slowFrom: 0, to: 900, every: 30).longest == .zero)
    }

    /// The quantile of the window stays above the limit for six minutes: the slow minute was one.
    @Test func oneSlowMinute_isNotSustained() {
        let excess = excess(of: 1200, slowFrom: 300, to: 360)
        #expect(!excess.isSustained && excess.isSeriesLongEnough)
        #expect(excess.longest >= .seconds(60) && excess.longest <= .seconds(90))
    }

    @Test func aShortRun_isNoSeries() {
        let excess = excess(of: 20, slowFrom: 0, to: 20)
        #expect(!excess.isSustained && !excess.isSeriesLongEnough)
    }

    @Test func aTinyWindowOverAYear_isBounded() {
        let year = Duration.seconds(365 * 86400)
        let series = LatencySeries([
            LatencySeries.Value(start: .zero, time: .seconds(3), isTimeout: false),
            LatencySeries.Value(start: year, time: .seconds(3), isTimeout: false),
        ])
        #expect(!SustainedExcess(series, above: LatencyLimit(.p95, .seconds(2)), for: .seconds(1)).isSustained)
    }
}
