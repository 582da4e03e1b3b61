import NetValues
import Observations

extension TCPConversation {
    func record(in pools: TCPPools) -> TCPRecord {
        TCPRecord(
            fromA: a.record, fromB: b.record, initialRTT: handshakeRTT == 0 ? nil : .nanoseconds(handshakeRTT),
            state: progress.state, resets: resets.records(in: pools.resets),
            firstResponseTime: firstResponse < 0 ? nil : .nanoseconds(firstResponse),
            longestIdle: .nanoseconds(idle.longest), afterIdle: idle.after)
    }
}

extension TCPDirectionState {
    var record: TCPDirectionRecord {
        var record = TCPDirectionRecord()
        record.counters = counters
        record.syns = Int(syns)
        record.synAcks = Int(synAcks)
        record.fins = Int(fins)
        record.resets = Int(resets)
        record.dataSegments = Int(dataSegments)
        record.uniqueBytes = Int(uniqueBytes)
        if offers.contains(.mss) { record.mss = mss }
        if offers.contains(.windowScale) { record.windowScale = windowScale }
        record.offersSACK = offers.contains(.sack)
        record.offersTimestamps = offers.contains(.timestamps)
        record.largestWindow = Int(largestWindow)
        if smallestWindow != .max { record.smallestWindow = Int(smallestWindow) }
        record.largestInFlight = Int(largestInFlight)
        record.largestSegment = Int(largestSegment)
        record.largestAcknowledged = Int(largestAcknowledged)
        record.mostRepeats = Int(repeated.most)
        record.mostRepeatedSize = Int(repeated.sizeOfMost)
        record.furthestReordering = Int(stream.furthestReordering)
        record.repairsTakenForDisorder = Int(stream.quickRepairs)
        record.copiesTakenForLoss = Int(copiesTakenForLoss)
        record.copiesTakenForDuplicateAcks = Int(copiesTakenForDuplicateAcks)
        recordTimes(&record)
        return record
    }

    private func recordTimes(_ record: inout TCPDirectionRecord) {
        if let mean = roundTrips.mean {
            record.fastestRTT = .nanoseconds(roundTrips.fastest)
            record.slowestRTT = .nanoseconds(roundTrips.slowest)
            record.meanRTT = .nanoseconds(mean)
        }
        if offers.contains(.handshakeHopLimit) { record.handshakeHopLimit = hopLimitOfHandshake }
        if offers.contains(.usualHopLimit) { record.usualHopLimit = usualHopLimit }
        if dataSegments > 0 {
            record.firstDataAt = WallTime(nanoseconds: firstDataAt)
            record.lastDataAt = WallTime(nanoseconds: lastDataAt)
        }
        if offers.contains(.handshakeHopLimit) {
            record.firstSYNAt = WallTime(nanoseconds: firstSYNAt)
            record.lastSYNAt = WallTime(nanoseconds: lastSYNAt)
        }
    }
}
