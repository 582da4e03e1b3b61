import NetValues
import Observations
import Wire

/// A conversation as JSON: `a` is who began it.
enum FlowJSON {
    static func json(_ flow: FlowRecord) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("protocol", .string(IPProtocol.name(flow.protocolNumber))),
            ("a", .string(flow.text(of: flow.a))), ("b", .string(flow.text(of: flow.b))),
            ("packetsAtoB", .int(flow.fromA.packets)), ("packetsBtoA", .int(flow.fromB.packets)),
            ("bytesAtoB", .int(flow.fromA.bytes)), ("bytesBtoA", .int(flow.fromB.bytes)),
            ("firstAt", PacketJSON.time(flow.firstAt)), ("lastAt", PacketJSON.time(flow.lastAt)),
            ("initialRttMs", PacketJSON.span(flow.tcp?.initialRTT)),
            ("tcp", flow.tcp.map(TCPJSON.json) ?? .null),
            ("durationMs", .milliseconds(flow.duration)),
            ("application", PacketJSON.text(flow.application?.rawValue)), ("name", PacketJSON.text(flow.name)),
            ("tunnel", PacketJSON.tunnel(flow.tunnel)), ("vlan", PacketJSON.count(flow.vlan)),
            ("payloadBytesAtoB", .int(flow.fromA.payloadBytes)), ("payloadBytesBtoA", .int(flow.fromB.payloadBytes)),
            ("hopLimitsAtoB", PacketJSON.range(flow.fromA.hopLimits)),
            ("hopLimitsBtoA", PacketJSON.range(flow.fromB.hopLimits)),
            ("duplicatesAtoB", .int(flow.fromA.duplicates)), ("duplicatesBtoA", .int(flow.fromB.duplicates)),
            ("secondSightsAtoB", .int(flow.fromA.secondSights)), ("secondSightsBtoA", .int(flow.fromB.secondSights)),
            ("icmpErrors", .array(flow.icmpErrors.map(error))),
        ]
        if !flow.events.isEmpty { members.append(("events", .array(flow.events.map(event)))) }
        return PacketJSON.object(members)
    }

    static func error(_ error: QuotedError) -> JSONValue { PacketJSON.object(errorMembers(error)) }

    static func errorMembers(_ error: QuotedError) -> [(String, JSONValue)] {
        [
            ("frame", .int(error.frame)), ("at", PacketJSON.time(error.at)),
            ("sender", .string(error.sender.description)), ("type", .int(Int(error.type))),
            ("code", .int(Int(error.code))), ("mtu", PacketJSON.count(error.mtu)),
            ("hopLimit", .int(Int(error.hopLimit))),
        ]
    }

    private static func event(_ event: PacketEvent) -> JSONValue {
        PacketJSON.object([
            ("at", PacketJSON.time(event.at)), ("from", event.isFromA ? "a" : "b"),
            ("flags", event.flags.map { .strings($0.names) } ?? .null),
            ("payloadBytes", .int(event.payloadLength)), ("sequence", .int(Int(event.sequence))),
            ("window", .int(Int(event.window))), ("hopLimit", .int(Int(event.hopLimit))),
            ("direction", .string(event.direction.word)),
        ])
    }
}

extension FlowRecord {
    /// With its port where the protocol has ports: `198.18.0.1:40000`, `198.18.0.1`.
    func text(of endpoint: PacketEndpoint) -> String {
        IPProtocol.hasPorts(protocolNumber) ? endpoint.description : endpoint.address.description
    }
}

extension IPProtocol {
    static func hasPorts(_ number: UInt8) -> Bool { [tcp, udp, sctp].contains(number) }

    /// In lower case as in the registry of protocol numbers; `ip-99` for those that nobody meets.
    static func name(_ number: UInt8) -> String { names[number] ?? "ip-\(number)" }

    private static let names: [UInt8: String] = [
        icmp: "icmp", 2: "igmp", ipv4: "ipip", tcp: "tcp", udp: "udp", ipv6: "ipv6", gre: "gre", esp: "esp", 51: "ah",
        icmpv6: "icmpv6", 89: "ospf", 103: "pim", 112: "vrrp", sctp: "sctp",
    ]
}

extension TCPFlags {
    var names: [String] {
        let all: [(TCPFlags, String)] = [
            (.syn, "SYN"), (.fin, "FIN"), (.rst, "RST"), (.psh, "PSH"), (.ack, "ACK"), (.urg, "URG"), (.ece, "ECE"),
            (.cwr, "CWR"),
        ]
        return all.filter { contains($0.0) }.map(\.1)
    }
}

extension LinkHeader.Direction {
    fileprivate var word: String {
        switch self {
        case .unknown: "unknown"
        case .incoming: "incoming"
        case .broadcast: "broadcast"
        case .multicast: "multicast"
        case .forwarded: "forwarded"
        case .outgoing: "outgoing"
        }
    }
}
