import NetValues
import Observations
import Wire

/// Where each packet is entered: its flow, and what looks into its payload.
struct PacketLedger: PacketVisitor {
    let settings: AnalysisSettings
    var totals = PacketSummary()
    var flows: FlowTable
    var annotations = FlowAnnotations()
    var applications: ApplicationAnalysis
    var control: ControlTraffic
    private var protocols = ProtocolCounts()
    private var recent = RecentPackets()
    private var segments = 0
    private var latestAt: Int64?
    private var latestLinkType: LinkType?

    /// That are told: a pcapng file may have one for each of its interfaces.
    private static let mostLinkTypes = 64

    init(_ settings: AnalysisSettings) {
        self.settings = settings
        flows = FlowTable(settings)
        applications = ApplicationAnalysis(settings)
        control = ControlTraffic(settings)
    }

    mutating func count(_ frame: CapturedFrame, captured: Int) {
        totals.packets += 1
        totals.bytes &+= frame.length
        totals.capturedBytes &+= captured
        let at = frame.wallTime
        totals.firstAt = min(totals.firstAt ?? at, at)
        totals.lastAt = max(totals.lastAt ?? at, at)
        if let latestAt, frame.time < latestAt { totals.backwardSteps += 1 }
        latestAt = frame.time
        if frame.linkType != latestLinkType { note(frame.linkType) }
    }

    private mutating func note(_ type: LinkType) {
        latestLinkType = type
        guard totals.linkTypes.count < Self.mostLinkTypes, !totals.linkTypes.contains(type) else { return }
        totals.linkTypes.append(type)
    }

    mutating func visit(_ packet: NetworkPacket, in frame: CapturedFrame, _ bytes: Span<UInt8>) {
        protocols.count(packet, bytes: packet.depth == 0 ? frame.length : packet.totalLength)
        if packet.fragment == nil {
            switch packet.protocolNumber {
            case IPProtocol.tcp:
                if let segment = try? TCPSegment(decoding: packet, bytes) {
                    return take(segment, packet, frame, bytes)
                }
            case IPProtocol.udp:
                if let datagram = try? UDPDatagram(decoding: packet, bytes) {
                    return take(datagram, packet, frame, bytes)
                }
            case IPProtocol.icmp, IPProtocol.icmpv6: return takeControl(packet, frame, bytes)
            default: break
            }
        }
        let entry = flows.enter(packet, payload: packet.payloadLength, in: frame)
        // Fragments of one datagram differ in nothing but their place.
        _ = note(entry, packet, nil, detail: UInt64(packet.fragment.map { 1 + max(0, $0.offset) } ?? 0), frame)
        forgetLeft()
    }

    mutating func visitARP(at offset: Int, link: LinkHeader, in frame: CapturedFrame, _ bytes: Span<UInt8>) {
        protocols.countARP(bytes: frame.length)
        takeARP(at: offset, link: link, in: frame, bytes)
    }

    mutating func visitOther(_ other: UndecodedFrame, in frame: CapturedFrame) {
        protocols.count(other, bytes: frame.length)
    }

    private mutating func take(
        _ segment: TCPSegment, _ packet: NetworkPacket, _ frame: CapturedFrame, _ bytes: Span<UInt8>
    ) {
        segments += 1
        let entry = flows.enter(
            packet, sourcePort: segment.sourcePort, destinationPort: segment.destinationPort,
            payload: segment.payloadLength, segment: segment, in: frame)
        let isCopy = note(
            entry, packet, segment,
            detail: UInt64(segment.sequence) << 32 | UInt64(segment.acknowledgement ^ UInt32(segment.flags.rawValue)),
            frame)
        let verdict = flows.take(segment, packet, entry, isCopy: isCopy, in: frame)
        forgetLeft()
        guard let arrival = verdict?.arrival, wants(segment, entry) else { return }
        let range = captured(segment.payloadOffset, segment.payloadLength, bytes)
        let context = PayloadContext(
            frame: frame, flow: flows[entry.place].number, source: PacketEndpoint(packet.source, segment.sourcePort),
            destination: PacketEndpoint(packet.destination, segment.destinationPort), isFromA: entry.isFromA,
            length: segment.payloadLength,
            stream: StreamPosition(
                offset: arrival.offset, acknowledged: flows.acknowledged(segment, entry),
                repeated: Int(arrival.repeated), followsHole: arrival.followsHole, fillsHole: arrival.fillsHole),
            packet: packet, isCopy: isCopy)
        takeTCP(payload: bytes.extracting(range), context, place: entry.place)
    }

    /// Whether anybody looks into this payload: of most, nobody does.
    private func wants(_ segment: TCPSegment, _ entry: FlowTable.Entry) -> Bool {
        flows.wantsPayload(entry) || DNSAnalysis.isOnPort(segment.sourcePort, segment.destinationPort)
    }

    private mutating func take(
        _ datagram: UDPDatagram, _ packet: NetworkPacket, _ frame: CapturedFrame, _ bytes: Span<UInt8>
    ) {
        let entry = flows.enter(
            packet, sourcePort: datagram.sourcePort, destinationPort: datagram.destinationPort,
            payload: datagram.payloadLength, in: frame)
        let isCopy = note(entry, packet, nil, detail: UInt64(datagram.checksum), frame)
        forgetLeft()
        let context = PayloadContext(
            frame: frame, flow: flows[entry.place].number, source: PacketEndpoint(packet.source, datagram.sourcePort),
            destination: PacketEndpoint(packet.destination, datagram.destinationPort), isFromA: entry.isFromA,
            length: datagram.payloadLength, packet: packet, isCopy: isCopy)
        let range = captured(datagram.payloadOffset, datagram.payloadLength, bytes)
        takeUDP(payload: bytes.extracting(range), context, place: entry.place)
    }

    private mutating func takeControl(_ packet: NetworkPacket, _ frame: CapturedFrame, _ bytes: Span<UInt8>) {
        let range = captured(packet.payloadOffset, packet.payloadLength, bytes)
        let entry = flows.enter(packet, payload: packet.payloadLength, in: frame)
        // Type, code and checksum.
        let detail = range.count >= 4 ? bytes.extracting(range).prefixWord : 0
        let isCopy = note(entry, packet, nil, detail: detail, frame)
        forgetLeft()
        let context = PayloadContext(
            frame: frame, flow: flows[entry.place].number, source: PacketEndpoint(packet.source, 0),
            destination: PacketEndpoint(packet.destination, 0), isFromA: entry.isFromA, length: packet.payloadLength,
            packet: packet, isCopy: isCopy)
        takeICMP(message: bytes.extracting(range), context)
    }

    /// What of a payload was captured.
    private func captured(_ offset: Int, _ length: Int, _ bytes: borrowing Span<UInt8>) -> Range<Int> {
        let start = min(max(0, offset), bytes.count)
        return start..<start + min(max(0, length), bytes.count - start)
    }

    /// Knows a packet that was there before, and keeps events where they are wanted.
    ///
    /// - Returns: whether it is a copy.
    private mutating func note(
        _ entry: FlowTable.Entry, _ packet: NetworkPacket, _ segment: TCPSegment?, detail: UInt64,
        _ frame: CapturedFrame
    ) -> Bool {
        let flow = flows[entry.place].number
        let identity = UInt64(packet.identification) << 32 | UInt64(UInt32(truncatingIfNeeded: packet.totalLength))
        let signature = flows.hash.hash(UInt64(flow) << 1 | (entry.isFromA ? 1 : 0), identity &+ detail &* 0x9e37_79b9)
        let sight = recent.sight(
            signature: signature, hasIdentity: packet.identification != 0, hopLimit: packet.hopLimit,
            link: packet.link, frame: frame)
        if sight != .first { flows.count(sight, entry) }
        if settings.eventsPerFlow > 0, annotations.wantsEvents(of: flow, most: settings.eventsPerFlow) {
            annotations.add(
                flows.event(entry, packet, segment, frame), to: flow, most: settings.eventsPerFlow)
        }
        return sight != .first
    }

    private mutating func forgetLeft() {
        for flow in flows.takeLeft() {
            if !flow.isListed { annotations.forget(flow.number) }
            if !flow.isKnown { flowEnded(flow) }
        }
    }

    /// What was seen so far.
    func summary() -> PacketSummary {
        var copy = self
        return copy.finish()
    }

    /// What was seen, with the flows taken out of the table.
    mutating func finish() -> PacketSummary {
        var summary = totals
        let sums = flows.sums()
        summary.tcp = sums.tcp
        summary.tcp.segments = segments
        summary.tcp.handshakeRTT = sums.handshakes.spread
        summary.protocols.entries = protocols.entries(applications: sums.applicationEntries)
        summary.endpoints = sums.endpoints.sorted
        summary.limits.evictedFlows = sums.evicted
        summary.limits.unlistedEndpoints = sums.endpoints.unlisted
        summary.flows = flows.takeRecords(annotations)
        fillPayloads(&summary)
        sums.egress.fill(&summary) { control.dns.names.name(of: $0) }
        return summary
    }
}

extension Span<UInt8> {
    /// The first four bytes, which the caller knows to be there.
    fileprivate var prefixWord: UInt64 {
        UInt64(self[0]) << 24 | UInt64(self[1]) << 16 | UInt64(self[2]) << 8 | UInt64(self[3])
    }
}
