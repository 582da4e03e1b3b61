import NetValues
import Observations
import Planning
import Wire

/// Conversations with one server whose contents anybody on the way can read, and that hold what nobody should.
struct PlainTraffic {
    let server: PacketEndpoint
    /// "PostgreSQL"
    let kind: String
    let flows: Int
    let clients: [PacketAddress]
    /// HTTP requests with Authorization or Cookie.
    let credentials: Int
    let lines: [String]

    /// One side is an address of the internet.
    var leavesTheSite: Bool { server.address.isInternet || clients.contains(where: \.isInternet) }

    static func all(in summary: PacketSummary) -> [PlainTraffic] {
        let encrypted = Set(summary.tls.handshakes.map { Pair($0.client, $0.server) })
        return ofHTTP(summary) + ofProtocols(summary, encrypted)
    }

    /// Whether something in the capture encrypts whole packets: the plain ones may be the inside of that.
    static func hasEncryptedTunnel(_ summary: PacketSummary) -> Bool {
        summary.flows.contains {
            $0.application == .wireguard || $0.application == .esp || $0.protocolNumber == IPProtocol.esp
                || $0.b.port == 4500 && $0.protocolNumber == IPProtocol.udp
        }
    }

    private static func ofHTTP(_ summary: PacketSummary) -> [PlainTraffic] {
        let telling = summary.http.exchanges.filter { exchange in
            // A server that sends the client to https has not taken what came with the request for its own.
            guard let status = exchange.status, !(300..<400).contains(status) else { return false }
            return !exchange.server.address.isLoopback && (exchange.carriesCredentials || exchange.changesSomething)
        }
        return grouped(telling, by: \.server).map { server, members in
            PlainTraffic(
                server: server, kind: "HTTP", flows: members.count,
                clients: members.map(\.client.address).unique(),
                credentials: members.count(where: \.carriesCredentials),
                lines: evidenceLines(members.map(\.plainWords), limit: 3))
        }
    }

    private static func ofProtocols(_ summary: PacketSummary, _ encrypted: Set<Pair>) -> [PlainTraffic] {
        let plain = summary.flows.compactMap { flow -> (kind: String, flow: FlowRecord)? in
            guard let kind = flow.application?.plainName, flow.tunnel?.kind != .pppoe, !flow.b.address.isLoopback,
                flow.fromA.payloadBytes > 0, flow.fromB.payloadBytes > 0,
                !encrypted.contains(Pair(flow.a, flow.b))
            else { return nil }
            return (kind, flow)
        }
        return grouped(plain, by: \.flow.b).map { server, members in
            PlainTraffic(
                server: server, kind: members[0].kind, flows: members.count,
                clients: members.map(\.flow.a.address).unique(), credentials: 0,
                lines: evidenceLines(
                    members.map {
                        "\($0.flow.a) to \($0.flow.b): \($0.kind), no TLS in \(counted($0.flow.packets, "packet"))"
                    },
                    limit: 3))
        }
    }

    private struct Pair: Hashable {
        let client: PacketEndpoint
        let server: PacketEndpoint

        init(_ client: PacketEndpoint, _ server: PacketEndpoint) {
            self.client = client
            self.server = server
        }
    }
}

extension HTTPTransaction {
    fileprivate var changesSomething: Bool { ["POST", "PUT", "PATCH", "DELETE"].contains(method) }

    /// Never the path, which may hold secrets too.
    fileprivate var plainWords: String {
        "frame \(frame): \(method) from \(client.address) to \(server)\(carriesCredentials ? ", with credentials" : "")"
    }
}

extension FlowRecord.Application {
    /// Those whose payload is worth hiding and that TLS would hide. Mail may start TLS later and says so in the capture.
    fileprivate var plainName: String? {
        switch self {
        case .postgres: "PostgreSQL"
        case .mysql: "MySQL"
        case .redis: "Redis"
        case .ldap: "LDAP"
        default: nil
        }
    }
}
