import JSON
import NetValues
import Observations

/// What the analysis of TCP brought, as JSON. The names of the counters are tshark's (`tcp.analysis.*`) in camelCase.
enum TCPJSON {
    static func json(_ tcp: TCPRecord) -> JSONValue {
        var row = RowMembers(capacity: 26)
        row.add("synWithoutAnswer", .int(tcp.synWithoutAnswer ? 1 : 0))
        row.add("resets", .int(tcp.fromA.resets + tcp.fromB.resets))
        for (name, count) in counters(tcp.counters) { row.add(name, .int(Int(count))) }
        row.add("state", .string(tcp.state.rawValue))
        row.add(known: "responseMs", tcp.firstResponseTime.map { .milliseconds($0) })
        row.add("longestIdleMs", .milliseconds(tcp.longestIdle))
        row.add(known: "afterIdle", tcp.afterIdle.map { .string($0.rawValue) })
        row.add("aToB", direction(tcp.fromA))
        row.add("bToA", direction(tcp.fromB))
        if !tcp.resets.isEmpty { row.add("resetDetails", .array(tcp.resets.map(reset))) }
        return row.json
    }

    static func json(_ tally: TCPTally) -> JSONValue {
        let head: [(String, JSONValue)] = [
            ("flows", .int(tally.flows)), ("synWithoutAnswer", .int(tally.synWithoutAnswer)),
            ("resets", .int(tally.resets)),
        ]
        let states = [String: Int](tally.states.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: +)
        let rest: [(String, JSONValue)] = [
            ("segments", .int(tally.segments)), ("handshakesWithoutData", .int(tally.handshakesWithoutData)),
            ("states", PacketJSON.counts(states)), ("handshakeRttMs", PacketJSON.spread(tally.handshakeRTT)),
        ]
        return PacketJSON.object(head + counters(tally.counters).map { ($0, .int(Int($1))) } + rest)
    }

    static func counters(_ counters: TCPCounters) -> [(String, UInt32)] {
        [
            ("retransmission", counters.retransmission), ("fastRetransmission", counters.fastRetransmission),
            ("spuriousRetransmission", counters.spuriousRetransmission), ("outOfOrder", counters.outOfOrder),
            ("duplicateAck", counters.duplicateAck), ("lostSegment", counters.lostSegment),
            ("ackLostSegment", counters.ackLostSegment), ("zeroWindow", counters.zeroWindow),
            ("zeroWindowProbe", counters.zeroWindowProbe), ("zeroWindowProbeAck", counters.zeroWindowProbeAck),
            ("windowFull", counters.windowFull), ("windowUpdate", counters.windowUpdate),
            ("keepAlive", counters.keepAlive), ("keepAliveAck", counters.keepAliveAck),
            ("reusedPorts", counters.reusedPorts),
        ]
    }

    /// One side of a conversation; what is zero, false or unknown is left out.
    private static func direction(_ side: TCPDirectionRecord) -> JSONValue {
        var row = RowMembers(capacity: 26)
        row.add(counted: "syns", side.syns)
        row.add(counted: "synAcks", side.synAcks)
        row.add(counted: "fins", side.fins)
        row.add(counted: "resets", side.resets)
        row.add(counted: "dataSegments", side.dataSegments)
        row.add(counted: "uniqueBytes", side.uniqueBytes)
        row.add(known: "throughputBitsPerSecond", throughput(side).map { .double($0) })
        if side.counters != TCPCounters() {
            for (name, count) in counters(side.counters) { row.add(counted: name, count) }
        }
        row.add(counted: "mss", side.mss ?? 0)
        row.add(counted: "windowScale", side.windowScale ?? 0)
        if side.offersSACK { row.add("sackPermitted", true) }
        if side.offersTimestamps { row.add("timestamps", true) }
        addSizes(side, to: &row)
        addTimes(side, to: &row)
        return row.json
    }

    private static func addSizes(_ side: TCPDirectionRecord, to row: inout RowMembers) {
        row.add(counted: "largestWindow", side.largestWindow)
        row.add(counted: "smallestWindow", side.smallestWindow ?? 0)
        row.add(counted: "largestInFlight", side.largestInFlight)
        row.add(counted: "largestSegment", side.largestSegment)
        row.add(counted: "largestAcknowledged", side.largestAcknowledged)
        row.add(counted: "mostRepeats", side.mostRepeats)
        row.add(counted: "mostRepeatedSize", side.mostRepeatedSize)
        row.add(counted: "furthestReordering", side.furthestReordering)
    }

    private static func addTimes(_ side: TCPDirectionRecord, to row: inout RowMembers) {
        row.add(known: "fastestRttMs", side.fastestRTT.map { .milliseconds($0) })
        row.add(known: "meanRttMs", side.meanRTT.map { .milliseconds($0) })
        row.add(known: "slowestRttMs", side.slowestRTT.map { .milliseconds($0) })
        row.add(counted: "handshakeHopLimit", side.handshakeHopLimit ?? 0)
        row.add(counted: "usualHopLimit", side.usualHopLimit ?? 0)
        row.add(known: "firstDataAt", side.firstDataAt.map { .string($0.preciseRFC3339) })
        row.add(known: "lastDataAt", side.lastDataAt.map { .string($0.preciseRFC3339) })
    }

    /// New payload over the time in which it came; nil for what came at once.
    private static func throughput(_ side: TCPDirectionRecord) -> Double? {
        guard let first = side.firstDataAt, let last = side.lastDataAt, last > first else { return nil }
        let seconds = Double((last - first).nanoseconds) / 1e9
        return (Double(side.uniqueBytes) * 8 / seconds).rounded()
    }

    private static func reset(_ reset: ResetRecord) -> JSONValue {
        PacketJSON.object([
            ("frame", .int(reset.frame)), ("at", PacketJSON.time(reset.at)), ("from", reset.isFromA ? "a" : "b"),
            ("hopLimit", .int(Int(reset.hopLimit))), ("window", .int(Int(reset.window))), ("ack", .bool(reset.hasAck)),
            ("payload", .bool(reset.hasPayload)), ("bytesFromSender", .int(reset.bytesFromSender)),
            ("bytesFromOther", .int(reset.bytesFromOther)), ("sincePreviousMs", .milliseconds(reset.sincePrevious)),
        ])
    }
}
