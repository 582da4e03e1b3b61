import JSON
import NetValues
import Observations

extension FactJSON {
    static func flows(_ fact: FlowsFact) -> JSONObject {
        let connected = fact.attempts.count { $0.outcome == .connected }
        let silent = fact.attempts.count { $0.outcome == .timedOut }
        let shortAt = fact.attempts.firstIndex { $0.outcome != .connected }
        var object = JSONObject([("type", "flows"), ("endpoint", .string(fact.endpoint.description))])
        object["opened"] = .int(fact.attempts.count)
        object["connected"] = .int(connected)
        object["silent"] = .int(silent)
        object["failed"] = .int(fact.attempts.count - connected - silent)
        object["firstShort"] = shortAt.map { .int($0 + 1) } ?? .null
        object["failures"] = .object(failures(fact.attempts))
        object["before"] = connects(fact.before)
        object["beside"] = connects(fact.beside)
        object["after"] = connects(fact.after)
        object["alone"] = fact.alone.map(reply) ?? .null
        object["held"] = fact.held.map(reply) ?? .null
        object["elapsedMs"] = .milliseconds(fact.elapsed)
        return object
    }

    private static func connects(_ facts: [ConnectFact]) -> JSONValue { .array(facts.map { .object(connect($0)) }) }

    /// How many ended by each errno.
    private static func failures(_ attempts: [FlowsFact.Attempt]) -> JSONObject {
        var counts: [String: Int] = [:]
        for case .failed(let failure) in attempts.map(\.outcome) { counts[failure.name, default: 0] += 1 }
        return JSONObject(counts.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })
    }

    private static func reply(_ reply: FlowsFact.Reply) -> JSONValue {
        .object(
            JSONObject([("asked", .bool(reply.wasAsked)), ("elapsedMs", .milliseconds(reply.elapsed))])
                .followed(by: JSONObject(end(reply.end))))
    }

    static func idle(_ fact: IdleFact) -> JSONObject {
        JSONObject([
            ("type", "idle"), ("endpoint", .string(fact.endpoint.description)),
            ("source", optional(fact.source?.description)), ("idleMs", .milliseconds(fact.idle)),
            ("whileIdle", .bool(fact.isWhileIdle)), ("elapsedMs", .milliseconds(fact.elapsed)),
        ]).followed(by: JSONObject(end(fact.end)))
    }
}
