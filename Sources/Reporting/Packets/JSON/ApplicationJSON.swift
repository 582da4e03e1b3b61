import JSON
import NetValues
import Observations
import Wire

/// TLS and HTTP of a capture as JSON. What is secret in them is in no record.
enum ApplicationJSON {
    static func json(_ tally: TLSTally, top: Int?) -> JSONValue {
        PacketJSON.object([
            ("clientHellos", .int(tally.clientHellos)), ("serverHellos", .int(tally.serverHellos)),
            ("unanswered", .int(tally.unanswered)), ("alerts", PacketJSON.counts(tally.alerts)),
            ("versions", PacketJSON.counts(tally.versions)), ("quicInitials", .int(tally.quicInitials)),
            ("handshakes", .array(tally.handshakes.first(top).map(handshake))),
        ])
    }

    static func handshake(_ handshake: TLSHandshakeRecord) -> JSONValue {
        PacketJSON.object([
            ("frame", .int(handshake.frame)), ("at", PacketJSON.time(handshake.at)),
            ("client", .string(handshake.client.description)), ("server", .string(handshake.server.description)),
            ("quic", .bool(handshake.isQUIC)), ("serverName", PacketJSON.text(handshake.serverName)),
            ("offeredVersions", .strings(handshake.offeredVersions)),
            ("version", PacketJSON.text(handshake.chosenVersion)),
            ("offeredAlpn", .strings(handshake.offeredALPN)), ("alpn", PacketJSON.text(handshake.chosenALPN)),
            ("cipher", PacketJSON.text(handshake.cipher)), ("latencyMs", PacketJSON.span(handshake.latency)),
            ("alerts", .strings(handshake.alerts)), ("certificate", handshake.certificate.map(certificate) ?? .null),
        ])
    }

    private static func certificate(_ certificate: CertificateSummary) -> JSONValue {
        PacketJSON.object([
            ("subject", .string(certificate.subject)), ("issuer", .string(certificate.issuer)),
            ("notBefore", PacketJSON.text(certificate.notBefore?.rfc3339)),
            ("notAfter", PacketJSON.text(certificate.notAfter?.rfc3339)), ("names", .strings(certificate.names)),
            ("chainLength", .int(certificate.chainLength)),
        ])
    }

    static func json(_ tally: HTTPTally, top: Int?) -> JSONValue {
        let statuses = [String: Int](tally.statuses.map { (String($0.key), $0.value) }, uniquingKeysWith: +)
        return PacketJSON.object([
            ("requests", .int(tally.requests)), ("responses", .int(tally.responses)),
            ("unanswered", .int(tally.unanswered)), ("statuses", PacketJSON.counts(statuses)),
            ("latencyMs", PacketJSON.spread(tally.latency)),
            ("exchanges", .array(tally.exchanges.first(top).map(exchange))),
        ])
    }

    static func exchange(_ exchange: HTTPTransaction) -> JSONValue {
        PacketJSON.object([
            ("frame", .int(exchange.frame)), ("at", PacketJSON.time(exchange.at)),
            ("client", .string(exchange.client.description)), ("server", .string(exchange.server.description)),
            ("method", .string(exchange.method)), ("host", PacketJSON.text(exchange.host)),
            ("path", .string(exchange.path)), ("status", PacketJSON.count(exchange.status)),
            ("latencyMs", PacketJSON.span(exchange.latency)),
            ("credentials", .bool(exchange.carriesCredentials)),
        ])
    }
}
