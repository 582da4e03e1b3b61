import Observations
import PacketAnalysis
import PacketBuilding
import Wire

extension FuzzTarget {
    private static let client: PacketEndpoint = "198.18.0.1:40000"
    private static let server: PacketEndpoint = "198.18.0.2:443"

    /// Frames one after another, each behind its length in two bytes and the milliseconds since the one before in one, which may be
    /// negative. A table of four flows, so that flows come and go.
    static let packetAnalysis = FuzzTarget(
        "packet-analysis",
        seeds: {
            let opening = [
                PacketBytes.tcp(client, server, .syn, sequence: 1, options: [.mss(1460), .windowScale(7)]),
                PacketBytes.tcp(server, client, [.syn, .ack], sequence: 7, acknowledgement: 2),
                PacketBytes.tcp(client, server, .ack, sequence: 2, acknowledgement: 8),
            ]
            let data = [0, 40, 20, 20].map { offset in
                PacketBytes.tcp(
                    client, server, .ack, sequence: 2 + offset, acknowledgement: 8,
                    payload: [UInt8](repeating: 22, count: 20))
            }
            let ending = [
                PacketBytes.tcp(server, client, .ack, sequence: 8, acknowledgement: 62, window: 0),
                PacketBytes.tcp(server, client, [.rst, .ack], sequence: 8, acknowledgement: 62),
            ]
            let others = (1...6).map { PacketBytes.udp(PacketEndpoint(client.address, $0), server, [1, 2, 3]) }
            return [opening, opening + data + ending, data, others + opening].map { packets in
                packets.map { PacketBytes.frame($0) }.flatMap {
                    [UInt8($0.count >> 8), UInt8($0.count & 0xff), 1] + $0
                }
            }
        }
    ) { bytes in
        var settings = AnalysisSettings()
        settings.mostFlows = 4
        settings.eventsPerFlow = 3
        var analyzer = PacketAnalyzer(settings)
        var at = 0
        var time: Int64 = 1_700_000_000_000_000_000
        var frames = 0
        while at + 3 <= bytes.count {
            let length = min(Int(bytes[at]) << 8 | Int(bytes[at + 1]), bytes.count - at - 3)
            time += Int64(Int8(bitPattern: bytes[at + 2])) * 1_000_000
            frames += 1
            let frame = [UInt8](bytes[(at + 3)..<(at + 3 + length)])
            analyzer.add(
                CapturedFrame(number: frames, time: time, length: length, linkType: .ethernet), frame.span)
            at += 3 + length
        }
        let early = analyzer.summary()
        let summary = analyzer.finish()
        try hold(early.flows.count == summary.flows.count, "two summaries differ")
        try check(summary, frames: frames)
    }

    private static func check(_ summary: PacketSummary, frames: Int) throws {
        try hold(summary.packets == frames, "frames were not counted")
        try hold(summary.flows.count <= 4, "more flows than room")
        try hold(summary.tcp.states.values.reduce(0, +) == summary.tcp.flows, "states and flows differ")
        let listed = summary.flows.compactMap(\.tcp)
        try hold(listed.count <= summary.tcp.flows, "more flows than were counted")
        if summary.limits.evictedFlows == 0 {
            let counters = listed.reduce(TCPCounters()) { $0 + $1.counters }
            try hold(counters == summary.tcp.counters, "the flows' counters and their sum differ")
        }
        let sent = summary.endpoints.reduce(0) { $0 + $1.packetsSent }
        let received = summary.endpoints.reduce(0) { $0 + $1.packetsReceived }
        try hold(sent == received, "packets were sent and not received")
        for flow in summary.flows {
            try hold(flow.packets > 0 && flow.lastAt >= flow.firstAt, "a flow without packets or time")
            try hold(flow.events.count <= 3, "more events than wanted")
            guard let tcp = flow.tcp else { continue }
            for (side, count) in [(tcp.fromA, flow.fromA), (tcp.fromB, flow.fromB)] {
                try hold(side.uniqueBytes <= count.payloadBytes, "more new bytes than bytes")
                try hold(side.dataSegments <= count.packets, "more segments than packets")
                try hold(side.largestAcknowledged <= side.largestSegment, "more was acknowledged than sent")
            }
        }
    }
}
