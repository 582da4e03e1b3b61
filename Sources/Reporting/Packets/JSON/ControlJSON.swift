import JSON
import NetValues
import Observations
import Wire

/// ICMP, neighbours and DHCP of a capture as JSON.
enum ControlJSON {
    static func json(_ tally: ICMPTally, top: Int?) -> JSONValue {
        PacketJSON.object([
            ("echoRequests", .int(tally.echoRequests)), ("echoReplies", .int(tally.echoReplies)),
            ("unanswered", .int(tally.unanswered)), ("latencyMs", PacketJSON.spread(tally.echoLatency)),
            ("errorCounts", PacketJSON.counts(tally.errors)),
            ("errors", .array(tally.quotes.first(top).map(error))),
            ("series", .array(tally.series.first(top).map(series))),
        ])
    }

    /// An ICMP error with the packet that it quotes.
    static func error(_ record: ICMPErrorRecord) -> JSONValue {
        func text(_ endpoint: PacketEndpoint) -> JSONValue {
            .string(
                IPProtocol.hasPorts(record.protocolNumber) ? endpoint.description : endpoint.address.description)
        }
        return PacketJSON.object(
            FlowJSON.errorMembers(record.error) + [
                ("name", .string(record.name)), ("protocol", .string(IPProtocol.name(record.protocolNumber))),
                ("source", text(record.source)), ("destination", text(record.destination)),
            ])
    }

    static func series(_ series: EchoSeriesRecord) -> JSONValue {
        PacketJSON.object([
            ("source", .string(series.source.description)), ("destination", .string(series.destination.description)),
            ("identifier", .int(Int(series.identifier))), ("requests", .int(series.requests)),
            ("replies", .int(series.replies)), ("duplicates", .int(series.duplicates)), ("late", .int(series.late)),
        ])
    }

    static func json(_ tally: NeighbourTally, top: Int?) -> JSONValue {
        PacketJSON.object([
            ("requests", .int(tally.arpRequests)), ("replies", .int(tally.arpReplies)),
            ("gratuitous", .int(tally.gratuitous)), ("unanswered", .int(tally.unanswered.count)),
            ("conflicts", .int(tally.conflicts.count)), ("solicitations", .int(tally.solicitations)),
            ("advertisements", .int(tally.advertisements)),
            ("routerAdvertisements", .int(tally.routerAdvertisements)),
            ("claims", .array(tally.claims.first(top).map(claim))),
            ("unansweredAddresses", .array(tally.unanswered.first(top).map(unanswered))),
        ])
    }

    static func claim(_ claim: NeighbourClaim) -> JSONValue {
        PacketJSON.object([
            ("address", .string(claim.address.description)), ("vlan", PacketJSON.count(claim.vlan)),
            ("owners", .array(claim.owners.map(owner))), ("gratuitous", .int(claim.gratuitous)),
            ("changes", .int(claim.changes)), ("probesAnswered", .int(claim.probesAnswered)),
        ])
    }

    private static func owner(_ owner: NeighbourClaim.Owner) -> JSONValue {
        PacketJSON.object([
            ("link", .string(owner.link.description)), ("claims", .int(owner.claims)),
            ("firstFrame", .int(owner.firstFrame)), ("firstAt", PacketJSON.time(owner.firstAt)),
            ("lastAt", PacketJSON.time(owner.lastAt)),
        ])
    }

    static func unanswered(_ unanswered: UnansweredNeighbour) -> JSONValue {
        PacketJSON.object([
            ("address", .string(unanswered.address.description)), ("asker", .string(unanswered.asker.description)),
            ("requests", .int(unanswered.requests)), ("firstAt", PacketJSON.time(unanswered.firstAt)),
        ])
    }

    static func json(_ tally: DHCPTally, top: Int?) -> JSONValue {
        PacketJSON.object([
            ("messages", PacketJSON.counts(tally.messages)),
            ("servers", .strings(tally.servers.map(\.description))),
            ("leases", .array(tally.leases.first(top).map(lease))),
            ("unansweredClients", .strings(tally.unansweredClients.map(\.description))),
        ])
    }

    private static func lease(_ lease: DHCPLease) -> JSONValue {
        PacketJSON.object([
            ("client", .string(lease.client.description)), ("address", .string(lease.address.description)),
            ("server", PacketJSON.text(lease.server?.description)),
            ("leaseSeconds", lease.lease.map { .int(Int($0.components.seconds)) } ?? .null),
        ])
    }
}
