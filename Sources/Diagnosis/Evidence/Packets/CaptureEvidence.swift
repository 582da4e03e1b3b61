import NetValues
import Observations
import Wire

/// What one capture shows: a whole one, or the packets of a check. Made once for all rules, in one pass over the flows.
struct CaptureEvidence: Sendable {
    /// Nil for a capture that nobody probed in.
    let check: CheckEvidence?
    let place: FramePlace
    let drops: CaptureDrops
    let neighbours: NeighbourTally
    let targets: [PacketTarget]
    let hosts: [PacketHost]
    private let hostPlaces: [PacketAddress: Int]
    /// Some conversation has packets of both sides: else the capture may see one direction only.
    let seesAnswers: Bool
    /// Servers of conversations that only one side was seen of.
    let halfSeen: Set<PacketAddress>
    let knowledge: HopLimits

    init(
        check: CheckEvidence?, flows: [FlowRecord], neighbours: NeighbourTally, drops: CaptureDrops,
        until end: WallTime?,
        _ knowledge: HopLimits
    ) {
        let place = check?.packets.map { FramePlace(of: $0) } ?? .capture
        self.check = check
        self.place = place
        self.drops = drops
        self.neighbours = neighbours
        self.knowledge = knowledge
        var targets = Indexed<PacketEndpoint, PacketTarget>()
        var hosts = Indexed<PacketAddress, PacketHost>()
        var halfSeen: Set<PacketAddress> = []
        var seesAnswers = false
        for flow in flows {
            if flow.fromA.packets > 0, flow.fromB.packets > 0 { seesAnswers = true }
            let host = hosts.place(of: flow.b.address, PacketHost.init)
            hosts.values[host].add(flow)
            guard let tcp = flow.tcp else { continue }
            if flow.isUnseenFromB(tcp) || flow.fromA.packets == 0 { halfSeen.insert(flow.b.address) }
            let usual = knowledge.range(of: flow.b.address)
            let trouble = FlowTrouble(flow, tcp, usual: usual, capturedUntil: end)
            hosts.values[host].add(flow, tcp, trouble)
            let target = targets.place(of: flow.b) { PacketTarget($0, place) }
            targets.values[target].add(flow, tcp, trouble)
        }
        self.targets = targets.values
        self.hosts = hosts.values
        hostPlaces = hosts.places
        self.halfSeen = halfSeen
        self.seesAnswers = seesAnswers
    }

    /// What is not here may have been lost by us.
    var isLossy: Bool { drops.kernel > 0 }

    /// Whether the way back from this address can be seen at all.
    func sees(_ address: PacketAddress) -> Bool { !halfSeen.contains(address) }

    /// Data is lost on the way to this address too, so that a lost SYN needs no other reason.
    func loses(_ address: PacketAddress) -> Bool { hostPlaces[address].map { hosts[$0].isLossy } ?? false }

    var checkNames: [String] { check.map { [$0.name] } ?? [] }

    /// What findings call this endpoint: as the check does, where it is the check's own.
    func subject(of server: PacketEndpoint) -> String {
        guard let check, check.targetFlows.contains(where: { PacketAddress($0.destination) == server.address }) else {
            return server.description
        }
        return check.subject
    }

    /// What a capture that lost packets itself must say beside a finding.
    var caution: [String] {
        isLossy ? ["the capture itself lost \(counted(drops.kernel, "packet")): what is missing in it may be that"] : []
    }

    /// A capture with holes proves no absence.
    func confidence(_ confidence: Finding.Confidence) -> Finding.Confidence { isLossy ? .possible : confidence }
}

/// Values by a key, in order of first appearance.
private struct Indexed<Key: Hashable, Value> {
    var values: [Value] = []
    private(set) var places: [Key: Int] = [:]

    mutating func place(of key: Key, _ make: (Key) -> Value) -> Int {
        if let place = places[key] { return place }
        places[key] = values.count
        values.append(make(key))
        return values.count - 1
    }
}

/// With which hop limits the packets of each address arrived, resets left out: what a reset in its name is held against.
struct HopLimits: Sendable {
    private var ranges: [PacketAddress: ClosedRange<UInt8>] = [:]

    init() {}

    mutating func add(_ flows: [FlowRecord]) {
        for flow in flows {
            guard let tcp = flow.tcp else {
                if let range = flow.fromB.hopLimits { widen(flow.b.address, range) }
                continue
            }
            for limit in [tcp.fromB.handshakeHopLimit, tcp.fromB.usualHopLimit] {
                if let limit { widen(flow.b.address, limit...limit) }
            }
        }
    }

    private mutating func widen(_ address: PacketAddress, _ range: ClosedRange<UInt8>) {
        guard let known = ranges[address] else {
            ranges[address] = range
            return
        }
        ranges[address] = min(known.lowerBound, range.lowerBound)...max(known.upperBound, range.upperBound)
    }

    /// Nil when the address sent nothing but resets; it is then not known to be up either.
    func range(of address: PacketAddress) -> ClosedRange<UInt8>? { ranges[address] }
}

extension CaptureEvidence {
    static func all(_ packets: PacketSummary?, _ checks: [CheckEvidence]) -> [CaptureEvidence] {
        var limits = HopLimits()
        if let packets { limits.add(packets.flows) }
        for check in checks { if let captured = check.packets { limits.add(captured.flows) } }
        let whole = packets.map {
            CaptureEvidence(
                check: nil, flows: $0.flows, neighbours: $0.neighbours, drops: $0.drops, until: $0.lastAt, limits)
        }
        let ofChecks = checks.compactMap { check in
            check.packets.map {
                CaptureEvidence(
                    check: check, flows: $0.flows, neighbours: $0.neighbours, drops: $0.drops, until: nil, limits)
            }
        }
        return (whole.map { [$0] } ?? []) + ofChecks
    }
}
