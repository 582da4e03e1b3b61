import NetValues
import Observations
import Wire

/// Conversations of each kind for `SamplePackets`.
enum SampleFlows {
    private static let start = SamplePackets.start

    static var all: [FlowRecord] { [web, silent, refused, overlay, lookup, ping] }

    private static func flow(
        _ protocolNumber: UInt8, _ a: String, _ b: String, packets: (Int, Int), bytes: (Int, Int)
    ) -> FlowRecord {
        var flow = FlowRecord(
            protocolNumber: protocolNumber, a: SamplePackets.end(a), b: SamplePackets.end(b), firstAt: start,
            lastAt: start + .milliseconds(2500))
        (flow.fromA.packets, flow.fromB.packets) = packets
        (flow.fromA.bytes, flow.fromB.bytes) = bytes
        flow.fromA.payloadBytes = bytes.0 / 2
        flow.fromB.payloadBytes = bytes.1 / 2
        flow.fromA.hopLimits = packets.0 > 0 ? 64...64 : nil
        flow.fromB.hopLimits = packets.1 > 0 ? 57...58 : nil
        return flow
    }

    static var web: FlowRecord {
        var flow = flow(
            6, "198.18.0.1:40000", "198.18.0.2:443", packets: (5100, 5800), bytes: (400_000, 9_300_000))
        flow.application = .tls
        flow.name = "shop.example.com"
        var client = TCPDirectionRecord()
        client.syns = 1
        client.mss = 1460
        client.windowScale = 7
        client.offersSACK = true
        client.offersTimestamps = true
        var server = client
        server.synAcks = 1
        server.dataSegments = 5700
        server.uniqueBytes = 9_000_000
        server.counters.retransmission = 120
        server.counters.fastRetransmission = 100
        server.counters.outOfOrder = 3
        server.fastestRTT = .microseconds(280)
        server.meanRTT = .microseconds(310)
        server.slowestRTT = .milliseconds(4)
        server.firstDataAt = start + .milliseconds(10)
        server.lastDataAt = start + .milliseconds(2410)
        server.resets = 1
        client.counters.duplicateAck = 230
        flow.tcp = TCPRecord(
            fromA: client, fromB: server, initialRTT: .microseconds(310), state: .resetByB,
            resets: [
                ResetRecord(
                    frame: 12_000, at: start + .milliseconds(2500), isFromA: false, hopLimit: 61, window: 0,
                    hasAck: true, hasPayload: false, bytesFromSender: 9_000_000, bytesFromOther: 2100,
                    sincePrevious: .milliseconds(12))
            ], firstResponseTime: .milliseconds(7), longestIdle: .milliseconds(800), afterIdle: .continued)
        return flow
    }

    static var silent: FlowRecord {
        var flow = flow(6, "198.18.0.1:40001", "198.18.0.9:5432", packets: (3, 0), bytes: (222, 0))
        var client = TCPDirectionRecord()
        client.syns = 3
        client.counters.retransmission = 2
        flow.tcp = TCPRecord(fromA: client, fromB: TCPDirectionRecord(), initialRTT: nil, state: .noAnswer)
        return flow
    }

    private static var refused: FlowRecord {
        var flow = flow(6, "198.18.0.1:40002", "198.18.0.2:8081", packets: (1, 1), bytes: (74, 54))
        flow.tcp = TCPRecord(
            fromA: TCPDirectionRecord(), fromB: TCPDirectionRecord(), initialRTT: nil, state: .rejected)
        return flow
    }

    private static var overlay: FlowRecord {
        var flow = flow(
            6, "[fd00:18::1]:40000", "[fd00:18::2]:8080", packets: (12, 9), bytes: (2400, 18_000))
        flow.tunnel = Tunnel(.vxlan, identifier: 42)
        flow.vlan = 7
        flow.application = .http
        flow.tcp = TCPRecord(
            fromA: TCPDirectionRecord(), fromB: TCPDirectionRecord(), initialRTT: .milliseconds(2), state: .closed)
        return flow
    }

    private static var lookup: FlowRecord {
        var flow = flow(17, "198.18.0.1:53001", "198.18.0.53:53", packets: (2, 1), bytes: (150, 90))
        flow.application = .dns
        flow.icmpErrors = [SampleTransactions.quoted]
        return flow
    }

    private static var ping: FlowRecord {
        flow(1, "198.18.0.1", "198.18.0.2", packets: (10, 9), bytes: (980, 882))
    }

    static var tally: TCPTally {
        var tally = TCPTally()
        tally.flows = 4
        tally.segments = 11_000
        tally.synWithoutAnswer = 1
        tally.handshakesWithoutData = 2
        tally.resets = 2
        for flow in all { if let tcp = flow.tcp { tally.counters += tcp.counters } }
        tally.states = [.noAnswer: 1, .rejected: 1, .resetByB: 1, .closed: 1]
        tally.handshakeRTT = LatencySpread(
            count: 2, min: .microseconds(310), p50: .microseconds(310), p95: .milliseconds(2), max: .milliseconds(2))
        return tally
    }
}
