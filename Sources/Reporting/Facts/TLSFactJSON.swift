import JSON
import NetValues
import Observations

extension FactJSON {
    static func tls(_ fact: TLSFact) -> JSONObject {
        let handshake = JSONObject([
            ("type", "tls"), ("endpoint", .string(fact.endpoint.description)),
            ("serverName", optional(fact.serverName)),
            ("elapsedMs", .milliseconds(fact.elapsed)), ("sentBytes", .int(fact.sentBytes)),
            ("receivedBytes", .int(fact.receivedBytes)),
        ])
        let rest = JSONObject([
            ("version", optional(fact.version)), ("cipher", optional(fact.cipher)), ("group", optional(fact.group)),
            ("alpn", optional(fact.alpn)), ("expectedName", .string(fact.expectedName)),
            ("nameMatch", fact.nameMatch.map { .bool($0) } ?? .null), ("trustStore", .string(fact.trustStore)),
            ("verification", .array(fact.verification.map(problem))), ("chain", .array(fact.chain.map(certificate))),
            ("clientCertificateRequest", fact.clientCertificate.map(request) ?? .null),
            ("sentClientCertificate", .bool(fact.sentClientCertificate)), ("alerts", .array(fact.alerts.map(alert))),
        ])
        return handshake.followed(by: JSONObject(outcome(fact.outcome))).followed(by: rest)
            .followed(by: progress(fact.progress)).followed(by: contrast(fact.isContrast))
    }

    private static func outcome(_ outcome: TLSFact.Outcome) -> [(String, JSONValue)] {
        switch outcome {
        case .established: [("outcome", "established")]
        case .timedOut: [("outcome", "timedOut")]
        case .failed(let failure): [("outcome", "failed")] + cause(failure)
        }
    }

    private static func cause(_ failure: TLSFailure) -> [(String, JSONValue)] {
        switch failure {
        case .alert(let name): [("cause", "alert"), ("reason", .string(name))]
        case .closed: [("cause", "closed")]
        case .transport(let failure): [("cause", "transport"), ("failure", self.failure(failure))]
        case .notTLS(let bytes): [("cause", "notTLS"), ("bytes", .string(byteText(bytes)))]
        case .other(let reason): [("cause", "other"), ("reason", .string(reason))]
        }
    }

    private static func problem(_ problem: VerificationProblem) -> JSONValue {
        .object(
            JSONObject([
                ("kind", .string(problem.kind.rawValue)), ("depth", .int(problem.depth)),
                ("code", .int(Int(problem.code))),
                ("reason", .string(problem.reason)),
            ]))
    }

    private static func request(_ request: ClientCertificateRequest) -> JSONValue {
        .object(JSONObject([("authorities", .strings(request.authorities))]))
    }

    private static func alert(_ alert: TLSAlert) -> JSONValue {
        .object(
            JSONObject([
                ("direction", alert.isReceived ? "received" : "sent"), ("fatal", .bool(alert.isFatal)),
                ("name", .string(alert.name)), ("code", .int(Int(alert.code))),
            ]))
    }

    private static func certificate(_ certificate: CertificateFact) -> JSONValue {
        .object(
            JSONObject([
                ("subject", .string(certificate.subject)), ("commonName", optional(certificate.commonName)),
                ("issuer", .string(certificate.issuer)), ("dnsNames", .strings(certificate.dnsNames)),
                ("ipAddresses", .strings(certificate.ipAddresses.map(\.description))),
                ("notBefore", .string(certificate.notBefore.rfc3339)),
                ("notAfter", .string(certificate.notAfter.rfc3339)),
                ("key", .string(certificate.key)), ("signature", .string(certificate.signature)),
                ("serial", .string(certificate.serial)), ("sha256", .string(certificate.sha256)),
                ("selfIssued", .bool(certificate.isSelfIssued)),
            ]))
    }
}
