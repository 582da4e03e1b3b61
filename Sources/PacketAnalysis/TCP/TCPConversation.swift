import Observations
import Wire

/// A TCP conversation as tshark keeps it, and what the record says of it beside.
struct TCPConversation {
    var a = TCPDirectionState()
    var b = TCPDirectionState()
    /// Of the latest SYN without ACK; 0 is none, as in tshark.
    private var synAt: Int64 = 0
    /// From there to the first ACK; 0 is none.
    private(set) var handshakeRTT: Int64 = 0
    private(set) var progress = ConnectionProgress()
    private(set) var idle = IdleTime()
    /// From the end of the first request to the first byte of its answer; negative is none.
    private(set) var firstResponse: Int64 = -1
    var resets = ResetList()

    /// The direction of the segments of one side, and the other.
    @inline(__always)
    private mutating func forDirection<Result>(
        _ isFromA: Bool, _ body: (inout TCPDirectionState, inout TCPDirectionState) -> Result
    ) -> Result {
        isFromA ? body(&a, &b) : body(&b, &a)
    }

    /// Whether a SYN begins a new conversation of the same endpoints: its number differs from that of the one before.
    func isReused(by segment: TCPSegment, isFromA: Bool) -> Bool {
        guard segment.flags.contains(.syn), !segment.flags.contains(.ack) else { return false }
        let own = isFromA ? a : b
        return own.hasBase && own.base != segment.sequence
    }

    /// - Parameter reuses: it begins a conversation upon the endpoints of another.
    mutating func take(
        _ segment: TCPSegment, _ context: SegmentContext, reuses: Bool, in pools: inout TCPPools
    ) -> SegmentVerdict {
        let ruled = RuledSegment(segment, at: context.time)
        let handshakeRTT = handshakeRTT
        recordConversation(segment, context, in: &pools)
        let verdict = forDirection(context.isFromA) { own, other in
            var flags = Self.setBases(segment, own: &own, other: &other)
            if reuses { flags.insert(.reusedPorts) }
            flags.formUnion(
                TCPSegmentRules.flags(of: ruled, own: &own, other: &other, handshakeRTT: handshakeRTT))
            let (sentAt, largest) = TCPSegmentRules.takeIn(
                ruled, flags, own: &own, other: &other, in: &pools.segments)
            // A header that is too short is no more looked into by tshark: it shows nothing, and its options do not count.
            let isWhole = segment.dataOffset >= 5
            let roundTrip = isWhole ? sentAt.map { context.time &- $0 } : nil
            let shown = isWhole ? flags : []
            if isWhole { Self.takeScale(segment, own: &own, other: &other) }
            let arrival = own.record(segment, context, shown, in: &pools.segments)
            other.recordAcknowledged(largest: largest, roundTrip: roundTrip)
            if segment.flags.contains(.ack) {
                let ack = segment.acknowledgement
                if own.furthestAck == 0 || ack.isAfter(own.furthestAck) { own.furthestAck = ack }
            }
            if arrival != nil { own.recordInFlight(acknowledged: other.furthestAck) }
            return SegmentVerdict(flags: shown, roundTrip: roundTrip, arrival: arrival)
        }
        if segment.dataOffset >= 5 { takeHandshakeTime(segment, context.time) }
        return verdict
    }

    /// Where the numbers of each direction begin.
    private static func setBases(
        _ segment: TCPSegment, own: inout TCPDirectionState, other: inout TCPDirectionState
    ) -> TCPAnalysisFlags {
        var flags: TCPAnalysisFlags = []
        let isSYN = segment.flags.contains(.syn)
        if own.hasBase, isSYN {
            if segment.flags.contains(.ack) {
                if own.base != segment.sequence {
                    own.base = segment.sequence
                    flags = .reusedPorts
                }
            } else {
                own.next = own.maxAck
            }
        }
        if !own.hasBase {
            own.hasBase = true
            own.base = isSYN ? segment.sequence : segment.sequence &- 1
        }
        if !other.hasBase, segment.flags.contains(.ack) {
            other.hasBase = true
            other.base = segment.acknowledgement &- 1
        }
        return flags
    }

    private static func takeScale(
        _ segment: TCPSegment, own: inout TCPDirectionState, other: inout TCPDirectionState
    ) {
        let isSYN = segment.flags.contains(.syn)
        if isSYN {
            if let offered = segment.options.windowScale { own.scale = .shift(min(offered, 14)) }
            if own.scale == .unknown {
                own.scale = .off
                other.scale = .off
            } else if segment.flags.contains(.ack), other.scale == .off {
                own.scale = .off
            }
            own.isFirstAck = true
        } else if segment.flags.contains(.ack) {
            own.isFirstAck = false
        }
    }

    private mutating func takeHandshakeTime(_ segment: TCPSegment, _ time: Int64) {
        let flags = segment.flags.intersection([.syn, .ack])
        if flags == .syn { synAt = time }
        if flags == .ack, synAt != 0, handshakeRTT == 0 { handshakeRTT = time &- synAt }
    }

    /// What the record says of both directions together. Before the segment is taken in: it asks what came before.
    private mutating func recordConversation(
        _ segment: TCPSegment, _ context: SegmentContext, in pools: inout TCPPools
    ) {
        let isReset = segment.flags.contains(.rst)
        let hasPayload = segment.payloadLength > 0
        progress.take(segment.flags, isFromA: context.isFromA)
        let next = context.isFromA ? a.next : b.next
        let isKeepAlive = segment.sequence == next &- 1
        let asks = hasPayload || isKeepAlive || segment.flags.contains(.fin)
        // Before what is sent again its sender waited for an answer: that is no idleness.
        let isRepeat = asks && !isKeepAlive && next != 0 && Int32(bitPattern: segment.sequence &- next) < 0
        if !isRepeat {
            idle.take(idle: context.sincePrevious, isReset: isReset, asks: asks, isFromA: context.isFromA)
        }
        if hasPayload, firstResponse < 0, !context.isFromA, b.dataSegments == 0, a.dataSegments > 0 {
            firstResponse = max(0, context.time &- a.lastDataAt)
        }
        guard isReset else { return }
        resets.append(
            ResetNode(
                frame: context.frame, at: context.time, isFromA: context.isFromA, hopLimit: context.hopLimit,
                window: segment.window, hasAck: segment.flags.contains(.ack), hasPayload: hasPayload,
                bytesFromSender: context.isFromA ? a.uniqueBytes : b.uniqueBytes,
                bytesFromOther: context.isFromA ? b.uniqueBytes : a.uniqueBytes,
                sincePrevious: context.sincePrevious, isCopy: context.isCopy),
            in: &pools.resets)
    }

    /// Gives back what it has of the pools.
    mutating func clear(in pools: inout TCPPools) {
        forDirection(true) { a, b in
            a.clear(in: &pools.segments)
            b.clear(in: &pools.segments)
        }
        resets.removeAll(in: &pools.resets)
    }
}

/// What conversations share.
struct TCPPools {
    var segments = SegmentPool()
    var resets = ChunkedPool<ResetNode>()
}

/// What a segment's packet says beside the segment.
struct SegmentContext {
    let frame: Int
    let time: Int64
    let isFromA: Bool
    let hopLimit: UInt8
    /// Of the IPv4 packet; 0 is unknown.
    let identification: UInt16
    /// Nanoseconds since the packet before it in the conversation; 0 for the first.
    let sincePrevious: Int64
    /// A packet that was seen before, at another place or sent twice by the network.
    let isCopy: Bool
}

/// What the analysis says of one segment.
struct SegmentVerdict {
    let flags: TCPAnalysisFlags
    /// Nanoseconds since the segment that it acknowledges exactly; tshark shows neither none nor zero.
    let roundTrip: Int64?
    /// Nil without payload.
    let arrival: StreamTracker.Arrival?
}
