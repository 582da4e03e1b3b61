import JSON
import NetValues
import Observations

extension FactJSON {
    static func pairs(_ fact: DNSPairFact) -> JSONObject {
        let tallies = fact.tallies.map { tally in
            JSONValue.object(
                JSONObject([
                    ("manner", .string(tally.manner.rawValue)), ("trials", .int(tally.trials)),
                    ("oneLost", .int(tally.oneLost)), ("bothLost", .int(tally.bothLost)),
                    ("medianMs", optional(tally.median)),
                ]))
        }
        return JSONObject([
            ("type", "pairs"), ("server", .string(fact.server.description)), ("name", .string(fact.name.description)),
            ("tallies", .array(tallies)),
        ])
    }

    static func rate(_ fact: DNSRateFact) -> JSONObject {
        let rcodes = fact.rcodes.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.int($0.value)) }
        return JSONObject([
            ("type", "rate"), ("server", .string(fact.server.description)), ("name", .string(fact.name.description)),
            ("wantedRate", .double(fact.wantedRate)), ("sent", .int(fact.sent)), ("answered", .int(fact.answered)),
            ("spanMs", .milliseconds(fact.span)), ("rcodes", .object(JSONObject(rcodes))),
            ("lateStarts", .int(fact.lateStarts)), ("ownDrops", .int(fact.ownDrops)),
            ("failure", fact.failure.map(failure) ?? .null), ("latencyMs", fact.latency.map(latency) ?? .null),
        ])
    }

    private static func latency(_ latency: DNSRateFact.Latency) -> JSONValue {
        .object(
            JSONObject([
                ("min", .milliseconds(latency.min)), ("p50", .milliseconds(latency.p50)),
                ("p90", .milliseconds(latency.p90)), ("p95", .milliseconds(latency.p95)),
                ("p99", .milliseconds(latency.p99)), ("p999", .milliseconds(latency.p999)),
                ("max", .milliseconds(latency.max)),
            ]))
    }
}
