import JSON
import NetValues
import Observations
import Wire

/// A conversation as JSON: `a` is who began it. What the issue of this document promises is always there; of the rest, what is
/// unknown or empty is left out.
enum FlowJSON {
    static func json(_ flow: FlowRecord) -> JSONValue {
        var row = RowMembers(capacity: 24)
        row.add("protocol", .string(IPProtocol.name(flow.protocolNumber)))
        row.add("a", .string(flow.text(of: flow.a)))
        row.add("b", .string(flow.text(of: flow.b)))
        row.add("packetsAtoB", .int(flow.fromA.packets))
        row.add("packetsBtoA", .int(flow.fromB.packets))
        row.add("bytesAtoB", .int(flow.fromA.bytes))
        row.add("bytesBtoA", .int(flow.fromB.bytes))
        row.add("firstAt", PacketJSON.time(flow.firstAt))
        row.add("lastAt", PacketJSON.time(flow.lastAt))
        row.add("initialRttMs", PacketJSON.span(flow.tcp?.initialRTT))
        row.add("tcp", flow.tcp.map(TCPJSON.json) ?? .null)
        row.add("durationMs", .milliseconds(flow.duration))
        row.add(known: "application", flow.application.map { .string($0.rawValue) })
        row.add(known: "name", flow.name.map { .string($0) })
        if flow.tunnel != nil { row.add("tunnel", PacketJSON.tunnel(flow.tunnel)) }
        row.add(known: "vlan", flow.vlan.map { .int(Int($0)) })
        row.add("payloadBytesAtoB", .int(flow.fromA.payloadBytes))
        row.add("payloadBytesBtoA", .int(flow.fromB.payloadBytes))
        if let limits = flow.fromA.hopLimits { row.add("hopLimitsAtoB", PacketJSON.range(limits)) }
        if let limits = flow.fromB.hopLimits { row.add("hopLimitsBtoA", PacketJSON.range(limits)) }
        row.add("duplicatesAtoB", .int(flow.fromA.duplicates))
        row.add("duplicatesBtoA", .int(flow.fromB.duplicates))
        if flow.fromA.secondSights > 0 { row.add("secondSightsAtoB", .int(flow.fromA.secondSights)) }
        if flow.fromB.secondSights > 0 { row.add("secondSightsBtoA", .int(flow.fromB.secondSights)) }
        if !flow.icmpErrors.isEmpty { row.add("icmpErrors", .array(flow.icmpErrors.map(error))) }
        if !flow.events.isEmpty { row.add("events", .array(flow.events.map(event))) }
        return row.json
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
    static func hasPorts(_ number: UInt8) -> Bool { number == tcp || number == udp || number == sctp }

    /// In lower case as in the registry of protocol numbers; `ip-99` for those that nobody meets.
    static func name(_ number: UInt8) -> String {
        // Nearly all of what is listed.
        if number == tcp { return "tcp" }
        if number == udp { return "udp" }
        return names[number] ?? "ip-\(number)"
    }

    private static let names: [UInt8: String] = [
        icmp: "icmp", 2: "igmp", ipv4: "ipip", ipv6: "ipv6", gre: "gre", esp: "esp", 51: "ah",
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
