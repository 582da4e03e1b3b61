import ICMPProbe
import NetValues
import Observations
import ProbeKit
import Testing

private let start = Instant(nanoseconds: 0)
private let unreachable = SocketFailure(
    code: 113, name: "EHOSTUNREACH",
    icmp: ICMPErrorReport(origin: .icmp, type: 3, code: 1, offender: IPAddress("198.18.1.1")))

private func at(_ milliseconds: Int64) -> Instant { start + .milliseconds(milliseconds) }

private func reply(_ sequence: UInt16, _ milliseconds: Int64 = 5) -> EchoEvent {
    .reply(sequence: sequence, roundTrip: .milliseconds(milliseconds), hopLimit: 64, isKernelStamped: true)
}

extension EchoSeries {
    fileprivate mutating func takeDecided(at now: Instant) -> [DecidedEcho] {
        var decided: [DecidedEcho] = []
        while let echo = takeNext(at: now) { decided.append(echo) }
        return decided
    }
}

@Suite struct ICMPSeriesTests {
    private static func series(_ count: Int = 3, interval: Int64 = 100, timeout: Int64 = 1000) -> EchoSeries {
        EchoSeries(count: count, interval: .milliseconds(interval), timeout: .milliseconds(timeout), start: start)
    }

    @Test func send_isDueAtTheInterval_whateverIsStillUndecided() {
        var series = Self.series(2)
        #expect(series.isSendDue(at: at(0)))
        #expect(series.send(at: at(0)) == 0)
        #expect(!series.isSendDue(at: at(99)))
        #expect(series.nextInstant == at(100))
        #expect(series.isSendDue(at: at(100)))
        #expect(series.send(at: at(100)) == 1)
        #expect(!series.isSendDue(at: at(500)))
        #expect(series.nextInstant == at(1000))
    }

    @Test func beat_isKept_afterALateSend() {
        var series = Self.series(5)
        _ = series.send(at: at(30))
        #expect(series.nextInstant == at(100))
        _ = series.send(at: at(350))
        #expect(series.nextInstant == at(450), "a slow series never sends two at once")
    }

    @Test func fastSeries_makesUpForWhatItMissed_butNotForLongAgo() {
        var series = Self.series(1000, interval: 1)
        _ = series.send(at: at(4))
        for _ in 0..<4 {
            #expect(series.isSendDue(at: at(4)))
            _ = series.send(at: at(4))
        }
        #expect(!series.isSendDue(at: at(4)))
        var sent = 0
        while series.isSendDue(at: at(900)) {
            _ = series.send(at: at(900))
            sent += 1
        }
        #expect(sent == 12)
    }

    @Test func reply_decidesItsRequest_andTheSeriesEnds() {
        var series = Self.series(1)
        _ = series.send(at: at(0))
        series.receive(reply(0), at: at(5))
        #expect(series.takeDecided(at: at(5)).isEmpty)
        let decided = series.takeDecided(at: at(15))
        #expect(decided.map(\.outcome) == [.replied])
        #expect(decided.first?.roundTrip == .milliseconds(5))
        #expect(series.nextInstant == nil)
    }

    @Test func request_isLost_atItsTimeoutAndNotBefore() {
        var series = Self.series(1)
        _ = series.send(at: at(0))
        series.expire(at: at(999))
        #expect(series.takeDecided(at: at(999)).isEmpty)
        series.expire(at: at(1000))
        let decided = series.takeDecided(at: at(1000))
        #expect(decided.map(\.outcome) == [.lost])
        #expect(decided.first?.roundTrip == nil)
    }

    @Test func request_isLost_whenTheReplyTookLongerThanTheTimeout() {
        var series = Self.series(1)
        _ = series.send(at: at(0))
        series.receive(reply(0, 1001), at: at(1001))
        series.expire(at: at(1001))
        #expect(series.takeDecided(at: at(1001)).map(\.outcome) == [.lost])
    }

    @Test func reply_counts_whenItCameInTimeAndWasReadTooLate() {
        var series = Self.series(1)
        _ = series.send(at: at(0))
        series.receive(reply(0, 900), at: at(3000))
        series.expire(at: at(3000))
        #expect(series.takeDecided(at: at(4000)).map(\.outcome) == [.replied])
    }

    @Test func decided_comeInOrderOfIndex() {
        var series = Self.series(3, interval: 10)
        for index in 0..<3 { _ = series.send(at: at(Int64(10 * index))) }
        series.receive(reply(2), at: at(25))
        series.receive(reply(1), at: at(26))
        #expect(series.takeDecided(at: at(500)).isEmpty)
        series.expire(at: at(1000))
        let decided = series.takeDecided(at: at(1000))
        #expect(decided.map(\.index) == [0, 1, 2])
        #expect(decided.map(\.outcome) == [.lost, .replied, .replied])
        #expect(decided.map(\.isLate) == [false, true, false])
    }

    @Test func duplicates_areCountedWithTheirRequest_orWithTheNextWhenItIsGone() {
        var series = Self.series(2)
        _ = series.send(at: at(0))
        series.receive(reply(0), at: at(5))
        series.receive(reply(0), at: at(6))
        series.receive(reply(0), at: at(7))
        #expect(series.takeDecided(at: at(20)).map(\.duplicates) == [2])
        series.receive(reply(0), at: at(50))
        _ = series.send(at: at(100))
        series.receive(reply(1), at: at(105))
        #expect(series.takeDecided(at: at(130)).map(\.duplicates) == [1])
    }

    @Test func duplicates_areNotCounted_forARequestThatWasLost() {
        var series = Self.series(2, interval: 2000)
        _ = series.send(at: at(0))
        series.expire(at: at(1000))
        #expect(series.takeDecided(at: at(1000)).map(\.outcome) == [.lost])
        series.receive(reply(0), at: at(1500))
        _ = series.send(at: at(2000))
        series.receive(reply(1), at: at(2005))
        #expect(series.takeDecided(at: at(2100)).map(\.duplicates) == [0])
    }

    @Test func foreignReplies_areCountedAndAnswerNothing() {
        var series = Self.series(1)
        _ = series.send(at: at(0))
        series.receive(.foreign, at: at(1))
        series.receive(.foreign, at: at(2))
        series.expire(at: at(1000))
        let decided = series.takeDecided(at: at(1000))
        #expect(decided.map(\.outcome) == [.lost])
        #expect(decided.map(\.foreignReplies) == [2])
    }

    @Test func error_decidesTheRequestThatItQuotes_atOnce() {
        var series = Self.series(2, interval: 10)
        _ = series.send(at: at(0))
        _ = series.send(at: at(10))
        series.receive(.error(sequence: 1, unreachable), at: at(12))
        series.receive(.error(sequence: 0, unreachable), at: at(13))
        #expect(series.takeDecided(at: at(13)).map(\.outcome) == [.failed(unreachable), .failed(unreachable)])
        #expect(series.nextInstant == nil)
    }

    @Test func error_isForTheOldestUndecided_whenItQuotesTooLittle() {
        var series = Self.series(3, interval: 10)
        for index in 0..<3 { _ = series.send(at: at(Int64(10 * index))) }
        series.receive(reply(0), at: at(21))
        series.receive(.error(sequence: nil, unreachable), at: at(22))
        series.expire(at: at(1020))
        #expect(series.takeDecided(at: at(1020)).map(\.outcome) == [.replied, .failed(unreachable), .lost])
    }

    @Test func reply_overrulesAnError() {
        var series = Self.series(2, interval: 10)
        _ = series.send(at: at(0))
        _ = series.send(at: at(10))
        series.receive(.error(sequence: 1, unreachable), at: at(12))
        series.receive(reply(1), at: at(13))
        series.receive(reply(0), at: at(14))
        #expect(series.takeDecided(at: at(100)).map(\.outcome) == [.replied, .replied])
    }

    @Test func refusalToSend_decidesAtOnce() {
        var series = Self.series(1)
        let sequence = series.send(at: at(0))
        let failure = SocketFailure(code: 101, name: "ENETUNREACH")
        series.fail(sequence, failure, at: at(0))
        #expect(series.takeDecided(at: at(0)).map(\.outcome) == [.failed(failure)])
    }

    @Test func cancelling_keepsWhatIsDecidedAndInventsNoLoss() {
        var series = Self.series(5, interval: 10)
        for index in 0..<4 { _ = series.send(at: at(Int64(10 * index))) }
        series.receive(reply(1), at: at(31))
        series.receive(.error(sequence: 3, unreachable), at: at(32))
        let decided = series.takeAllDecided()
        #expect(decided.map(\.index) == [1, 3])
        #expect(decided.map(\.outcome) == [.replied, .failed(unreachable)])
    }

    @Test func eventsForUnknownSequences_changeNothing() {
        var series = Self.series(1)
        series.receive(reply(0), at: at(0))
        series.receive(.error(sequence: 9, unreachable), at: at(0))
        series.receive(.error(sequence: nil, unreachable), at: at(0))
        _ = series.send(at: at(0))
        series.receive(reply(40_000), at: at(1))
        series.expire(at: at(1000))
        let decided = series.takeDecided(at: at(1000))
        #expect(decided.map(\.outcome) == [.lost])
        #expect(decided.map(\.duplicates) == [0])
    }

    @Test func sequenceNumbers_wrapAround_inLongSeries() {
        let count = 70_000
        var series = Self.series(count, interval: 0, timeout: 1000)
        var decided: [DecidedEcho] = []
        for index in 0..<count {
            let sequence = series.send(at: at(Int64(index)))
            #expect(sequence == UInt16(truncatingIfNeeded: index))
            if index % 7 != 0 { series.receive(reply(sequence, 0), at: at(Int64(index))) }
            series.expire(at: at(Int64(index)))
            decided += series.takeDecided(at: at(Int64(index)))
        }
        series.expire(at: at(Int64(count) + 2000))
        decided += series.takeDecided(at: at(Int64(count) + 2000))
        #expect(decided.map(\.index) == Array(0..<count))
        #expect(decided.count { $0.outcome == .lost } == 10_000)
        #expect(decided.allSatisfy { ($0.outcome == .lost) == ($0.index % 7 == 0) && $0.duplicates == 0 })
    }

    @Test func sending_pauses_whenTooManyAreUndecided() {
        var series = Self.series(100_000, interval: 0)
        var sent = 0
        while series.isSendDue(at: at(0)), sent < 100_000 {
            _ = series.send(at: at(0))
            sent += 1
        }
        #expect(sent == EchoSeries.mostUndecided)
        series.expire(at: at(1000))
        #expect(series.takeDecided(at: at(1000)).count == sent)
        #expect(series.isSendDue(at: at(1000)))
    }
}
