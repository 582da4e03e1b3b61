import JSON
import NetValues
import Observations
import Planning

extension FactJSON {
    static func http(_ fact: HTTPFact) -> JSONObject {
        let exchange = JSONObject([
            ("type", "http"), ("url", .string(fact.url.description)), ("endpoint", .string(fact.endpoint.description)),
            ("method", .string(fact.method)), ("firstByteMs", optional(fact.firstByte)),
            ("elapsedMs", .milliseconds(fact.elapsed)), ("sentBytes", .int(fact.sentBytes)),
        ])
        let proxy = JSONObject(fact.proxy.map { [("proxy", .string($0.description))] } ?? [])
        return exchange.followed(by: proxy).followed(by: JSONObject(outcome(fact.outcome)))
            .followed(by: progress(fact.progress)).followed(by: pace(fact.pace)).followed(by: contrast(fact.isContrast))
    }

    private static func pace(_ pace: StreamPace?) -> JSONObject {
        guard let pace else { return JSONObject() }
        return JSONObject([
            (
                "pace",
                .object(
                    JSONObject([
                        ("acknowledgedMs", optional(pace.acknowledgedIn)), ("retransmits", .int(pace.retransmits)),
                        ("outOfOrder", pace.outOfOrder.map { .int($0) } ?? .null),
                    ]))
            )
        ])
    }

    private static func outcome(_ outcome: HTTPFact.Outcome) -> [(String, JSONValue)] {
        switch outcome {
        case .responded(let response): [("outcome", "responded"), ("response", json(response))]
        case .incomplete(let end, let partial): [("outcome", "incomplete"), ("partial", json(partial))] + self.end(end)
        case .malformed(let reason, let bytes):
            [("outcome", "malformed"), ("reason", .string(reason)), ("bytes", .string(byteText(bytes)))]
        }
    }

    private static func json(_ response: HTTPResponse) -> JSONValue {
        let headers = response.headers.map { header in
            JSONValue.object(JSONObject([("name", .string(header.name)), ("value", .string(header.value))]))
        }
        return .object(
            JSONObject([
                ("version", .string(response.version)), ("status", .int(response.status)),
                ("reason", .string(response.reason)), ("headers", .array(headers)),
                ("bodyBytes", .int(response.bodyBytes)),
                ("bodyCut", .bool(response.isBodyCut)), ("bodyStart", .string(byteText(response.bodyStart))),
            ]))
    }

    private static func json(_ partial: PartialResponse) -> JSONValue {
        .object(
            JSONObject([
                ("status", partial.status.map { .int($0) } ?? .null), ("bytes", .int(partial.bytes)),
                ("start", .string(byteText(partial.start))),
            ]))
    }
}
