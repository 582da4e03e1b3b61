import Observations
import PacketBuilding
import Testing
import Wire

@testable import PacketAnalysis

@MainActor
struct TCPRecordTests {
    fileprivate func record(_ make: (inout Conversation) -> Void) throws -> TCPRecord {
        var made = Conversation()
        make(&made)
        return try #require(made.exchange.summary().flows.first?.tcp)
    }

    @Test func namesHowConnectionsEnd() throws {
        #expect(try record { $0.segment(fromClient: true, .syn, 0) }.state == .noAnswer)
        #expect(try record { $0.handshake() }.state == .established)
        let refused = try record {
            $0.segment(fromClient: true, .syn, 0)
            $0.segment(fromClient: false, .rst, 0, ack: 1, window: 0)
        }
        #expect(refused.state == .rejected)
        #expect(refused.resets.map(\.isFromA) == [false])
        let abandoned = try record {
            $0.segment(fromClient: true, .syn, 0)
            $0.segment(fromClient: true, .rst, 1)
        }
        #expect(abandoned.state == .abandoned)
        let closed = try record {
            $0.handshake()
            $0.segment(fromClient: true, .fin, 1, ack: 1)
            $0.segment(fromClient: false, .fin, 1, ack: 2)
            $0.segment(fromClient: true, .rst, 2)
        }
        #expect(closed.state == .closed)
        #expect(closed.fromA.resets == 1)
        let reset = try record {
            $0.handshake()
            $0.segment(fromClient: false, .rst, 1, ack: 1)
        }
        #expect(reset.state == .resetByB)
        #expect(try record { $0.segment(fromClient: true, [], 1, ack: 1, length: 5) }.state == .midstream)
        // Whoever answers a SYN did not begin, although it was seen first.
        let answer = try record { $0.segment(fromClient: false, .syn, 0, ack: 1) }
        #expect(answer.fromB.synAcks == 1)
    }

    @Test func tellsWhatAResetLooksLike() throws {
        let record = try record {
            $0.handshake()
            $0.segment(fromClient: true, .psh, 1, ack: 1, length: 100)
            $0.segment(fromClient: false, .rst, 1, ack: 101, window: 0, hopLimit: 255, after: 2_000_000)
        }
        let reset = try #require(record.resets.first)
        #expect(reset.hopLimit == 255)
        #expect(record.fromB.usualHopLimit == 64)
        #expect(reset.bytesFromOther == 100)
        #expect(reset.sincePrevious == .milliseconds(2))
    }

    @Test func measuresTimes() throws {
        let record = try record {
            $0.handshake()
            $0.segment(fromClient: true, .psh, 1, ack: 1, length: 100)
            $0.segment(fromClient: false, [], 1, ack: 101, after: 1_000_000)
            $0.segment(fromClient: false, .psh, 1, ack: 101, length: 300, after: 9_000_000)
            $0.segment(fromClient: true, [], 101, ack: 301, after: 3_000_000)
            $0.segment(fromClient: true, .psh, 101, ack: 301, length: 10, after: 60_000_000_000)
        }
        #expect(record.initialRTT == .microseconds(5200))
        #expect(record.firstResponseTime == .milliseconds(10))
        #expect(record.fromA.fastestRTT == .milliseconds(1))
        #expect(record.fromB.slowestRTT == .milliseconds(3))
        #expect(record.longestIdle == .seconds(60))
        #expect(record.afterIdle == .unanswered)
        #expect(record.fromA.largestInFlight == 100)
        #expect(record.fromB.largestAcknowledged == 300)
    }

    @Test("The growing pauses before repeats are no idle time, and the one before the first try is")
    func waitingIsNotIdle() throws {
        let record = try record {
            $0.handshake()
            $0.segment(fromClient: true, .psh, 1, ack: 1, length: 10, after: 4_000_000_000)
            for pause in [1, 2, 4, 8] as [Int64] {
                $0.segment(fromClient: true, .psh, 1, ack: 1, length: 10, after: pause * 1_000_000_000)
            }
        }
        #expect(record.longestIdle == .seconds(4) && record.afterIdle == .unanswered)
        #expect(record.fromA.mostRepeats == 4)
    }

    /// Later identification than the segment that showed the hole: sent again. Earlier: on its way all the time.
    @Test(arguments: [(UInt16(901), 3), (UInt16(999), 0)])
    func tellsReorderingFromLoss(identification: UInt16, furthest: Int) throws {
        let record = try record {
            $0.handshake()
            $0.segment(fromClient: true, [], 1, ack: 1, length: 100, identification: 900)
            for index in 2..<5 {
                $0.segment(
                    fromClient: true, [], 1 + index * 100, ack: 1, length: 100, identification: 900 + UInt16(index))
            }
            $0.segment(
                fromClient: true, [], 101, ack: 1, length: 100, identification: identification, after: 500_000_000)
        }
        #expect(record.fromA.furthestReordering == furthest)
        #expect(record.fromA.uniqueBytes == 500)
        #expect(record.fromA.mostRepeats == 0)
    }
}

extension TCPRecordTests {
    /// Within a round trip of what came last, as in a fast stream: by its identification it was sent again.
    @Test(arguments: [(UInt16(901), 0), (UInt16(999), 1)])
    func knowsRepairsThatComeSoon(identification: UInt16, repairs: Int) throws {
        let record = try record {
            $0.handshake()
            $0.segment(fromClient: true, [], 1, ack: 1, length: 100, identification: 900)
            for index in 2..<5 {
                $0.segment(
                    fromClient: true, [], 1 + index * 100, ack: 1, length: 100, identification: 900 + UInt16(index))
            }
            $0.segment(fromClient: true, [], 101, ack: 1, length: 100, identification: identification, after: 1000)
        }
        #expect(record.fromA.counters.outOfOrder == 1)
        #expect(record.fromA.repairsTakenForDisorder == repairs)
    }
}

struct LatencyHistogramTests {
    @Test func quantilesAreWithinTwoPerCent() throws {
        var histogram = LatencyHistogram()
        for value in 1...10_000 { histogram.add(nanoseconds: Int64(value) * 12_345) }
        histogram.add(nanoseconds: -5)
        let spread = try #require(histogram.spread)
        #expect(spread.count == 10_000)
        #expect(spread.min == .nanoseconds(12_345))
        #expect(spread.max == .nanoseconds(123_450_000))
        #expect(abs(spread.p50 / .nanoseconds(61_725_000) - 1) < 0.02)
        #expect(abs(spread.p95 / .nanoseconds(117_277_500) - 1) < 0.02)
    }

    @Test func takesTheLargestValue() throws {
        var histogram = LatencyHistogram()
        histogram.add(nanoseconds: .max)
        histogram.add(nanoseconds: 0)
        #expect(histogram.spread?.max == .nanoseconds(Int64.max))
        #expect(histogram.spread?.min == .zero)
    }
}
