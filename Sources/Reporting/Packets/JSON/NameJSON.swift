import JSON
import NetValues
import Observations
import Wire

/// DNS of a capture as JSON.
enum NameJSON {
    static func json(_ tally: DNSTally, top: Int?) -> JSONValue {
        PacketJSON.object([
            ("queries", .int(tally.queries)), ("responses", .int(tally.responses)),
            ("unanswered", .int(tally.unanswered)), ("retransmitted", .int(tally.retransmitted)),
            ("rcodes", PacketJSON.counts(tally.rcodes)), ("repeatedResponses", .int(tally.repeatedResponses)),
            ("unsolicited", .int(tally.unsolicited)), ("truncated", .int(tally.truncated)),
            ("malformed", .int(tally.malformed)), ("latencyMs", PacketJSON.spread(tally.latency)),
            ("multicastQueries", .int(tally.multicastQueries)),
            ("multicastResponses", .int(tally.multicastResponses)),
            ("servers", .array(tally.servers.first(top).map(server))),
            ("transactions", .array(tally.transactions.first(top).map(transaction))),
        ])
    }

    private static func server(_ server: DNSServerTally) -> JSONValue {
        PacketJSON.object([
            ("server", .string(server.server.description)), ("queries", .int(server.queries)),
            ("unanswered", .int(server.unanswered)), ("failures", .int(server.failures)),
            ("latencyMs", PacketJSON.spread(server.latency)),
        ])
    }

    static func transaction(_ transaction: DNSTransaction) -> JSONValue {
        PacketJSON.object([
            ("frame", .int(transaction.frame)), ("at", PacketJSON.time(transaction.at)),
            ("client", .string(transaction.client.description)), ("server", .string(transaction.server.description)),
            ("transport", .string(transaction.transport.rawValue)), ("id", .int(Int(transaction.id))),
            ("name", .string(transaction.name)), ("type", .string(transaction.type)),
            ("rcode", PacketJSON.text(transaction.rcode)), ("latencyMs", PacketJSON.span(transaction.latency)),
            ("repeats", .int(transaction.repeats)), ("truncated", .bool(transaction.isTruncated)),
            ("answers", .strings(transaction.answers)),
        ])
    }
}
