import NetValues
import Observations
import Wire

/// ARP and neighbour discovery: who claims which address, and who asks in vain.
struct NeighbourAnalysis {
    private var tally = NeighbourTally()
    private var claims = NeighbourClaims()
    private var questions = NeighbourQuestions()
    private var lastTime: Int64 = .min
    private let listed: Int

    init(_ settings: AnalysisSettings) {
        listed = settings.mostTransactions
    }

    /// An ARP packet (RFC 826).
    mutating func takeARP(
        at offset: Int, link: LinkHeader, in frame: CapturedFrame, _ bytes: Span<UInt8>
    ) {
        guard let packet = ARPPacket(bytes, at: offset) else { return }
        lastTime = max(lastTime, frame.time)
        let isRequest = packet.operation == .request
        if isRequest { tally.arpRequests += 1 } else { tally.arpReplies += 1 }
        let place = NeighbourPlace(link, in: frame)
        if packet.isProbe {
            claims.probe(packet.target, at: place, by: packet.senderLink, in: frame)
            return
        }
        guard !packet.sender.isUnspecified, packet.senderLink.isIndividual else { return }
        if packet.isGratuitous { tally.gratuitous += 1 }
        let kind: NeighbourClaims.Kind =
            packet.isGratuitous ? .gratuitous : isRequest ? .asking : .answer(to: packet.target)
        claims.claim(packet.sender, at: place, by: packet.senderLink, kind, in: frame)
        questions.answer(packet.sender, at: place)
        if isRequest, !packet.isGratuitous {
            claims.ask(packet.target, at: place, from: packet.sender, in: frame)
            questions.ask(packet.target, at: place, from: packet.sender, in: frame)
        }
    }

    /// ICMPv6; other messages than those of neighbour discovery are passed over.
    ///
    /// - Parameter message: as captured, from its type on.
    mutating func takeICMPv6(_ context: PayloadContext, _ message: Span<UInt8>) {
        let (packet, frame) = (context.packet, context.frame)
        // RFC 4861 section 7.1: whoever is not a neighbour cannot send with this hop limit.
        guard packet.hopLimit == 255 else { return }
        guard let discovery = NeighbourDiscovery(message), discovery.isWellFormed else { return }
        lastTime = max(lastTime, frame.time)
        let place = NeighbourPlace(packet.link, in: frame)
        switch discovery.kind {
        case .solicitation: takeSolicitation(discovery, packet, at: place, in: frame)
        case .advertisement: takeAdvertisement(discovery, packet, at: place, in: frame)
        case .routerAdvertisement, .routerSolicitation:
            if discovery.kind == .routerAdvertisement { tally.routerAdvertisements += 1 }
            claimSource(discovery, packet, at: place, in: frame)
        case .redirect: break
        }
    }

    private mutating func takeSolicitation(
        _ discovery: NeighbourDiscovery, _ packet: NetworkPacket, at place: NeighbourPlace, in frame: CapturedFrame
    ) {
        tally.solicitations += 1
        guard let target = discovery.target, !target.isMulticast else { return }
        if packet.source.isUnspecified {
            claims.probe(target, at: place, by: packet.link.source, in: frame)
            return
        }
        claimSource(discovery, packet, at: place, in: frame)
        claims.ask(target, at: place, from: packet.source, in: frame)
        questions.ask(target, at: place, from: packet.source, in: frame)
    }

    private mutating func takeAdvertisement(
        _ discovery: NeighbourDiscovery, _ packet: NetworkPacket, at place: NeighbourPlace, in frame: CapturedFrame
    ) {
        tally.advertisements += 1
        guard let target = discovery.target, !target.isMulticast else { return }
        questions.answer(target, at: place)
        // The option may be left out of an answer to one who knows already (RFC 4861 section 4.4).
        guard let link = discovery.targetLink ?? packet.link.source, link.isIndividual else { return }
        // An answer to a probe goes to all nodes, unsolicited by its flag (section 7.2.4).
        let isAnswer = discovery.isSolicited || claims.isProbed(target, at: place, by: link, in: frame)
        if !isAnswer { tally.gratuitous += 1 }
        claims.claim(
            target, at: place, by: link, isAnswer ? .answer(to: packet.destination) : .gratuitous,
            overrides: discovery.overrides, in: frame)
    }

    private mutating func claimSource(
        _ discovery: NeighbourDiscovery, _ packet: NetworkPacket, at place: NeighbourPlace, in frame: CapturedFrame
    ) {
        guard !packet.source.isUnspecified, let link = discovery.sourceLink, link.isIndividual else { return }
        claims.claim(packet.source, at: place, by: link, .asking, in: frame)
        questions.answer(packet.source, at: place)
    }

    func fill(_ summary: inout PacketSummary) {
        var tally = tally
        tally.claims = claims.records(most: listed)
        let end = max(lastTime, summary.lastAt?.nanoseconds ?? .min)
        tally.unanswered = questions.unanswered(until: end, most: listed)
        summary.neighbours = tally
        summary.limits.unlistedTransactions += claims.unlisted + questions.unlisted
    }
}

/// The link that an address is on, as far as the capture tells links apart.
struct NeighbourPlace: Hashable {
    let vlan: UInt16?
    /// Of the capture, or by the system's number in a cooked capture of many.
    let interface: Int

    init(_ link: LinkHeader, in frame: CapturedFrame) {
        vlan = link.vlan
        interface = link.interfaceIndex > 0 ? Int(link.interfaceIndex) : frame.interface
    }
}

extension LinkAddress {
    /// Of one interface: neither all zeros nor a group, which nobody can be.
    var isIndividual: Bool { !isZero && !isGroup }
}
