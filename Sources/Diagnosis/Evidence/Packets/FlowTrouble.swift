import NetValues
import Observations
import Wire

/// What went wrong in one TCP conversation, as its packets show it (catalogue sections 1.1, 1.3 and 17). Each has one: the
/// first in the order of the connection's life, so that no cause is told twice.
enum FlowTrouble: Hashable, Sendable, CaseIterable {
    /// SYNs, and nothing came back.
    case silence
    /// A device says by ICMP that this is forbidden.
    case rejected
    /// A router says by ICMP that it has no way on.
    case unreachable
    /// The hop limit ran out on the way.
    case expired
    /// A reset answered the SYN.
    case refused
    /// The same, with another hop limit than the target's own packets.
    case forgedRefusal
    /// SYN-ACKs came, and the one who asked does not take them.
    case unheeded
    /// One side is connected; the other repeats its SYN-ACK and takes neither the ACK nor data.
    case halfOpen
    /// Small segments pass, a full-size one is repeated and never acknowledged.
    case hole
    /// After a long silence data was reset or not acknowledged.
    case idleDeath
    /// A reset with another hop limit than its alleged sender's own packets.
    case forgedReset
    /// The server resets before it has sent a byte.
    case resetByServer
    /// Established, but only when the SYN was sent again.
    case lateConnect
}

extension FlowTrouble {
    /// - Parameter usual: hop limits that the server's address was seen with in packets that are no resets.
    init?(_ flow: FlowRecord, _ tcp: TCPRecord, usual: ClosedRange<UInt8>?, capturedUntil end: WallTime?) {
        guard flow.fromA.packets > 0, !flow.isUnseenFromB(tcp) else { return nil }
        if let trouble = Self.beforeSYNAck(flow, tcp, usual, end) ?? Self.afterSYNAck(flow, tcp) {
            self = trouble
        } else {
            return nil
        }
    }

    private static func beforeSYNAck(
        _ flow: FlowRecord, _ tcp: TCPRecord, _ usual: ClosedRange<UInt8>?, _ end: WallTime?
    ) -> FlowTrouble? {
        guard tcp.fromA.syns > 0, tcp.fromB.synAcks == 0, tcp.fromB.dataSegments == 0 else { return nil }
        if let error = flow.icmpErrors.lazy.compactMap({ $0.trouble(of: flow) }).first { return error }
        if let reset = tcp.resets.first(where: { !$0.isFromA }) {
            return usual.map { flow.isForeign(reset, to: $0) } ?? false ? .forgedRefusal : .refused
        }
        guard flow.fromB.packets == 0, tcp.fromA.resets == 0, tcp.isPatient(until: end) else { return nil }
        return .silence
    }

    private static func afterSYNAck(_ flow: FlowRecord, _ tcp: TCPRecord) -> FlowTrouble? {
        if tcp.fromB.synAcks >= 2, tcp.fromA.syns >= 2, flow.fromA.distinctPackets == tcp.fromA.syns {
            return .unheeded
        }
        if tcp.isHalfOpen { return .halfOpen }
        if tcp.fromA.isBlackHole || tcp.fromB.isBlackHole { return .hole }
        if tcp.diedAfterIdle { return .idleDeath }
        if tcp.resets.contains(where: { flow.isForged($0) }) { return .forgedReset }
        if tcp.isResetUnanswered { return .resetByServer }
        return tcp.synDelay == nil ? nil : .lateConnect
    }
}

extension FlowRecord {
    /// Whether a reset's hop limit is another than that of the handshake and of everything else of its alleged sender.
    func isForged(_ reset: ResetRecord) -> Bool {
        guard let sender = reset.isFromA ? tcp?.fromA : tcp?.fromB,
            let usual = sender.handshakeHopLimit ?? sender.usualHopLimit, usual == sender.usualHopLimit ?? usual
        else { return false }
        return isForeign(reset, to: usual...usual) || isMadeHere(reset)
    }

    /// On a host that forwards, what comes is seen again as it goes: a reset that was seen once did not come.
    func isMadeHere(_ reset: ResetRecord) -> Bool {
        let sender = reset.isFromA ? fromA : fromB
        let resets = tcp?.resets.filter { $0.isFromA == reset.isFromA } ?? []
        return sender.secondSights > 0 && sender.duplicates == 0 && !resets.contains(where: \.isSecondSight)
            && sender.secondSights + resets.count == sender.distinctPackets
    }

    /// On a host that forwards, each packet may have been captured before and after its hop limit fell by one.
    func isForeign(_ reset: ResetRecord, to usual: ClosedRange<UInt8>) -> Bool {
        guard !usual.contains(reset.hopLimit) else { return false }
        let isForwarded = fromA.secondSights + fromB.secondSights > 0
        return !isForwarded || reset.hopLimit &+ 1 < usual.lowerBound || reset.hopLimit &- 1 > usual.upperBound
    }

    /// The capture shows one direction only: `a` acknowledges or sends what only an answer allows.
    func isUnseenFromB(_ tcp: TCPRecord) -> Bool {
        fromB.packets == 0 && fromA.distinctPackets > tcp.fromA.syns + tcp.fromA.resets
    }
}

extension TCPRecord {
    /// More than one SYN, and time for an answer to the first before the capture ended.
    fileprivate func isPatient(until end: WallTime?) -> Bool {
        guard fromA.syns >= 2, let first = fromA.firstSYNAt, let last = fromA.lastSYNAt else { return false }
        return max(last, end ?? last) - first >= .milliseconds(500)
    }

    /// What a stateful device that saw one direction only does, and a listening socket whose queue is full.
    fileprivate var isHalfOpen: Bool {
        guard fromB.synAcks >= 2, fromB.dataSegments == 0, fromA.largestAcknowledged == 0 else { return false }
        return fromA.dataSegments > 0 ? fromA.counters.retransmission > fromA.copiesTakenForLoss : fromB.synAcks >= 4
    }

    /// Three seconds are the shortest that any device forgets a connection in; below that it is a pause.
    fileprivate var diedAfterIdle: Bool {
        guard longestIdle >= .seconds(3), fromA.fins == 0, fromB.fins == 0 else { return false }
        // Who ends its own idle connection by a reset has its reasons.
        return afterIdle == .unanswered && isSentAgain
            || afterIdle == .reset && resets.contains { !$0.isFromA }
    }

    /// What was just sent when the capture ended may have been answered.
    private var isSentAgain: Bool {
        max(fromA.mostRepeats, fromB.mostRepeats) >= 1 || max(fromA.counters.keepAlive, fromB.counters.keepAlive) >= 3
    }

    /// Asked, or merely connected to, and reset without a byte. A server that has answered may end by a reset: many do.
    fileprivate var isResetUnanswered: Bool {
        guard fromB.synAcks > 0, fromA.fins == 0, fromB.fins == 0, let reset = resets.first else { return false }
        return !reset.isFromA && reset.bytesFromSender == 0 && initialRTT != nil
    }

    /// How long the connection waited since its first SYN was not answered; nil when the first one was.
    var synDelay: Duration? {
        guard fromA.syns >= 2, fromB.synAcks > 0, initialRTT != nil, let first = fromA.firstSYNAt,
            let last = fromA.lastSYNAt, last - first >= .milliseconds(900)
        else { return nil }
        return last - first
    }
}

extension TCPDirectionRecord {
    /// Smaller than this no path may carry over IPv6 (RFC 8200 section 5), less headers: a hole of small segments is none.
    private static let leastHole = 1000

    var isBlackHole: Bool {
        mostRepeats >= 3 && mostRepeatedSize >= Self.leastHole && mostRepeatedSize > largestAcknowledged
    }
}

extension QuotedError {
    var isV6: Bool { sender.isIPv6 }

    /// "administratively prohibited (3/13)"
    var name: String { icmpErrorName(type: type, code: code, isV6: isV6) }

    /// "Fragmentation needed" and "packet too big": no failure, but what tells the sender its size.
    var tellsMTU: Bool { isV6 ? type == 2 : type == 3 && code == 4 }

    fileprivate func trouble(of flow: FlowRecord) -> FlowTrouble? {
        switch (isV6, type, code) {
        case (false, 11, 0), (true, 3, 0):
            // Less is sent by who wants to be told, as traceroute does. Where the packets go round it is seen to fall.
            (flow.tcp?.fromA.handshakeHopLimit ?? 0) >= 32 ? .expired : nil
        case (false, 3, 0), (false, 3, 1), (false, 3, 6), (false, 3, 7), (true, 1, 0), (true, 1, 2), (true, 1, 3):
            .unreachable
        case (false, 3, 4): nil
        case (false, 3, _), (true, 1, _): .rejected
        default: nil
        }
    }
}
