import Observations
import Wire

/// What flows come to together: of those that left the table, to which a summary adds those that are in it.
struct FlowTotals {
    private(set) var tcp = TCPTally()
    private(set) var handshakes = LatencyHistogram()
    private(set) var evicted = 0
    /// Packets and bytes by application, in the order of `FlowRecord.Application`.
    private var applications = [(packets: Int, bytes: Int)](
        repeating: (0, 0), count: FlowRecord.Application.allCases.count)
    private(set) var endpoints = EndpointTotals()
    private(set) var egress: EgressTotals

    init(_ settings: AnalysisSettings) {
        egress = EgressTotals(settings)
    }

    mutating func countEviction() {
        evicted += 1
    }

    mutating func add(_ flow: Flow, hash: FlowHash) {
        let packets = flow.a.packets &+ flow.b.packets
        let bytes = flow.a.bytes &+ flow.b.bytes
        if let application = flow.application, let index = Self.index(application) {
            applications[index].packets &+= packets
            applications[index].bytes &+= bytes
        }
        egress.add(flow)
        let a = flow.endpointA.address
        let b = flow.endpointB.address
        endpoints.add(a, sent: flow.a, received: flow.b, hash: hash)
        endpoints.add(b, sent: flow.b, received: flow.a, hash: hash)
    }

    mutating func add(_ conversation: TCPConversation) {
        let state = conversation.progress.state
        tcp.flows += 1
        tcp.states[state, default: 0] += 1
        if state == .noAnswer { tcp.synWithoutAnswer += 1 }
        if conversation.progress.hasHandshake, conversation.a.dataSegments == 0, conversation.b.dataSegments == 0 {
            tcp.handshakesWithoutData += 1
        }
        tcp.resets += Int(conversation.a.resets) + Int(conversation.b.resets)
        tcp.counters += conversation.a.counters
        tcp.counters += conversation.b.counters
        if conversation.handshakeRTT > 0 { handshakes.add(nanoseconds: conversation.handshakeRTT) }
    }

    private static func index(_ application: FlowRecord.Application) -> Int? {
        FlowRecord.Application.allCases.firstIndex(of: application)
    }

    /// Those that were seen, in the order of their declaration.
    var applicationEntries: [ProtocolTally.Entry] {
        zip(FlowRecord.Application.allCases, applications).compactMap { application, count in
            count.packets == 0
                ? nil : ProtocolTally.Entry(name: application.label, packets: count.packets, bytes: count.bytes)
        }
    }
}

extension FlowRecord.Application {
    /// As people write it.
    var label: String {
        switch self {
        case .mdns: "mDNS"
        case .wireguard: "WireGuard"
        case .geneve: "Geneve"
        case .postgres: "PostgreSQL"
        case .mysql: "MySQL"
        case .redis: "Redis"
        default: rawValue.uppercased()
        }
    }
}
