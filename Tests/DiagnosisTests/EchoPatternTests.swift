import NetValues
import Testing

@testable import Diagnosis

/// A series at one every 10 ms, of which the numbers are lost.
private func series(_ count: Int, lost: some Sequence<Int>) -> [(sentAt: Duration, isLost: Bool)] {
    let lost = Set(lost)
    return (0..<count).map { (.milliseconds(10 * $0), lost.contains($0)) }
}

@Suite struct LossPatternTests {
    @Test func noLoss_hasNoPattern() {
        #expect(LossPattern(series(50, lost: [])) == nil)
        #expect(LossPattern([]) == nil)
    }

    @Test func anOutage_isToldWithItsPlaceAndLength() throws {
        let pattern = try #require(LossPattern(series(200, lost: 50..<90)))
        #expect(pattern.kind == "outage")
        #expect(pattern.words.contains("an outage of about 400 ms, 500 ms after the first request"))
        #expect(pattern.stretches.map(\.number) == [50] && pattern.stretches.map(\.count) == [40])
    }

    @Test func lossThatGoesOn_isToldFromWhereItBegins() throws {
        let pattern = try #require(LossPattern(series(100, lost: 60..<100)))
        #expect(pattern.kind == "end")
        #expect(pattern.words.contains("from number 60 on, 600 ms after the first"))
    }

    @Test func aLostBeginning_isNoOutage() throws {
        let pattern = try #require(LossPattern(series(100, lost: 0..<8)))
        #expect(pattern.kind == "start" && pattern.words.contains("the first 8 were lost"))
    }

    @Test func everyTenth_isCounted() throws {
        let pattern = try #require(LossPattern(series(100, lost: stride(from: 4, to: 100, by: 10))))
        #expect(pattern.kind == "periodic" && pattern.words == "exactly every 10th was lost")
    }

    @Test func bursts_haveTheirLengths_andTheirPeriodWhereThereIsOne() throws {
        let even = try #require(
            LossPattern(series(200, lost: (0..<5).flatMap { round in (10...12).map { $0 + 40 * round } })))
        #expect(even.kind == "periodicBursts" && even.period == .milliseconds(400))
        #expect(even.words.contains("5 stretches, the longest of 3 (about 30.0 ms), one every 400 ms"))
        let odd = try #require(LossPattern(series(200, lost: [3, 4, 5, 6, 50, 51, 52, 120, 121, 122, 123, 124])))
        #expect(odd.kind == "bursts" && odd.period == nil && odd.longest?.count == 5)
    }

    @Test func fewLosses_claimNoPattern() throws {
        #expect(try #require(LossPattern(series(200, lost: [20, 90]))).kind == "few")
        #expect(try #require(LossPattern(series(200, lost: [20, 31, 90, 94, 130, 171]))).kind == "scattered")
    }

    @Test func everythingLost_isNoPattern() throws {
        #expect(try #require(LossPattern(series(5, lost: 0..<5))).words == "all were lost")
    }
}

@Suite struct EchoMeteringTests {
    @Test("A bucket that gives six at once and then every fifth")
    func bucket() throws {
        let lost = (6..<150).filter { $0 % 5 != 0 }
        let metering = try #require(EchoMetering(series(150, lost: lost)))
        #expect(metering.burst == 6)
        #expect((19...21).contains(metering.answered) && (99...101).contains(metering.offered))
        #expect(LossPattern(series(150, lost: lost))?.kind == "metered")
    }

    @Test("A limit a little below the rate: one in six is too many")
    func highLimit() {
        #expect(EchoMetering(series(200, lost: stride(from: 30, to: 200, by: 6))) != nil)
    }

    @Test("A counter on the way has no full bucket at the beginning")
    func counter() {
        #expect(EchoMetering(series(200, lost: stride(from: 4, to: 200, by: 5))) == nil)
    }

    @Test("Chance is not even, whatever its share", arguments: [2, 5, 10, 20, 35, 50, 65, 80])
    func chance(percent: UInt64) {
        var state: UInt64 = 88_172_645_463_325_252 &+ percent
        var metered = 0
        for _ in 0..<400 {
            let lost = (0..<200).filter { _ in
                // Marsaglia's xorshift, so that each run draws the same.
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return state % 100 < percent
            }
            metered += EchoMetering(series(200, lost: lost)) == nil ? 0 : 1
        }
        #expect(metered == 0)
    }
}

@Suite struct BinomialBoundTests {
    @Test(
        "Known limits of Clopper and Pearson, one-sided at 95 %",
        arguments: [(1, 100, 0.000513), (2, 20, 0.01807), (5, 100, 0.01992), (10, 100, 0.05526), (20, 20, 0.8609)])
    func known(hits: Int, trials: Int, bound: Double) {
        #expect(abs(BinomialTest.lowerBound(hits, of: trials) - bound) < 0.0002)
    }

    @Test func nothing_showsNothing() {
        #expect(BinomialTest.lowerBound(0, of: 1000) == 0)
        #expect(BinomialTest.lowerBound(3, of: 0) == 0)
    }

    @Test func aMillion_isCounted() {
        let bound = BinomialTest.lowerBound(10_000, of: 1_000_000)
        #expect((0.0098...0.0099).contains(bound))
        #expect(BinomialTest.lowerBound(999_999, of: 1_000_000) > 0.99999)
    }

    @Test func tail_isOneWhereNothingIsAskedFor() {
        #expect(BinomialTest.probability(0, of: 10, ifEachBy: 0.2) == 1)
        #expect(BinomialTest.probability(11, of: 10, ifEachBy: 0.2) == 0)
        #expect(abs(BinomialTest.probability(1, of: 10, ifEachBy: 0.1) - 0.651_321_56) < 1e-6)
    }
}
