import JSON
import NetValues
import Observations
import Wire

extension FactJSON {
    static func resolution(_ fact: ResolutionFact) -> JSONObject {
        let tried = fact.tried.map { name in
            JSONValue.object(
                JSONObject([
                    ("name", .string(name.name.description)), ("result", .string(name.result)),
                    ("found", .bool(name.found)),
                ]))
        }
        return JSONObject([
            ("type", "resolution"), ("host", .string(fact.host.description)), ("source", .string(fact.source.rawValue)),
            ("tried", .array(tried)), ("outcome", .string(outcome(fact.outcome))),
            ("addresses", .strings(fact.addresses.map(\.description))), ("elapsedMs", .milliseconds(fact.elapsed)),
        ])
    }

    private static func outcome(_ outcome: ResolutionFact.Outcome) -> String {
        switch outcome {
        case .addresses: "addresses"
        case .nameNotFound: "nameNotFound"
        case .noAddress: "noAddress"
        case .failed: "failed"
        }
    }

    static func dns(_ fact: DNSFact) -> JSONObject {
        var exchange = JSONObject([
            ("type", "dns"), ("server", .string(fact.server.description)),
            ("transport", .string(fact.transport.rawValue)),
            ("step", .string(fact.step.rawValue)), ("name", .string(fact.name.description)),
            ("recordType", .string(fact.type.description)), ("elapsedMs", .milliseconds(fact.elapsed)),
        ])
        exchange["offeredSize"] = fact.offeredSize.map { .int(Int($0)) }
        return exchange.followed(by: JSONObject(outcome(fact.outcome)))
    }

    private static func outcome(_ outcome: DNSFact.Outcome) -> [(String, JSONValue)] {
        switch outcome {
        case .answered(let message): [("outcome", "answered"), ("answer", answer(message))]
        case .timedOut: [("outcome", "timedOut")]
        case .failed(let failure): [("outcome", "failed"), ("failure", self.failure(failure))]
        case .malformed(let reason, let bytes):
            [("outcome", "malformed"), ("reason", .string(reason)), ("bytes", .string(byteText(bytes)))]
        case .connected: [("outcome", "connected")]
        }
    }

    private static func answer(_ message: DNSMessage) -> JSONValue {
        .object(
            JSONObject([
                ("id", .int(Int(message.id))), ("opcode", .int(Int(message.opcode))),
                ("rcode", .string(message.rcode.description)), ("flags", .strings(flags(message))),
                ("questions", .array(message.questions.map(question))),
                ("answers", .array(message.answers.map(record))),
                ("authority", .array(message.authority.map(record))),
                ("additional", .array(message.additional.map(record))),
                ("edns", message.edns.map(edns) ?? .null),
            ]))
    }

    /// In the spelling of RFC 1035 section 4.1.1 and RFC 4035 section 3.
    private static func flags(_ message: DNSMessage) -> [String] {
        let flags = [
            ("qr", message.isResponse), ("aa", message.isAuthoritative), ("tc", message.isTruncated),
            ("rd", message.recursionDesired), ("ra", message.recursionAvailable), ("ad", message.isAuthenticated),
            ("cd", message.checkingDisabled),
        ]
        return flags.filter(\.1).map(\.0)
    }

    private static func question(_ question: DNSQuestion) -> JSONValue {
        .object(
            JSONObject([
                ("name", .string(question.name.description)), ("type", .string(question.type.description)),
                ("class", .int(Int(question.recordClass))),
            ]))
    }

    private static func record(_ record: DNSRecord) -> JSONValue {
        .object(
            JSONObject([
                ("name", .string(record.name)), ("type", .string(record.type.description)),
                ("class", .int(Int(record.recordClass))), ("ttl", .int(Int(record.ttl))),
                ("data", .string(presentation(record.data))),
            ]))
    }

    /// As in a zone file, but texts without quotes and joined: as those who use them read them (RFC 7208 section 3.3).
    static func presentation(_ data: DNSRecordData) -> String {
        switch data {
        case .address(let address): address.description
        case .name(let name): name
        case .mx(let preference, let exchange): "\(preference) \(exchange)"
        case .srv(let priority, let weight, let port, let target): "\(priority) \(weight) \(port) \(target)"
        case .txt(let texts): byteText(Array(texts.joined()))
        case .soa(let primary, let mailbox, let serial, let refresh, let retry, let expire, let minimum):
            "\(primary) \(mailbox) \(serial) \(refresh) \(retry) \(expire) \(minimum)"
        case .caa(let flags, let tag, let value): "\(flags) \(tag) \"\(byteText(value))\""
        case .service(let priority, let target, let parameters):
            ([String(priority), target] + parameters).joined(separator: " ")
        // RFC 3597 section 5
        case .raw(let bytes): "\\# \(bytes.count)" + (bytes.isEmpty ? "" : " \(hexText(bytes))")
        }
    }

    private static func edns(_ edns: DNSEDNS) -> JSONValue {
        let errors = edns.extendedErrors.map { error in
            JSONValue.object(JSONObject([("code", .int(Int(error.code))), ("text", .string(error.text))]))
        }
        // Option 15 stands above, taken apart.
        let options = edns.options.filter { $0.code != 15 }.map { option in
            JSONValue.object(JSONObject([("code", .int(Int(option.code))), ("bytes", .string(byteText(option.data)))]))
        }
        return .object(
            JSONObject([
                ("udpPayloadSize", .int(Int(edns.udpPayloadSize))), ("version", .int(Int(edns.version))),
                ("dnssecOK", .bool(edns.dnssecOK)), ("extendedErrors", .array(errors)), ("options", .array(options)),
            ]))
    }
}
