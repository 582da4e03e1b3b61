import JSON
import NetValues
import Observations
import Wire

extension FactJSON {
    static func sounding(_ fact: SoundingFact) -> JSONObject {
        JSONObject([
            ("type", "sounding"), ("endpoint", .string(fact.endpoint.description)),
            ("carrier", .string(fact.carrier.rawValue)), ("elapsedMs", .milliseconds(fact.elapsed)),
            ("hops", .array(fact.hops.map(hop))),
            ("resetHopLimit", fact.resetHopLimit.map { .int($0) } ?? .null),
            ("control", fact.control.map(hop) ?? .null),
        ])
    }

    private static func hop(_ hop: SoundingFact.Hop) -> JSONValue {
        var object = JSONObject([("limit", .int(hop.limit)), ("roundTripMs", optional(hop.roundTrip))])
        outcome(hop.outcome, of: &object)
        return .object(object)
    }

    static func neighbour(_ fact: NeighbourFact) -> JSONObject {
        JSONObject([
            ("type", "neighbour"), ("address", .string(fact.address.description)),
            ("interface", .string(fact.interface)), ("claimants", .strings(fact.claimants.map(\.description))),
            ("cached", optional(fact.cached?.hardwareAddress?.description)),
            ("cachedState", optional(fact.cached?.reachability.rawValue)), ("elapsedMs", .milliseconds(fact.elapsed)),
        ])
    }
}
