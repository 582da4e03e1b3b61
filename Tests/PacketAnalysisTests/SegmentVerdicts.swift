import Observations
import PacketBuilding
import Wire

@testable import PacketAnalysis

/// Enters TCP as the ledger does, and keeps what the analysis says of each frame.
struct SegmentVerdicts: PacketVisitor {
    private(set) var flows = FlowTable(AnalysisSettings())
    private(set) var flags: [Int: TCPAnalysisFlags] = [:]
    private(set) var roundTrips: [Int: Int64] = [:]
    private(set) var handshakes: [Int: Int64] = [:]

    mutating func visit(_ packet: NetworkPacket, in frame: CapturedFrame, _ bytes: Span<UInt8>) {
        guard packet.fragment == nil, packet.protocolNumber == IPProtocol.tcp,
            let segment = try? TCPSegment(decoding: packet, bytes)
        else { return }
        let entry = flows.enter(
            packet, sourcePort: segment.sourcePort, destinationPort: segment.destinationPort,
            payload: segment.payloadLength, segment: segment, in: frame)
        guard let verdict = flows.take(segment, packet, entry, isCopy: false, in: frame) else { return }
        flags[frame.number] = verdict.flags
        if let roundTrip = verdict.roundTrip, roundTrip != 0 { roundTrips[frame.number] = roundTrip }
        handshakes[frame.number] = flows.conversations[flows[entry.place].conversation].handshakeRTT
    }

    mutating func visitARP(at offset: Int, link: LinkHeader, in frame: CapturedFrame, _ bytes: Span<UInt8>) {}

    mutating func visitOther(_ other: UndecodedFrame, in frame: CapturedFrame) {}
}

/// Frames with their times, for both sides of a comparison.
struct Exchange {
    private(set) var frames: [(time: Int64, bytes: [UInt8])] = []
    /// Nanoseconds since 1970.
    var now: Int64 = 1_700_000_000_000_000_000

    mutating func send(_ packet: [UInt8], after wait: Int64 = 100_000) {
        now += wait
        frames.append((now, PacketBytes.frame(packet)))
    }

    var capture: CaptureBytes {
        var capture = CaptureBytes()
        for frame in frames { capture.add(frame.bytes, at: frame.time) }
        return capture
    }

    func visit(_ visitor: inout some PacketVisitor) {
        var decoder = FrameDecoder()
        for (index, frame) in frames.enumerated() {
            decoder.decode(
                CapturedFrame(
                    number: index + 1, time: frame.time, length: frame.bytes.count, linkType: .ethernet),
                frame.bytes.span, into: &visitor)
        }
    }

    func summary(_ settings: AnalysisSettings = AnalysisSettings()) -> PacketSummary {
        var analyzer = PacketAnalyzer(settings)
        for (index, frame) in frames.enumerated() {
            analyzer.add(
                CapturedFrame(
                    number: index + 1, time: frame.time, length: frame.bytes.count, linkType: .ethernet),
                frame.bytes.span)
        }
        return analyzer.finish()
    }
}

/// A connection of two endpoints, to be made segment by segment.
struct Conversation {
    var client: PacketEndpoint = "198.18.0.1:40000"
    var server: PacketEndpoint = "198.18.0.2:9000"
    /// Numbers of the two SYNs.
    var clientBase: UInt32 = 1000
    var serverBase: UInt32 = 5000
    private var identification: UInt16 = 0
    var exchange = Exchange()

    init() {}

    /// - Parameters:
    ///   - sequence: from the SYN of the sender, as `ack` from that of the other; nil is without ACK.
    ///   - wait: nanoseconds since the segment before.
    mutating func segment(
        fromClient: Bool, _ flags: TCPFlags = [], _ sequence: Int, ack: Int? = nil, length: Int = 0,
        window: UInt16 = 500, options: [TCPOptionBytes] = [], hopLimit: UInt8 = 64, identification: UInt16? = nil,
        after wait: Int64 = 100_000
    ) {
        self.identification &+= 1
        let (own, other) = fromClient ? (clientBase, serverBase) : (serverBase, clientBase)
        exchange.send(
            PacketBytes.tcp(
                fromClient ? client : server, fromClient ? server : client, ack == nil ? flags : flags.union(.ack),
                sequence: own &+ UInt32(truncatingIfNeeded: sequence),
                acknowledgement: ack.map { other &+ UInt32(truncatingIfNeeded: $0) } ?? 0, window: window,
                options: options, payload: [UInt8](repeating: 0, count: length),
                PacketBytes.Internet(hopLimit: hopLimit, identification: identification ?? self.identification)),
            after: wait)
    }

    mutating func handshake(scale: UInt8? = 7) {
        let options = [.mss(1460)] + (scale.map { [TCPOptionBytes.windowScale($0)] } ?? [])
        segment(fromClient: true, .syn, 0, options: options)
        segment(fromClient: false, .syn, 0, ack: 1, options: options, after: 5_000_000)
        segment(fromClient: true, 1, ack: 1, after: 200_000)
    }

    private mutating func segment(fromClient: Bool, _ sequence: Int, ack: Int, after wait: Int64) {
        segment(fromClient: fromClient, [], sequence, ack: ack, after: wait)
    }
}
