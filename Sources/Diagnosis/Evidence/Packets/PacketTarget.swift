import NetValues
import Observations
import Wire

/// One conversation that something went wrong in.
struct TroubledFlow: Sendable {
    let record: FlowRecord
    let tcp: TCPRecord
    let place: FramePlace
}

/// All TCP conversations of a capture with one endpoint: counted, and of those in trouble the first few.
struct PacketTarget: Sendable {
    /// More are counted and not kept: a finding quotes three.
    private static let mostKept = 16

    let server: PacketEndpoint
    let place: FramePlace
    private(set) var flows = 0
    /// Established as far as both sides show.
    private(set) var established = 0
    private(set) var counts: [FlowTrouble: Int] = [:]
    private(set) var examples: [FlowTrouble: [TroubledFlow]] = [:]
    private(set) var responses = ResponseTimes()

    init(_ server: PacketEndpoint, _ place: FramePlace) {
        self.server = server
        self.place = place
    }

    mutating func add(_ record: FlowRecord, _ tcp: TCPRecord, _ trouble: FlowTrouble?) {
        flows += 1
        if tcp.isEstablished { established += 1 }
        guard let trouble else {
            responses.add(TroubledFlow(record: record, tcp: tcp, place: place))
            return
        }
        counts[trouble, default: 0] += 1
        if examples[trouble, default: []].count < Self.mostKept {
            examples[trouble, default: []].append(TroubledFlow(record: record, tcp: tcp, place: place))
        }
    }

    func count(_ trouble: FlowTrouble) -> Int { counts[trouble, default: 0] }
    func flows(in trouble: FlowTrouble) -> [TroubledFlow] { examples[trouble, default: []] }
}

extension TCPRecord {
    /// Data went, or the handshake was done, and nothing says that the server does not know of it.
    var isEstablished: Bool {
        initialRTT != nil && fromB.synAcks > 0
            && (fromB.synAcks < 2 || fromB.dataSegments > 0 || fromA.largestAcknowledged > 0)
    }
}

/// All that passed between an address and others, for what concerns the way rather than a port.
struct PacketHost: Sendable {
    let address: PacketAddress
    private(set) var packets = 0
    private(set) var duplicates = 0
    /// Segments with payload of conversations that both sides were seen of, and that were not stuck.
    private(set) var segments = 0
    /// Of these sent again because they were lost: without what the other side had already acknowledged.
    private(set) var lost = 0
    private(set) var reordered = 0
    private(set) var furthestReordering = 0
    private(set) var flowsWithLoss = 0

    init(_ address: PacketAddress) {
        self.address = address
    }

    mutating func add(_ record: FlowRecord) {
        packets += record.packets
        duplicates += record.fromA.duplicates + record.fromB.duplicates
    }

    /// - Parameter trouble: what stopped the flow says nothing of the others' loss.
    mutating func add(_ record: FlowRecord, _ tcp: TCPRecord, _ trouble: FlowTrouble?) {
        guard record.fromA.packets > 0, record.fromB.packets > 0, trouble == nil || trouble == .lateConnect else {
            return
        }
        let before = lost
        add(tcp.fromA, towards: tcp.fromB)
        add(tcp.fromB, towards: tcp.fromA)
        if lost > before { flowsWithLoss += 1 }
    }

    private mutating func add(_ direction: TCPDirectionRecord, towards peer: TCPDirectionRecord) {
        // One segment repeated again and again is a peer that went away, and no loss by chance.
        guard direction.mostRepeats < 4 else { return }
        let counters = direction.counters
        // No network disturbs every second segment: this stream was captured at two places, as offloading cuts it at the one only.
        let disturbed = Int(counters.retransmission) + Int(counters.outOfOrder) - direction.copiesTakenForLoss
        guard disturbed * 2 <= max(direction.dataSegments, 20) else { return }
        let controls = max(0, direction.syns - 1) + max(0, direction.synAcks - 1) + max(0, direction.fins - 1)
        segments += direction.wireSegments(towards: peer)
        let copies = direction.copiesTakenForLoss
        let repairs = direction.repairsTakenForDisorder
        let late = max(0, Int(counters.outOfOrder) - copies - repairs)
        // On the sender's own link nothing can have overtaken anything yet: what comes late there is sent again.
        let isAtSender = direction.isAtItsSender && !peer.isAtItsSender
        let overtaken = direction.furthestReordering > 0 && !isAtSender ? late : 0
        // A segment that is overtaken may be sent again for nothing.
        lost += max(
            0, Int(counters.retransmission) - Int(counters.spuriousRetransmission) - controls - copies - overtaken)
        lost += repairs + (isAtSender ? late : 0)
        reordered += overtaken
        furthestReordering = max(furthestReordering, direction.furthestReordering)
    }
}

extension PacketHost {
    /// Fewer segments show no share.
    static let leastSegments = 100

    /// More than 1 % with 95 % confidence: less is what TCP itself brings about where it looks for the rate of a link.
    var isLossy: Bool {
        segments >= Self.leastSegments && lost >= 2
            && PacketLoss.lowerBound(lost: min(lost, segments), of: segments) > 0.01
    }
}

extension TCPDirectionRecord {
    /// No router has taken anything off its hop limit, which begins with one of these.
    fileprivate var isAtItsSender: Bool { usualHopLimit.map { [64, 128, 255].contains($0) } ?? false }

    /// Segments with data as they were on the wire: with offloading a capture shows several as one.
    fileprivate func wireSegments(towards peer: TCPDirectionRecord) -> Int {
        let size = max(536, Int(peer.mss ?? mss ?? 1460))
        return largestSegment > size ? max(dataSegments, uniqueBytes / size) : dataSegments
    }
}
