import NetValues
import Observations
import ProbeKit
import Wire

extension ThroughputFact {
    /// What a test came to, by the word of whoever received.
    init(_ result: IperfSession.Result, _ request: ThroughputRequest, _ endpoint: Endpoint) {
        let own = result.outcome
        let peer = result.peer
        let isUp = request.direction == .up
        let isUDP = request.transport == .udp
        // Acknowledged with the cookie.
        let acknowledged = own?.acknowledged.map { max(0, $0 - request.streams * IperfCookie.length) }
        let received = isUp ? peer?.bytes ?? acknowledged ?? own?.bytes : own?.bytes
        let span = isUp ? peer?.span ?? own?.span : own?.span
        self.init(
            endpoint: endpoint, peer: peer?.isLeadsman == true ? .leadsman : .iperf3, transport: request.transport,
            direction: request.direction, streams: request.streams, bytes: received ?? 0, span: span ?? .zero,
            intervals: own?.intervals ?? [])
        requestedRate = request.rate
        problem = result.problem
        ownProcessor = own?.processor
        ownWait = own?.waitShare
        peerProcessor = peer.map { $0.processor / 100 }
        isCutByBytes = own?.end == .bytes
        sender = isUDP ? nil : isUp ? own?.sender : peer?.senderState
        if isUDP { datagrams = DatagramCount(own, peer, isUp: isUp) }
        let isDry = isUDP ? false : isUp ? acknowledged == 0 && (received ?? 0) == 0 : own?.bytes == 0
        if own != nil, isDry, problem == nil || isWaiting { problem = .stalled }
    }

    /// A control connection beside streams that are stuck may be stuck itself.
    private var isWaiting: Bool {
        if case .silent = problem { true } else { false }
    }

    /// Segments or datagrams that were sent.
    var packets: Int {
        if let datagrams { return datagrams.sent }
        return sender?.segments ?? bytes / max(sender?.segmentSize ?? 1448, 1)
    }

    /// Of those sent at an even pace, how many were lost. The first ten segments of a TCP leave at once, whatever its pace is (Linux,
    /// tcp_update_skb_after_send): what a short queue drops of them comes about below any rate. Theirs is the first quarter of the time.
    var paced: (packets: Int, lost: Int) {
        let later = intervals.filter { $0.start >= span / 4 }
        guard transport == .tcp, !later.isEmpty, later.allSatisfy({ $0.retransmits != nil }) else {
            return (packets, lost)
        }
        let again = later.reduce(0) { $0 + ($1.retransmits ?? 0) }
        let bytes = later.reduce(0) { $0 + $1.bytes }
        return (bytes / max(sender?.segmentSize ?? 1448, 1) + again, again)
    }

    /// Of a peer that sends nobody knows when it lost what: as few as its first segments tell nothing, unless they are next to none.
    func isTold(by slower: Contrast) -> Bool {
        guard transport == .tcp, direction == .down, let share = slower.lossShare, let lossShare else { return true }
        return share <= lossShare / 5 || slower.lost > 2 * Self.unpaced * slower.streams
    }

    private static let unpaced = 10

    func with(idle: LatencySpread?, loaded: LatencySpread?) -> ThroughputFact {
        var fact = ThroughputFact(
            endpoint: endpoint, peer: peer, transport: transport, direction: direction, streams: streams, bytes: bytes,
            span: span, intervals: intervals, idle: idle, loaded: loaded)
        fact.requestedRate = requestedRate
        fact.sender = sender
        fact.datagrams = datagrams
        fact.ownProcessor = ownProcessor
        fact.ownWait = ownWait
        fact.peerProcessor = peerProcessor
        fact.problem = problem
        fact.isCutByBytes = isCutByBytes
        return fact
    }

    private static let shareOfRate = 0.6
    /// Lost packets that must be expected, for their absence to say something.
    private static let expectedLosses = 10.0

    /// A transfer that tells a limit of the rate from chance; nil where nothing that is lost asks for one, or a queue tells already.
    func slowerRequest(_ request: ThroughputRequest) -> ThroughputRequest? {
        guard let lossShare, lossShare >= Self.notableLoss, lost >= 10, bound == nil, rate > 0 else { return nil }
        var slower = request
        slower.rate = max(1000, Int(Double(rate) * Self.shareOfRate))
        let size = Double(request.length(segment: sender?.segmentSize ?? 1448))
        let packetBits = (request.transport == .udp ? size : Double(sender?.segmentSize ?? 1448)) * 8
        let seconds = Self.expectedLosses / lossShare * packetBits / Double(slower.rate ?? 1)
        slower.span = .milliseconds(Int64(min(max(seconds, 1), 3) * 1000))
        slower.bytes = max(1, request.bytes)
        return slower
    }
}

extension ThroughputFact.DatagramCount {
    fileprivate init?(_ own: BulkOutcome?, _ peer: IperfResults?, isUp: Bool) {
        if isUp {
            guard let own, let peer else { return nil }
            let sent = own.streams.reduce(0) { $0 + $1.tally.sent }
            let lost = peer.streams.reduce(0) { $0 &+ $1.errors }
            self.init(
                sent: sent, lost: Self.credible(lost, of: sent, own, peer), late: peer.trace?.late,
                copies: peer.trace?.copies, sentRate: ThroughputFact.rate(own.bytes, in: own.span),
                jitter: .nanoseconds(Int64((peer.streams.map(\.jitter).max() ?? 0) * 1e9)))
        } else {
            guard let own else { return nil }
            let tallies = own.streams.map(\.tally)
            self.init(
                sent: tallies.reduce(0) { $0 &+ $1.expected }, lost: tallies.reduce(0) { $0 &+ $1.lost },
                late: tallies.reduce(0) { $0 + $1.late }, copies: tallies.reduce(0) { $0 + $1.copies },
                sentRate: peer.flatMap { peer in peer.span.map { ThroughputFact.rate(peer.bytes, in: $0) } },
                jitter: tallies.map(\.jitter).max() ?? .zero)
        }
    }

    /// What came and what is missing cannot be more than what was sent. iperf3 counts a copy as one that came late, and then the next
    /// as lost: on a path that duplicates its number says nothing.
    private static func credible(_ lost: Int, of sent: Int, _ own: BulkOutcome, _ peer: IperfResults) -> Int? {
        guard sent > 0, lost >= 0, lost <= sent else { return nil }
        let length = max(1, own.bytes / sent)
        let sum = (peer.bytes / length).addingReportingOverflow(lost)
        return !sum.overflow && sum.partialValue <= sent + max(2, sent / 1000) ? lost : nil
    }
}
