import JSON
import NetValues
import Observations

extension FactJSON {
    static func trace(_ fact: TraceFact) -> JSONObject {
        let flows = fact.flows.map { flow in
            JSONValue.object(
                JSONObject([
                    ("number", .int(flow.number)), ("sourcePort", flow.sourcePort.map { .int(Int($0)) } ?? .null),
                    ("hops", .array(flow.hops.map { .object(hop($0)) })),
                ]))
        }
        var object = JSONObject([("type", "trace"), ("destination", .string(fact.destination.address.description))])
        object["port"] = fact.destination.port == 0 ? .null : .int(Int(fact.destination.port))
        object["carrier"] = .string(fact.carrier.rawValue)
        object["source"] = optional(fact.source?.description)
        object["elapsedMs"] = .milliseconds(fact.elapsed)
        object["flows"] = .array(flows)
        return object
    }

    private static func hop(_ hop: PathHop) -> JSONObject {
        var object = JSONObject([("limit", .int(hop.limit)), ("roundTripMs", optional(hop.roundTrip))])
        outcome(hop.outcome, of: &object)
        object["replyHopLimit"] = hop.replyHopLimit.map { .int($0) }
        object["quoted"] = hop.quoted.map(quoted)
        if hop.isTimeSetAside { object["timeSetAside"] = .bool(true) }
        if !hop.labels.isEmpty { object["mpls"] = .array(hop.labels.map(label)) }
        return object
    }

    static func outcome(_ outcome: SoundingFact.Hop.Outcome, of object: inout JSONObject) {
        switch outcome {
        case .expired(let router):
            object["outcome"] = "expired"
            object["router"] = .string(router.description)
        case .answered: object["outcome"] = "answered"
        case .reset: object["outcome"] = "reset"
        case .silent: object["outcome"] = "silent"
        case .failed(let failure):
            object["outcome"] = "failed"
            object["failure"] = self.failure(failure)
        }
    }

    private static func quoted(_ packet: QuotedHeader) -> JSONValue {
        .object(
            JSONObject([
                ("hopLimit", packet.hopLimit.map { .int($0) } ?? .null),
                ("trafficClass", packet.trafficClass.map { .int(Int($0)) } ?? .null),
                ("source", optional(packet.source?.description)),
                ("destination", optional(packet.destination?.description)),
            ]))
    }

    private static func label(_ label: MPLSLabel) -> JSONValue {
        .object(
            JSONObject([
                ("label", .int(Int(label.label))), ("trafficClass", .int(Int(label.trafficClass))),
                ("bottom", .bool(label.isBottom)), ("hopLimit", .int(Int(label.hopLimit))),
            ]))
    }

    static func pathMTU(_ fact: PathMTUFact) -> JSONObject {
        var object = JSONObject([("type", "pathMTU"), ("destination", .string(fact.destination.address.description))])
        object["port"] = fact.destination.port == 0 ? .null : .int(Int(fact.destination.port))
        object["carrier"] = .string(fact.carrier.rawValue)
        object["direction"] = .string(fact.direction.rawValue)
        object["ending"] = .string(fact.ending.rawValue)
        object["largestPassed"] = fact.largestPassed.map { .int($0) } ?? .null
        object["smallestLost"] = fact.smallestLost.map { .int($0) } ?? .null
        object["lastRouter"] = fact.lastRouter.map { .object(hop($0)) } ?? .null
        object["beyond"] = fact.beyond.map { .object(hop($0)) } ?? .null
        object["linkMTU"] = fact.linkMTU.map { .int($0) } ?? .null
        object["routeMTU"] = fact.routeMTU.map { .int($0) } ?? .null
        object["learnedMTU"] = fact.learnedMTU.map { .int($0) } ?? .null
        object["roundTripMs"] = optional(fact.roundTrip)
        object["agreedSize"] = fact.agreedSize.map { .int($0) }
        object["trials"] = .array(fact.trials.map { .object(trial($0)) })
        object["elapsedMs"] = .milliseconds(fact.elapsed)
        object["untried"] = fact.untried.isEmpty ? nil : .array(fact.untried.map { .object(untried($0)) })
        return object
    }

    private static func untried(_ untried: PathMTUFact.Untried) -> JSONObject {
        JSONObject([
            ("carrier", .string(untried.carrier.rawValue)), ("action", .string(untried.reason.action)),
            ("reason", .string(untried.reason.reason)), ("fix", .string(untried.reason.fix)),
        ])
    }

    private static func trial(_ trial: PathMTUFact.Trial) -> JSONObject {
        var object = JSONObject([
            ("size", .int(trial.size)), ("hopLimit", trial.hopLimit.map { .int($0) } ?? .null),
        ])
        switch trial.outcome {
        case .passed: object["outcome"] = "passed"
        case .lost: object["outcome"] = "lost"
        case .tooBig(let signal):
            object["outcome"] = "tooBig"
            object["mtu"] = .int(signal.mtu)
            object["router"] = optional(signal.router?.description)
            object["ownHost"] = .bool(signal.isFromOwnHost)
        case .failed(let failure):
            object["outcome"] = "failed"
            object["failure"] = self.failure(failure)
        }
        return object
    }
}
