import NetValues

/// What kept a transfer from being faster.
package enum ThroughputBound: String, Hashable, Sendable, CaseIterable {
    /// The rate that was asked for was reached.
    case requestedRate
    /// The sender did not keep up with the rate that was asked for (UDP).
    case senderPace
    case ownProcessor
    case peerProcessor
    /// The receiver's window: it reads too slowly, or its buffer is small for this round trip.
    case receiverWindow
    /// This side's send buffer.
    case sendBuffer
    /// A queue on the path filled up: a link, or a shaper.
    case queue
    /// Packets above a rate are dropped, and none of those below it: a policer, or a queue of a few packets.
    case policer
    /// Packets are lost at any rate.
    case loss
    /// Several streams together are faster than one.
    case singleFlow
    /// The streams stand, and no full-sized packet comes through.
    case stall
}

extension ThroughputFact {
    /// A processor that is used to this share has no more to give.
    private static let saturation = 0.9
    /// Of the busy time.
    private static let limitedShare = 0.5
    /// Below it, loss is what TCP itself makes when it looks for its limit.
    package static let notableLoss = 0.01
    private static let leastLost = 10
    /// Of the time. A sender or receiver that waits so long for a processor works in bursts, and queues and losses are then its own.
    private static let notableWait = 0.25

    /// Nil where nothing of what was seen says so.
    package var bound: ThroughputBound? {
        if problem == .stalled { return .stall }
        guard bytes > 0 else { return nil }
        // One that was waited for is as good as used up.
        if isProcessorBound(ownProcessor.map { $0 + (ownWait ?? 0) }) { return .ownProcessor }
        if isProcessorBound(peerProcessor) { return .peerProcessor }
        if transport == .udp { return datagramBound }
        if let requestedRate, Double(rate) >= 0.9 * Double(requestedRate) { return .requestedRate }
        if limitedShare(sender?.windowLimited) >= Self.limitedShare { return .receiverWindow }
        if limitedShare(sender?.bufferLimited) >= Self.limitedShare { return .sendBuffer }
        if hasWaited, !isQueueFilled { return .ownProcessor }
        if isOneFlowSlower { return .singleFlow }
        if isQueueFilled { return .queue }
        return lossBound
    }

    private var hasWaited: Bool { (ownWait ?? 0) >= Self.notableWait }

    private func isProcessorBound(_ share: Double?) -> Bool { (share ?? 0) >= Self.saturation }

    package func limitedShare(_ span: Duration?) -> Double {
        guard let span, let busy = sender?.busy, busy > .zero else { return 0 }
        return min(1, span / busy)
    }

    private var datagramBound: ThroughputBound? {
        if isSent(below: 0.9) { return .senderPace }
        // Of a loss that is not known no rate follows.
        if let datagrams, datagrams.lost == nil { return nil }
        guard let lossShare, lossShare >= Self.notableLoss, lost >= Self.leastLost else {
            if requestedRate == nil { return nil }
            return isQueueFilled ? .queue : isSent(below: 0.97) ? .senderPace : .requestedRate
        }
        return isQueueFilled ? .queue : hasWaited ? .ownProcessor : lossBound
    }

    /// Datagrams were sent at less than this share of the rate that was asked for: by the sender's word, else since what came and what was
    /// lost together fall short of it.
    private func isSent(below share: Double) -> Bool {
        guard let requestedRate else { return false }
        let limit = share * Double(requestedRate)
        if let sent = datagrams?.sentRate { return Double(sent) < limit }
        guard let lossShare, lossShare < 1 else { return false }
        return Double(rate) / (1 - lossShare) < min(limit, 0.9 * Double(requestedRate))
    }

    /// The rate asked for was sent, and part of it was lost before a full queue: the path carries less than was asked of it.
    package var isShortOfRequest: Bool {
        transport == .udp && requestedRate != nil && bound == .queue && (lossShare ?? 0) >= Self.notableLoss
            && lost >= Self.leastLost
    }

    /// One that its number of bytes ended at once met few of the moments at which packets are lost.
    private static let leastContrast = Duration.milliseconds(200)

    /// By the transfer below the first one's rate; without it nothing is said.
    private var lossBound: ThroughputBound? {
        guard let lossShare, lossShare >= Self.notableLoss, lost >= Self.leastLost,
            let slower = contrasts.first(where: { $0.kind == .slower }), let share = slower.lossShare
        else { return nil }
        // It ran below what the first came to, or it shows nothing about that.
        guard slower.rate < rate, slower.span >= Self.leastContrast else { return nil }
        let expected = Double(slower.packets) * lossShare
        // Too few packets for the same share of them to show.
        guard expected >= 5 else { return nil }
        if share <= lossShare / 5 { return .policer }
        return share >= lossShare / 2 ? .loss : nil
    }

    /// Four streams may come to a little more than one on any path.
    private var isOneFlowSlower: Bool {
        contrasts.contains { $0.kind == .moreStreams && streams < $0.streams && $0.rate > rate + rate / 2 }
    }

    /// Segments sent again, or datagrams lost; 0 where it is not known.
    package var lost: Int { datagrams.map { $0.lost ?? 0 } ?? sender?.retransmits ?? 0 }

    /// Of those sent; nil where it is not known.
    package var lossShare: Double? {
        if let datagrams {
            guard let lost = datagrams.lost, datagrams.sent > 0 else { return nil }
            return Double(lost) / Double(datagrams.sent)
        }
        guard let sender else { return nil }
        let segments = sender.segments ?? bytes / max(sender.segmentSize ?? Self.usualSegment, 1)
        return segments > 0 ? min(1, Double(sender.retransmits) / Double(segments)) : nil
    }

    /// Ethernet's, with time stamps: for peers that tell retransmits and no segments.
    private static let usualSegment = 1448

    // MARK: The queue

    /// The wait that the transfer made: by packets beside it, or, where those may have been let past, by the sender's own.
    package var queueing: (idle: Duration, loaded: Duration)? {
        var seen: [(idle: Duration, loaded: Duration)] = []
        if let idle, let loaded, loaded.count >= Self.leastRoundTrips { seen.append((idle.p50, loaded.p50)) }
        if let least = sender?.leastRoundTrip, let own = medianRoundTrip {
            seen.append((min(least, idle?.p50 ?? least), own))
        }
        return seen.max { $0.loaded - $0.idle < $1.loaded - $1.idle }
    }

    private static let leastRoundTrips = 3

    /// Of the sender's TCP, without the first interval, in which it only begins.
    private var medianRoundTrip: Duration? {
        let trips = intervals.dropFirst(intervals.count > 2 ? 1 : 0).compactMap(\.roundTrip).sorted()
        return trips.isEmpty ? nil : trips[trips.count / 2]
    }

    /// Packets wait: the median grows threefold, and by more than timers and busy processors make.
    private var isQueueFilled: Bool {
        guard let queueing else { return false }
        return queueing.loaded - queueing.idle > .milliseconds(10) && queueing.loaded > queueing.idle * 3
    }

    /// Catalogue section 21: by more than 100 ms and threefold.
    package var isBloated: Bool {
        guard let queueing else { return false }
        return queueing.loaded - queueing.idle > .milliseconds(100) && queueing.loaded > queueing.idle * 3
    }
}
