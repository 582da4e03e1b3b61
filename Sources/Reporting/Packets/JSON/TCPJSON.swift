import NetValues
import Observations

/// What the analysis of TCP brought, as JSON. The names of the counters are tshark's (`tcp.analysis.*`) in camelCase.
enum TCPJSON {
    static func json(_ tcp: TCPRecord) -> JSONValue {
        let ends: [(String, JSONValue)] = [
            ("synWithoutAnswer", .int(tcp.synWithoutAnswer ? 1 : 0)),
            ("resets", .int(tcp.fromA.resets + tcp.fromB.resets)),
        ]
        let whole: [(String, JSONValue)] = [
            ("state", .string(tcp.state.rawValue)), ("responseMs", PacketJSON.span(tcp.firstResponseTime)),
            ("longestIdleMs", .milliseconds(tcp.longestIdle)),
            ("afterIdle", PacketJSON.text(tcp.afterIdle?.rawValue)),
            ("aToB", direction(tcp.fromA)), ("bToA", direction(tcp.fromB)),
            ("resetDetails", .array(tcp.resets.map(reset))),
        ]
        return PacketJSON.object(ends + counters(tcp.counters) + whole)
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
        return PacketJSON.object(head + counters(tally.counters) + rest)
    }

    static func counters(_ counters: TCPCounters) -> [(String, JSONValue)] {
        let counts: [(String, UInt32)] = [
            ("retransmission", counters.retransmission), ("fastRetransmission", counters.fastRetransmission),
            ("spuriousRetransmission", counters.spuriousRetransmission), ("outOfOrder", counters.outOfOrder),
            ("duplicateAck", counters.duplicateAck), ("lostSegment", counters.lostSegment),
            ("ackLostSegment", counters.ackLostSegment), ("zeroWindow", counters.zeroWindow),
            ("zeroWindowProbe", counters.zeroWindowProbe), ("zeroWindowProbeAck", counters.zeroWindowProbeAck),
            ("windowFull", counters.windowFull), ("windowUpdate", counters.windowUpdate),
            ("keepAlive", counters.keepAlive), ("keepAliveAck", counters.keepAliveAck),
            ("reusedPorts", counters.reusedPorts),
        ]
        return counts.map { ($0, .int(Int($1))) }
    }

    /// One side of a conversation; what is zero, false or unknown is left out.
    private static func direction(_ side: TCPDirectionRecord) -> JSONValue {
        let segments: [(String, JSONValue)] = [
            ("syns", .int(side.syns)), ("synAcks", .int(side.synAcks)), ("fins", .int(side.fins)),
            ("resets", .int(side.resets)), ("dataSegments", .int(side.dataSegments)),
            ("uniqueBytes", .int(side.uniqueBytes)), ("throughputBitsPerSecond", throughput(side)),
        ]
        let offers: [(String, JSONValue)] = [
            ("mss", PacketJSON.count(side.mss)), ("windowScale", PacketJSON.count(side.windowScale)),
            ("sackPermitted", .bool(side.offersSACK)), ("timestamps", .bool(side.offersTimestamps)),
        ]
        let windows: [(String, JSONValue)] = [
            ("largestWindow", .int(side.largestWindow)), ("smallestWindow", PacketJSON.count(side.smallestWindow)),
            ("largestInFlight", .int(side.largestInFlight)), ("largestSegment", .int(side.largestSegment)),
            ("largestAcknowledged", .int(side.largestAcknowledged)), ("mostRepeats", .int(side.mostRepeats)),
            ("mostRepeatedSize", .int(side.mostRepeatedSize)),
            ("furthestReordering", .int(side.furthestReordering)),
        ]
        let times: [(String, JSONValue)] = [
            ("fastestRttMs", PacketJSON.span(side.fastestRTT)), ("meanRttMs", PacketJSON.span(side.meanRTT)),
            ("slowestRttMs", PacketJSON.span(side.slowestRTT)),
            ("handshakeHopLimit", PacketJSON.count(side.handshakeHopLimit)),
            ("usualHopLimit", PacketJSON.count(side.usualHopLimit)),
            ("firstDataAt", PacketJSON.time(side.firstDataAt)), ("lastDataAt", PacketJSON.time(side.lastDataAt)),
        ]
        // A capture may hold a hundred thousand flows, and most have little to tell.
        return PacketJSON.object(
            (segments + counters(side.counters) + offers + windows + times).filter {
                ![0, .null, false].contains($0.1)
            })
    }

    /// New payload over the time in which it came; null for what came at once.
    private static func throughput(_ side: TCPDirectionRecord) -> JSONValue {
        guard let first = side.firstDataAt, let last = side.lastDataAt, last > first else { return .null }
        let seconds = Double((last - first).nanoseconds) / 1e9
        return .double((Double(side.uniqueBytes) * 8 / seconds).rounded())
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
