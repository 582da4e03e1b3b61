import Observations
import Wire

/// All flows, found by the endpoints of a packet.
struct FlowTable {
    /// Where a packet belongs.
    struct Entry {
        let place: UInt32
        let isFromA: Bool
        /// Nanoseconds since the packet before it; 0 for the first, and when the clock went backwards.
        let sincePrevious: Int64
        /// A SYN began it upon the endpoints of another connection.
        let reusesPorts: Bool
    }

    let most: Int
    let hash = FlowHash()
    var index = FlowIndex()
    var flows = ChunkedPool<Flow>()
    var conversations = ChunkedPool<TCPConversation>()
    var pools = TCPPools()
    var totals: FlowTotals
    /// Flows that ended or left the table since they were last asked for.
    var left: [DepartedFlow] = []
    /// Flows so far.
    private(set) var number = 0
    private var uses = 0

    init(_ settings: AnalysisSettings) {
        most = max(1, settings.mostFlows)
        totals = FlowTotals(settings)
    }

    /// Finds the flow of a packet, or makes it, and counts the packet there.
    mutating func enter(
        _ packet: NetworkPacket, sourcePort: UInt16 = 0, destinationPort: UInt16 = 0, payload: Int,
        segment: TCPSegment? = nil, in frame: CapturedFrame
    ) -> Entry {
        var isLowSource = false
        let key = FlowKey(
            protocolNumber: packet.protocolNumber, source: PacketEndpoint(packet.source, sourcePort),
            destination: PacketEndpoint(packet.destination, destinationPort), tunnel: packet.tunnel,
            isLowSource: &isLowSource)
        uses += 1
        let hashed = hash.hash(key)
        let (place, reuses) = place(of: key, hashed, isLowSource, packet, segment, frame.time)
        let bytes = packet.depth == 0 ? frame.length : packet.totalLength
        let uses = uses
        return flows.update(place) { flow in
            let isFromA = isLowSource == flow.isLowA
            let sincePrevious = max(0, frame.time &- flow.lastAt)
            flow.lastUse = uses
            flow.firstAt = min(flow.firstAt, frame.time)
            flow.lastAt = max(flow.lastAt, frame.time)
            if isFromA {
                flow.a.count(bytes: bytes, payload: payload, hopLimit: packet.hopLimit)
            } else {
                flow.b.count(bytes: bytes, payload: payload, hopLimit: packet.hopLimit)
            }
            return Entry(place: place, isFromA: isFromA, sincePrevious: sincePrevious, reusesPorts: reuses)
        }
    }

    private mutating func place(
        of key: FlowKey, _ hashed: UInt64, _ isLowSource: Bool, _ packet: NetworkPacket, _ segment: TCPSegment?,
        _ time: Int64
    ) -> (UInt32, reuses: Bool) {
        let known = index.find(hashed) { flows[$0].key == key }
        guard let known else { return (make(key, hashed, isLowSource, packet, segment, time), false) }
        guard let segment, segment.flags.contains(.syn) else { return (known, false) }
        let conversation = flows[known].conversation
        guard conversation != Flow.noConversation,
            conversations[conversation].isReused(by: segment, isFromA: isLowSource == flows[known].isLowA)
        else { return (known, false) }
        flows[known].isIndexed = false
        index.remove(hashed, known)
        left.append(DepartedFlow(flows[known], isListed: true))
        return (make(key, hashed, isLowSource, packet, segment, time), true)
    }

    private mutating func make(
        _ key: FlowKey, _ hashed: UInt64, _ isLowSource: Bool, _ packet: NetworkPacket, _ segment: TCPSegment?,
        _ time: Int64
    ) -> UInt32 {
        if flows.count >= most { evict() }
        // Who answers a SYN is not who began.
        let isAnswer = segment?.flags.contains([.syn, .ack]) ?? false
        var flow = Flow(
            key: key, number: number, isLowA: isLowSource != isAnswer, packet: packet, time: time, use: uses)
        if segment != nil { flow.conversation = conversations.insert(TCPConversation()) }
        number += 1
        let place = flows.insert(flow)
        index.insert(hashed, place)
        return place
    }

    /// Takes a segment into the conversation of its flow.
    mutating func take(
        _ segment: TCPSegment, _ packet: NetworkPacket, _ entry: Entry, isCopy: Bool, in frame: CapturedFrame
    ) -> SegmentVerdict? {
        let conversation = flows[entry.place].conversation
        guard conversation != Flow.noConversation else { return nil }
        let context = SegmentContext(
            frame: frame.number, time: frame.time, isFromA: entry.isFromA, hopLimit: packet.hopLimit,
            identification: UInt16(truncatingIfNeeded: packet.identification), sincePrevious: entry.sincePrevious,
            isCopy: isCopy)
        return conversations[conversation].take(segment, context, reuses: entry.reusesPorts, in: &pools)
    }

    /// How much of the other direction's stream a segment acknowledges.
    func acknowledged(_ segment: TCPSegment, _ entry: Entry) -> UInt32 {
        let conversation = flows[entry.place].conversation
        guard conversation != Flow.noConversation, segment.flags.contains(.ack) else { return 0 }
        let acknowledgement = segment.acknowledgement
        return entry.isFromA
            ? conversations[conversation].b.stream.offset(of: acknowledgement)
            : conversations[conversation].a.stream.offset(of: acknowledgement)
    }

    subscript(place: UInt32) -> Flow {
        @inline(__always) get { flows[place] }
    }

    /// Whether the payloads of this direction are still looked into.
    @inline(__always)
    func wantsPayload(_ entry: Entry) -> Bool { flows[entry.place].mark.wants(fromA: entry.isFromA) }

    mutating func count(_ sight: RecentPackets.Sight, _ entry: Entry) {
        flows.update(entry.place) { flow in
            switch (sight, entry.isFromA) {
            case (.first, _): break
            case (.duplicate, true): flow.a.duplicates &+= 1
            case (.duplicate, false): flow.b.duplicates &+= 1
            case (.elsewhere, true): flow.a.secondSights &+= 1
            case (.elsewhere, false): flow.b.secondSights &+= 1
            }
        }
    }

    mutating func mark(_ place: UInt32, _ mark: ApplicationMark) {
        flows.update(place) { $0.mark = mark }
    }

    mutating func recognise(_ place: UInt32, as application: FlowRecord.Application) {
        flows.update(place) { $0.application = application }
    }

    /// The flow that carries such packets now, of either direction.
    func number(
        protocolNumber: UInt8, source: PacketEndpoint, destination: PacketEndpoint, tunnel: Tunnel?
    ) -> Int? {
        var isLowSource = false
        let key = FlowKey(
            protocolNumber: protocolNumber, source: source, destination: destination, tunnel: tunnel,
            isLowSource: &isLowSource)
        return index.find(hash.hash(key)) { flows[$0].key == key }.map { flows[$0].number }
    }

    /// Flows that have ended or left since the last call: nothing comes for them any more.
    mutating func takeLeft() -> [DepartedFlow] {
        if left.isEmpty { return [] }
        defer { left = [] }
        return left
    }
}
