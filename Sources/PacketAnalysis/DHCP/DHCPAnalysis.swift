import NetValues
import Observations
import Wire

/// DHCP over both families: messages by type, who serves, what was leased, and who asked in vain.
struct DHCPAnalysis {
    private struct Client {
        var asked: Int
        let firstAsked: Int64
        var isAnswered: Bool
    }

    private struct LeaseKey: Hashable {
        let client: LinkAddress
        let isIPv6: Bool
    }

    /// Servers, clients and leases that are kept; a flood of forged clients must not fill the memory.
    private static let most = 10_000
    private static let mostServers = 64
    /// RFC 2131 section 4.1 lets four seconds pass before a client asks again, give or take one.
    private static let answerTime: Int64 = 2_000_000_000

    private var messages: [String: Int] = [:]
    private var servers: [PacketAddress] = []
    private var clients: [LinkAddress: Client] = [:]
    /// In order of the first one.
    private var leases: [DHCPLease] = []
    private var places: [LeaseKey: Int] = [:]
    private var unlisted = 0
    private var lastTime: Int64 = .min
    private let listed: Int

    init(_ settings: AnalysisSettings) {
        listed = settings.mostTransactions
    }

    /// - Returns: Whether the datagram is DHCP.
    mutating func takeDatagram(_ context: PayloadContext, _ payload: Span<UInt8>) -> Bool {
        switch (context.source.port, context.destination.port) {
        case (67, 67), (67, 68), (68, 67):
            guard let message = DHCPMessage(payload) else { return false }
            if !context.isCopy { take(message, context) }
            return true
        case (546, 547), (547, 546), (547, 547):
            guard let message = DHCPv6Message(payload) else { return false }
            if !context.isCopy { take(message, context) }
            return true
        default: return false
        }
    }

    private mutating func take(_ message: DHCPMessage, _ context: PayloadContext) {
        messages[message.kind.name, default: 0] += 1
        let time = context.frame.time
        lastTime = max(lastTime, time)
        switch message.kind {
        case .discover, .inform: ask(message.client, at: time)
        // A request that names a server takes that one's offer, which answered the client (RFC 2131 section 4.3.2).
        case .request: message.server == nil ? ask(message.client, at: time) : answer(message.client)
        case .offer, .ack, .nak:
            answer(message.client)
            let server = message.server ?? context.source.address
            note(server: server)
            guard message.kind == .ack, let address = message.address else { return }
            note(
                lease: DHCPLease(
                    client: message.client, address: address, server: server, lease: message.lease.map { .seconds($0) })
            )
        default: break
        }
    }

    private mutating func take(_ message: DHCPv6Message, _ context: PayloadContext) {
        messages[message.kind.name, default: 0] += 1
        let time = context.frame.time
        lastTime = max(lastTime, time)
        // Clients known by other means than a link address have that of the frame, if no relay stands between.
        guard let client = message.client ?? (message.isRelayed ? nil : Self.clientLink(message, context)) else {
            return
        }
        switch message.kind {
        case .solicit, .renew, .rebind, .confirm, .informationRequest: ask(client, at: time)
        case .request: answer(client)
        case .advertise, .reply:
            answer(client)
            note(server: context.source.address)
            guard message.kind == .reply, let address = message.address else { return }
            note(
                lease: DHCPLease(
                    client: client, address: address, server: context.source.address,
                    lease: message.lease.map { .seconds($0) }))
        default: break
        }
    }

    private static func clientLink(_ message: DHCPv6Message, _ context: PayloadContext) -> LinkAddress? {
        message.isFromClient ? context.packet.link.source : context.packet.link.destination
    }

    private mutating func ask(_ client: LinkAddress, at time: Int64) {
        if clients[client] != nil {
            clients[client]?.asked += 1
        } else if clients.count < Self.most {
            clients[client] = Client(asked: 1, firstAsked: time, isAnswered: false)
        } else {
            unlisted += 1
        }
    }

    private mutating func answer(_ client: LinkAddress) {
        clients[client]?.isAnswered = true
    }

    private mutating func note(server: PacketAddress) {
        if servers.count < Self.mostServers, !servers.contains(server) { servers.append(server) }
    }

    /// The latest of each client and family.
    private mutating func note(lease: DHCPLease) {
        let key = LeaseKey(client: lease.client, isIPv6: lease.address.isIPv6)
        if let place = places[key] {
            leases[place] = lease
        } else if leases.count < Self.most {
            places[key] = leases.count
            leases.append(lease)
        } else {
            unlisted += 1
        }
    }

    func fill(_ summary: inout PacketSummary) {
        var tally = DHCPTally()
        tally.messages = messages
        tally.servers = servers
        tally.leases = Array(leases.prefix(listed))
        let end = max(lastTime, summary.lastAt?.nanoseconds ?? .min)
        // Answers may go to the client alone: one that asked once may have had one that did not pass here.
        tally.unansweredClients =
            clients.filter { !$1.isAnswered && $1.asked > 1 && end &- $1.firstAsked >= Self.answerTime }
            .sorted { ($0.value.firstAsked, $0.key.bits) < ($1.value.firstAsked, $1.key.bits) }.map(\.key)
        summary.dhcp = tally
        summary.limits.unlistedTransactions += unlisted + max(0, leases.count - listed)
    }
}
