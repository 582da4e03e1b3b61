import NetValues
import Observations

extension FactJSON {
    static func flows(_ fact: FlowsFact) -> JSONObject {
        let connected = fact.attempts.count { $0.outcome == .connected }
        let silent = fact.attempts.count { $0.outcome == .timedOut }
        return JSONObject([
            ("type", "flows"), ("endpoint", .string(fact.endpoint.description)), ("opened", .int(fact.attempts.count)),
            ("connected", .int(connected)), ("silent", .int(silent)),
            ("failed", .int(fact.attempts.count - connected - silent)),
            ("beside", .array(fact.beside.map { .object(connect($0)) })),
            ("after", .array(fact.after.map { .object(connect($0)) })), ("elapsedMs", .milliseconds(fact.elapsed)),
        ])
    }

    static func idle(_ fact: IdleFact) -> JSONObject {
        JSONObject([
            ("type", "idle"), ("endpoint", .string(fact.endpoint.description)),
            ("source", optional(fact.source?.description)), ("idleMs", .milliseconds(fact.idle)),
            ("elapsedMs", .milliseconds(fact.elapsed)),
        ]).followed(by: JSONObject(end(fact.end)))
    }
}
