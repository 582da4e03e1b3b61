import Diagnosis
import NetValues
import Observations
import Planning
import Wire

// Captures as the analysis would leave them, in few words.

let listener = PacketEndpoint(target)
let asker = PacketEndpoint(ownAddress)

/// What of a conversation is not as in a healthy one, by direction.
struct Conversation {
    var client = asker
    var server = listener
    var fromA = TCPDirectionRecord()
    var fromB = TCPDirectionRecord()
    var packets = (a: 0, b: 0)
    var duplicates = (a: 0, b: 0)
    var secondSights = (a: 0, b: 0)
    var state = ConnectionState.closed
    var rtt: Duration? = .milliseconds(1)
    var resets: [ResetRecord] = []
    var firstResponse: Duration?
    var idle = Duration.zero
    var afterIdle: TCPRecord.AfterIdle?
    var icmp: [QuotedError] = []
    var hopLimits: ClosedRange<UInt8> = 64...64
    var application: FlowRecord.Application?
    var bytes = (a: 600, b: 5000)

    /// A request and an answer, ended in good order.
    static func healthy(to server: PacketEndpoint = listener, port: UInt16 = 40000) -> Conversation {
        var flow = Conversation()
        flow.client = PacketEndpoint(asker.address, port)
        flow.server = server
        flow.fromA.syns = 1
        flow.fromA.fins = 1
        flow.fromA.dataSegments = 1
        flow.fromA.handshakeHopLimit = 64
        flow.fromA.usualHopLimit = 64
        flow.fromA.largestSegment = 400
        flow.fromA.largestAcknowledged = 400
        flow.fromA.firstSYNAt = noon
        flow.fromA.lastSYNAt = noon
        flow.fromB.synAcks = 1
        flow.fromB.fins = 1
        flow.fromB.dataSegments = 4
        flow.fromB.handshakeHopLimit = 63
        flow.fromB.usualHopLimit = 63
        flow.fromB.largestSegment = 1448
        flow.fromB.largestAcknowledged = 1448
        flow.packets = (7, 7)
        flow.firstResponse = .milliseconds(2)
        return flow
    }

    /// SYNs a second apart, and nothing back.
    static func silent(to server: PacketEndpoint = listener, port: UInt16 = 40000, syns: Int = 4)
        -> Conversation
    {
        var flow = Conversation()
        flow.client = PacketEndpoint(asker.address, port)
        flow.server = server
        flow.fromA.syns = syns
        flow.fromA.handshakeHopLimit = 64
        flow.fromA.usualHopLimit = 64
        flow.fromA.firstSYNAt = noon
        flow.fromA.lastSYNAt = noon + .seconds(syns - 1)
        flow.packets = (syns, 0)
        flow.state = .noAnswer
        flow.rtt = nil
        flow.bytes = (60 * syns, 0)
        return flow
    }

    /// A reset answers the SYN.
    static func refused(
        to server: PacketEndpoint = listener, port: UInt16 = 40000, hopLimit: UInt8 = 63
    ) -> Conversation {
        var flow = silent(to: server, port: port, syns: 1)
        flow.packets.b = 1
        flow.fromB.resets = 1
        flow.state = .rejected
        flow.resets = [reset(hopLimit: hopLimit, sent: 0, received: 0)]
        return flow
    }

    /// - Parameters:
    ///   - sent: bytes of the one who resets.
    ///   - received: bytes of the other.
    static func reset(
        fromA: Bool = false, hopLimit: UInt8 = 63, sent: Int, received: Int, after: Duration = .milliseconds(1)
    ) -> ResetRecord {
        ResetRecord(
            frame: 12, at: noon, isFromA: fromA, hopLimit: hopLimit, window: 0, hasAck: true, hasPayload: false,
            bytesFromSender: sent, bytesFromOther: received, sincePrevious: after)
    }

    func with(_ change: (inout Conversation) -> Void) -> Conversation {
        var copy = self
        change(&copy)
        return copy
    }

    var record: FlowRecord {
        var record = FlowRecord(
            protocolNumber: IPProtocol.tcp, a: client, b: server, firstAt: noon, lastAt: noon + .seconds(5))
        record.fromA = direction(packets.a, bytes.a, duplicates.a, hopLimits)
        record.fromB = direction(packets.b, bytes.b, duplicates.b, 63...63)
        record.fromA.secondSights = secondSights.a
        record.fromB.secondSights = secondSights.b
        record.icmpErrors = icmp
        record.application = application
        record.tcp = TCPRecord(
            fromA: fromA, fromB: fromB, initialRTT: rtt, state: state, resets: resets, firstResponseTime: firstResponse,
            longestIdle: idle, afterIdle: afterIdle)
        return record
    }

    private func direction(_ packets: Int, _ bytes: Int, _ duplicates: Int, _ limits: ClosedRange<UInt8>)
        -> FlowDirection
    {
        var direction = FlowDirection()
        direction.packets = packets
        direction.bytes = bytes
        direction.payloadBytes = bytes
        direction.hopLimits = packets > 0 ? limits : nil
        direction.duplicates = duplicates
        return direction
    }
}

func quoted(_ type: UInt8, _ code: UInt8, from sender: IPAddress = router) -> QuotedError {
    QuotedError(
        frame: 9, at: noon, sender: PacketAddress(sender), type: type, code: code, mtu: nil, hopLimit: 64)
}

/// A capture of ten seconds with these conversations.
func capture(_ flows: [Conversation], _ change: (inout PacketSummary) -> Void = { _ in }) -> PacketSummary {
    var summary = PacketSummary()
    summary.flows = flows.map(\.record)
    summary.packets = max(1, flows.reduce(0) { $0 + $1.packets.a + $1.packets.b })
    summary.firstAt = noon
    summary.lastAt = noon + .seconds(10)
    summary.tcp.flows = flows.count
    change(&summary)
    return summary
}

func judge(capture summary: PacketSummary) -> Judgement {
    Judge(resolver: ResolverConfiguration(servers: []), now: noon).judge(packets: summary)
}

func judge(_ flows: [Conversation], _ change: (inout PacketSummary) -> Void = { _ in }) -> Judgement {
    judge(capture: capture(flows, change))
}

extension CheckRecord {
    /// The same with what was captured while it ran.
    func captured(_ flows: [Conversation], drops: Int = 0, neighbours: NeighbourTally = NeighbourTally()) -> CheckRecord
    {
        var record = self
        record.packets = CheckPackets(
            flows: flows.map(\.record), neighbours: neighbours, drops: CaptureDrops(kernel: drops, isKnown: true))
        return record
    }
}

/// Another port of the same host.
let pagePort = PacketEndpoint(listener.address, 80)
let tlsPort = PacketEndpoint(listener.address, 443)
