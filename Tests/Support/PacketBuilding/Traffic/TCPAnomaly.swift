import RepeatableChance
import Wire

/// What goes wrong within an established connection, the server sending: each brings the flags of tshark that its name says,
/// some of them together with others.
enum TCPAnomaly: CaseIterable {
    case retransmission, fastRetransmission, spuriousRetransmission, outOfOrder, lostSegment, ackLostSegment
    case duplicateAcknowledgements, zeroWindow, windowFull, windowUpdate, keepAlive, keepAliveWithByte, forgedReset
    case clientReset, serverReset, resetWithData, closedWindowForGood, silence

    /// Whether the connection is over afterwards.
    var ends: Bool {
        switch self {
        case .clientReset, .serverReset, .resetWithData, .closedWindowForGood, .silence: true
        default: false
        }
    }
}

extension TCPConversation {
    private static let milliseconds: Int64 = 1_000_000
    private var segment: [UInt8] { Traffic.filler(mostPayload) }

    mutating func play(_ anomaly: TCPAnomaly, _ random: inout SeededRandom) {
        switch anomaly {
        case .retransmission: retransmission(times: random.number(1...4))
        case .fastRetransmission: fastRetransmission(duplicates: random.number(2...8))
        case .spuriousRetransmission: spuriousRetransmission()
        case .outOfOrder: outOfOrder(after: Int64(random.number(20...2_500)) * 1000)
        case .lostSegment: lostSegment()
        case .ackLostSegment: ackLostSegment(random.number(1...3))
        case .duplicateAcknowledgements: duplicateAcknowledgements(random.number(1...6))
        case .zeroWindow: zeroWindow(probes: random.number(1...5))
        case .windowFull: windowFull()
        case .windowUpdate: windowUpdate(random.number(1...3))
        case .keepAlive: keepAlive(random.number(1...3), [])
        case .keepAliveWithByte: keepAlive(random.number(1...3), [0])
        case .forgedReset: forgedReset(hopLimit: UInt8(random.number(100...250)))
        case .clientReset: send(.client, .rst, after: 30 * Self.milliseconds)
        case .serverReset: send(.server, [.rst, .ack], after: roundTrip)
        case .resetWithData: resetWithData()
        case .closedWindowForGood: closedWindowForGood()
        case .silence: send(.client, [.psh, .ack], Traffic.filler(200), after: 500 * Self.milliseconds)
        }
    }

    /// No answer comes to a segment, so that it is sent again, and later each time.
    private mutating func retransmission(times: Int) {
        let sequence = server.next
        send(.server, [.psh, .ack], segment, after: roundTrip, Change(isReceived: false))
        var wait = 210 * Self.milliseconds
        for time in 1...times {
            send(
                .server, [.psh, .ack], segment, after: wait,
                Change(sequence: sequence, isReceived: time == times))
            wait *= 2
        }
        acknowledge(from: .client)
    }

    /// A segment is lost before the capture; acknowledgements of those behind it bring it back.
    private mutating func fastRetransmission(duplicates: Int) {
        let lost = server.next
        send(.server, .ack, segment, after: roundTrip, Change(isUnseen: true, isReceived: false))
        let left = server.next
        for _ in 0..<duplicates {
            send(.server, .ack, segment, after: 12_000)
            send(.client, .ack, after: 5_000, Change(sack: [(left, server.next)]))
        }
        send(.server, .ack, segment, after: min(roundTrip, 15 * Self.milliseconds), Change(sequence: lost))
        client.received = server.next
        acknowledge(from: .client)
    }

    /// The acknowledgement was lost behind the capture: the server sends again what the client has.
    private mutating func spuriousRetransmission() {
        let sequence = server.next
        send(.server, [.psh, .ack], segment, after: roundTrip)
        acknowledge(from: .client)
        send(.server, [.psh, .ack], segment, after: 220 * Self.milliseconds, Change(sequence: sequence))
        acknowledge(from: .client)
    }

    private mutating func outOfOrder(after delay: Int64) {
        let first = server.next
        let second = first &+ UInt32(segment.count)
        send(.server, .ack, segment, after: roundTrip, Change(sequence: second, isReceived: false))
        let behind = server.next
        send(.client, .ack, after: 5_000, Change(sack: [(second, behind)]))
        send(.server, .ack, segment, after: delay, Change(sequence: first))
        client.received = behind
        acknowledge(from: .client)
    }

    /// The capture missed a segment that the client has.
    private mutating func lostSegment() {
        send(.server, .ack, segment, after: roundTrip, Change(isUnseen: true))
        send(.server, [.psh, .ack], segment, after: 12_000)
        acknowledge(from: .client)
    }

    private mutating func ackLostSegment(_ count: Int) {
        for _ in 0..<count { send(.server, .ack, segment, after: 12_000, Change(isUnseen: true)) }
        acknowledge(from: .client)
        send(.server, [.psh, .ack], segment, after: roundTrip)
        acknowledge(from: .client)
    }

    private mutating func duplicateAcknowledgements(_ count: Int) {
        send(.server, [.psh, .ack], segment, after: roundTrip)
        for _ in 0...count { acknowledge(from: .client) }
    }

    /// The client reads nothing: its window shuts, probes of one byte come, and it opens again.
    private mutating func zeroWindow(probes: Int) {
        let window = client.window
        send(.server, [.psh, .ack], segment, after: roundTrip)
        client.window = 0
        acknowledge(from: .client)
        var wait = 220 * Self.milliseconds
        for _ in 0..<probes {
            send(.server, .ack, [0x61], after: wait, Change(sequence: server.next, isReceived: false))
            server.next &-= 1
            acknowledge(from: .client)
            wait *= 2
        }
        client.window = window
        send(.client, .ack, after: 50 * Self.milliseconds)
        send(.server, [.psh, .ack], segment, after: roundTrip)
        acknowledge(from: .client)
    }

    /// The server fills the window to the last byte.
    private mutating func windowFull() {
        let window = client.window
        client.window = 46
        send(.server, [.psh, .ack], segment, after: roundTrip)
        acknowledge(from: .client)
        var room = 46 << Int(client.scale)
        while room > 0 {
            let count = min(room, mostPayload)
            send(.server, .ack, Traffic.filler(count), after: 12_000)
            room -= count
        }
        client.window = 0
        acknowledge(from: .client)
        client.window = window
        send(.client, .ack, after: 8 * Self.milliseconds)
    }

    private mutating func windowUpdate(_ count: Int) {
        send(.server, [.psh, .ack], segment, after: roundTrip)
        acknowledge(from: .client)
        for _ in 0..<count {
            client.window += 100
            send(.client, .ack, after: 2 * Self.milliseconds)
        }
    }

    private mutating func keepAlive(_ count: Int, _ payload: [UInt8]) {
        for _ in 0..<count {
            send(.client, .ack, payload, after: 15_000 * Self.milliseconds, Change(sequence: client.next &- 1))
            send(.server, .ack, after: roundTrip)
        }
    }

    /// Something on the way says that the server had enough; the server knows nothing of it.
    private mutating func forgedReset(hopLimit: UInt8) {
        send(.server, .rst, after: roundTrip / 3, Change(sequence: server.next, hopLimit: hopLimit))
        send(.server, [.psh, .ack], segment, after: roundTrip)
        send(.client, .rst, after: 20_000, Change(sequence: client.received))
    }

    private mutating func resetWithData() {
        send(.server, [.psh, .ack], segment, after: roundTrip)
        send(.client, [.fin, .ack], after: 100_000)
        send(.server, [.rst], Traffic.filler(20), after: roundTrip)
    }

    private mutating func closedWindowForGood() {
        client.window = 0
        acknowledge(from: .client)
        for _ in 0..<3 {
            send(.server, .ack, [0x61], after: 400 * Self.milliseconds, Change(isReceived: false))
            server.next &-= 1
        }
        send(.client, [.rst, .ack], after: 1000 * Self.milliseconds)
    }
}
