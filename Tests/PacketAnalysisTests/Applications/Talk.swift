import Observations
import PacketAnalysis
import PacketBuilding
import Wire

/// A TCP connection, packet by packet, before an analyzer. A millisecond passes with each packet.
struct Talk: ~Copyable {
    private var analyzer: PacketAnalyzer
    private var number = 0
    private var sent: (client: UInt32, server: UInt32) = (0, 0)
    var client: PacketEndpoint = "198.18.0.1:40000"
    var server: PacketEndpoint = "198.18.0.2:7777"
    /// So much of each frame is captured.
    var snapLength = Int.max

    private static let clientBase: UInt32 = 0xffff_ff00
    private static let serverBase: UInt32 = 77

    init(_ settings: AnalysisSettings = AnalysisSettings(), server: PacketEndpoint = "198.18.0.2:7777") {
        analyzer = PacketAnalyzer(settings)
        self.server = server
    }

    mutating func open() {
        sent = (0, 0)
        send(true, [], at: 0, .syn)
        send(false, [], at: 0, [.syn, .ack])
        send(true, [], at: 0, .ack)
    }

    /// - Parameters:
    ///   - at: in the stream; by default behind what was sent before.
    mutating func clientSays(_ bytes: [UInt8], at place: UInt32? = nil) { say(true, bytes, at: place) }
    mutating func clientSays(_ text: String, at place: UInt32? = nil) { say(true, Array(text.utf8), at: place) }
    mutating func serverSays(_ bytes: [UInt8], at place: UInt32? = nil) { say(false, bytes, at: place) }
    mutating func serverSays(_ text: String, at place: UInt32? = nil) { say(false, Array(text.utf8), at: place) }

    /// What was sent and not captured.
    mutating func clientSaysUnseen(_ count: UInt32) { sent.client += count }
    mutating func serverSaysUnseen(_ count: UInt32) { sent.server += count }

    private mutating func say(_ isClient: Bool, _ bytes: [UInt8], at place: UInt32?) {
        let offset = place ?? (isClient ? sent.client : sent.server)
        if isClient {
            sent.client = max(sent.client, offset + UInt32(bytes.count))
        } else {
            sent.server = max(sent.server, offset + UInt32(bytes.count))
        }
        send(isClient, bytes, at: offset, [.psh, .ack])
    }

    private mutating func send(_ isClient: Bool, _ bytes: [UInt8], at offset: UInt32, _ flags: TCPFlags) {
        let isSYN = flags.contains(.syn)
        let base = isClient ? Self.clientBase : Self.serverBase
        let other = isClient ? Self.serverBase : Self.clientBase
        let packet = PacketBytes.tcp(
            isClient ? client : server, isClient ? server : client, flags,
            sequence: base &+ offset &+ (isSYN ? 0 : 1),
            acknowledgement: flags.contains(.ack) ? other &+ 1 &+ (isClient ? sent.server : sent.client) : 0,
            payload: bytes)
        add(packet)
    }

    mutating func datagram(isFromClient: Bool, _ bytes: [UInt8]) {
        add(PacketBytes.udp(isFromClient ? client : server, isFromClient ? server : client, bytes))
    }

    private mutating func add(_ packet: [UInt8]) {
        number += 1
        let frame = CapturedFrame(
            number: number, time: Int64(number) * 1_000_000, length: packet.count, linkType: .raw)
        let shown = Array(packet.prefix(snapLength))
        analyzer.add(frame, shown.span)
    }

    var summary: PacketSummary { analyzer.summary() }
    var application: FlowRecord.Application? { analyzer.summary().flows.first?.application }
}
