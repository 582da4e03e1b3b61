import Wire

/// A segment as the rules see it.
struct RuledSegment {
    let sequence: UInt32
    let acknowledgement: UInt32
    let length: UInt32
    let window: UInt32
    let flags: TCPFlags
    let time: Int64

    init(_ segment: TCPSegment, at time: Int64) {
        sequence = segment.sequence
        acknowledgement = segment.acknowledgement
        length = UInt32(clamping: segment.payloadLength)
        window = UInt32(segment.window)
        flags = segment.flags
        self.time = time
    }

    var end: UInt32 { sequence &+ length }
    var isControl: Bool { !flags.isDisjoint(with: [.syn, .fin, .rst]) }
    /// It takes sequence numbers.
    var counts: Bool { length > 0 || !flags.isDisjoint(with: [.syn, .fin]) }
}

/// The rules of tshark 4.0.17 (epan/dissectors/packet-tcp.c, `tcp_analyze_sequence_number`) in its order, stated anew from what they
/// do. `own` is the direction of the segment.
enum TCPSegmentRules {
    /// What a segment is, before the state takes it in.
    static func flags(
        of segment: RuledSegment, own: inout TCPDirectionState, other: inout TCPDirectionState, handshakeRTT: Int64
    ) -> TCPAnalysisFlags {
        var flags = windowFlags(segment, own: &own, other: other)
        if segment.acknowledgement != own.lastAck { own.duplicateAcks = 0 }
        if segment.flags.contains(.ack), other.maxAck != 0, segment.acknowledgement.isAfter(other.maxAck) {
            if other.maxAck.isBefore(other.next) {
                other.maxAck = other.next
                flags.insert(.ackLostSegment)
            } else {
                if other.duplicateAcks == 0 { flags.insert(.ackLostSegment) }
                other.duplicateAcks = .max
            }
        }
        if segment.counts, !flags.contains(.keepAlive) {
            flags.formUnion(repetition(segment, own: own, other: other, handshakeRTT: handshakeRTT))
        }
        return flags
    }

    /// Probes, windows, keep-alives and duplicate acknowledgements.
    private static func windowFlags(
        _ segment: RuledSegment, own: inout TCPDirectionState, other: TCPDirectionState
    ) -> TCPAnalysisFlags {
        let isExpected = segment.sequence == own.next
        if segment.length == 1, isExpected, other.window == 0 { return .zeroWindowProbe }
        var flags: TCPAnalysisFlags = []
        if own.next != 0, segment.sequence.isAfter(own.next), !segment.flags.contains(.rst) {
            flags.insert(.lostSegment)
        }
        if segment.isControl { return flags }
        if segment.window == 0 { flags.insert(.zeroWindow) }
        if segment.length <= 1, segment.sequence == own.next &- 1 { flags.insert(.keepAlive) }
        if segment.length > 0 {
            if let shift = other.isFirstAck && other.scale != .unknown ? 0 : other.scale.shift,
                segment.end == other.lastAck &+ (other.window &<< shift)
            {
                flags.insert(.windowFull)
            }
            return flags
        }
        guard isExpected, segment.acknowledgement == own.lastAck else { return flags }
        return acknowledgementFlags(segment, flags, own: &own, other: other)
    }

    /// Of a segment without payload that acknowledges what the one before it did.
    private static func acknowledgementFlags(
        _ segment: RuledSegment, _ flags: TCPAnalysisFlags, own: inout TCPDirectionState, other: TCPDirectionState
    ) -> TCPAnalysisFlags {
        var flags = flags
        if segment.window != own.window {
            if segment.window != 0 { flags.insert(.windowUpdate) }
            return flags
        }
        if segment.window == 0 {
            if other.lastFlags.contains(.zeroWindowProbe) { flags.insert(.zeroWindowProbeAck) }
            return flags
        }
        if other.lastFlags.contains(.keepAlive) {
            flags.insert(.keepAliveAck)
            return flags
        }
        own.duplicateAcks = own.duplicateAcks == .max ? 1 : own.duplicateAcks &+ 1
        flags.insert(.duplicateAck)
        return flags
    }

    /// Whether it was sent before, by the first of four definitions that holds. Differences of time are compared unsigned: one that is
    /// negative is large.
    private static func repetition(
        _ segment: RuledSegment, own: TCPDirectionState, other: TCPDirectionState, handshakeRTT: Int64
    ) -> TCPAnalysisFlags {
        if segment.length > 0, other.lastAck != 0, segment.end.isAtMost(other.lastAck) {
            return .spuriousRetransmission
        }
        guard own.next != 0, segment.sequence.isBefore(own.next) else { return [] }
        if segment.length > 1, segment.sequence == own.next &- 1 { return [] }
        if other.duplicateAcks >= 2, other.lastAck == segment.sequence,
            UInt64(bitPattern: segment.time &- other.lastAckAt) < 20_000_000
        {
            return .fastRetransmission
        }
        let patience = handshakeRTT == 0 ? 3_000_000 : UInt64(bitPattern: handshakeRTT)
        let isShort = segment.flags.isDisjoint(with: [.syn, .fin])
        if UInt64(bitPattern: segment.time &- own.nextAt) < patience, own.next != segment.end &+ (isShort ? 0 : 1) {
            return .outOfOrder
        }
        return .retransmission
    }

    /// The state after a segment.
    ///
    /// - Returns: of the other direction's segment that this one acknowledges exactly, when it was sent; and the size of the largest
    ///   that this one covers.
    static func takeIn(
        _ segment: RuledSegment, _ flags: TCPAnalysisFlags, own: inout TCPDirectionState,
        other: inout TCPDirectionState, in pool: inout SegmentPool
    ) -> (sentAt: Int64?, largest: UInt32) {
        var end = segment.end
        if segment.counts, !own.unacked.isFull {
            if !segment.flags.isDisjoint(with: [.syn, .fin]) { end &+= 1 }
            own.unacked.append(start: segment.sequence, end: end, at: segment.time, in: &pool)
        }
        let isProbe = flags.contains(.zeroWindowProbe)
        if !isProbe, own.next == 0 || end.isAfter(own.next) {
            own.next = end
            own.nextAt = segment.time
        }
        if !isProbe, own.maxAck == 0 || segment.sequence == own.maxAck { own.maxAck = own.next }
        own.window = segment.window
        own.lastAck = segment.acknowledgement
        own.lastAckAt = segment.time
        own.lastFlags = flags
        return other.unacked.acknowledge(segment.acknowledgement, in: &pool)
    }
}
