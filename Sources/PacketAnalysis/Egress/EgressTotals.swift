import NetValues
import Observations
import Wire

/// Bytes by where they go. Each flow is added once, when it leaves the table; a summary adds those still in it to a copy.
struct EgressTotals {
    private struct TalkerKey: Hashable {
        let source: PacketAddress
        let destination: PacketEndpoint
        let protocolNumber: UInt8

        func precedes(_ other: TalkerKey) -> Bool {
            (source.high, source.low, destination.address.high, destination.address.low, destination.port)
                < (
                    other.source.high, other.source.low, other.destination.address.high, other.destination.address.low,
                    other.destination.port
                )
        }
    }

    /// Talkers that are counted; when there are more, the lesser half goes.
    private static let mostTalkers = 1 << 15
    private static let mostPrefixes = 1 << 12
    private static let listed = 1000

    private let classifier: DestinationClassifier
    private var overlay = OverlayRanges()
    private var classes: [EgressTally.Class: EgressTally.Entry] = [:]
    /// Private destinations by their blocks, which may turn out to be pods' or Services'.
    private var privates: [PrefixRange: EgressTally.Entry] = [:]
    private var fromInternet = EgressTally.Entry()
    private var talkers: [TalkerKey: EgressTally.Entry] = [:]
    private var droppedTalkers = 0

    init(_ settings: AnalysisSettings) {
        classifier = DestinationClassifier(settings)
    }

    mutating func add(_ flow: Flow) {
        if Self.isTunnel(flow) { return }
        let isFlipped = Self.isAnswer(from: flow.endpointA, to: flow.endpointB)
        let (source, destination) = isFlipped ? (flow.endpointB, flow.endpointA) : (flow.endpointA, flow.endpointB)
        let (out, back) = isFlipped ? (flow.b.bytes, flow.a.bytes) : (flow.a.bytes, flow.b.bytes)
        if let tunnel = flow.tunnel, source.address.isPrivate, destination.address.isPrivate {
            overlay.see(source.address, in: tunnel)
            overlay.see(destination.address, in: tunnel)
        }
        let kind = classifier.destinationClass(from: source.address, to: destination.address)
        classes[kind, default: .init()].add(out, back)
        if kind == .private {
            let block = PrefixRange(destination.address, length: destination.address.isIPv6 ? 64 : 24)
            if privates[block] != nil || privates.count < Self.mostPrefixes {
                privates[block, default: .init()].add(out, back)
            }
        }
        if kind != .internet, kind != .multicast,
            classifier.destinationClass(from: destination.address, to: source.address) == .internet
        {
            fromInternet.add(out, back)
        }
        let key = TalkerKey(source: source.address, destination: destination, protocolNumber: flow.key.protocolNumber)
        talkers[key, default: .init()].add(out, back)
        if talkers.count > Self.mostTalkers { forgetLesserTalkers() }
    }

    /// What it carries is a flow of its own.
    private static func isTunnel(_ flow: Flow) -> Bool {
        switch flow.key.protocolNumber {
        case IPProtocol.ipv4, IPProtocol.ipv6, IPProtocol.gre: true
        // VXLAN (RFC 7348), as Linux had it before, and Geneve (RFC 8926).
        case IPProtocol.udp: [4789, 8472, 6081].contains(flow.endpointB.port)
        default: false
        }
    }

    /// Whether the first packet that was seen is likely an answer: from a port of services to one of clients.
    private static func isAnswer(from source: PacketEndpoint, to destination: PacketEndpoint) -> Bool {
        source.port > 0 && source.port < 1024 && destination.port >= 1024
    }

    /// The most bytes first. Talkers that are even by their addresses: in the order of the dictionary, what is kept of one would crowd
    /// the first buckets of the next, and each search in it take longer than the one before.
    private func inOrder() -> [(key: TalkerKey, value: EgressTally.Entry)] {
        talkers.sorted { left, right in
            if left.value.bytesOut != right.value.bytesOut { return left.value.bytesOut > right.value.bytesOut }
            if left.value.bytesIn != right.value.bytesIn { return left.value.bytesIn > right.value.bytesIn }
            return left.key.precedes(right.key)
        }
    }

    private mutating func forgetLesserTalkers() {
        let kept = inOrder().prefix(Self.mostTalkers / 2)
        droppedTalkers += talkers.count - kept.count
        talkers = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
    }

    /// - Parameter name: of an address, from answers of the capture.
    func fill(_ summary: inout PacketSummary, name: (PacketAddress) -> String?) {
        var tally = EgressTally()
        tally.classes = classes
        tally.fromInternet = fromInternet
        let pods = classifier.isGiven ? [] : overlay.pods
        let services = classifier.isGiven ? [] : overlay.services
        let refined = { (address: PacketAddress, kind: EgressTally.Class) -> EgressTally.Class in
            guard kind == .private else { return kind }
            if pods.contains(where: { $0.contains(address) }) { return .pod }
            return services.contains { $0.contains(address) } ? .service : kind
        }
        for (block, entry) in privates {
            let kind = refined(block.address, .private)
            guard kind != .private else { continue }
            tally.classes[.private]?.subtract(entry)
            tally.classes[kind, default: .init()].add(entry)
        }
        if tally.classes[.private]?.flows == 0 { tally.classes[.private] = nil }
        tally.rangesSource =
            classifier.isGiven ? "given" : overlay.source(usesServices: tally.classes[.service] != nil)
        tally.talkers = inOrder().prefix(Self.listed).map { key, entry in
            let kind = classifier.destinationClass(from: key.source, to: key.destination.address)
            return EgressTally.Talker(
                source: key.source, destination: key.destination.address, port: key.destination.port,
                protocolNumber: key.protocolNumber, destinationClass: refined(key.destination.address, kind),
                flows: entry.flows, bytesOut: entry.bytesOut, bytesIn: entry.bytesIn,
                name: name(key.destination.address))
        }
        tally.unlistedTalkers = droppedTalkers + talkers.count - tally.talkers.count
        summary.egress = tally
    }
}

extension EgressTally.Entry {
    fileprivate mutating func add(_ out: Int, _ back: Int) {
        flows += 1
        bytesOut &+= out
        bytesIn &+= back
    }

    fileprivate mutating func add(_ other: Self) {
        flows += other.flows
        bytesOut &+= other.bytesOut
        bytesIn &+= other.bytesIn
    }

    fileprivate mutating func subtract(_ other: Self) {
        flows -= other.flows
        bytesOut &-= other.bytesOut
        bytesIn &-= other.bytesIn
    }
}
