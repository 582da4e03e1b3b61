import JSON
import NetValues

extension PathReport {
    var json: JSONObject {
        var object = JSONObject()
        object["destination"] = .string(destination)
        object["port"] = port.map { .int($0) } ?? .null
        object["carrier"] = .string(carrier)
        object["source"] = source.map { .string($0) } ?? .null
        object["rounds"] = .int(rounds)
        object["flows"] = .int(flows)
        object["reached"] = .bool(reachedAt != nil)
        object["reachedAt"] = reachedAt.map { .int($0) } ?? .null
        object["ending"] = .string(ending)
        object["hops"] = .array(hops.map { .object($0.json) })
        object["notes"] = .array(notes.map { .object($0.json) })
        return object
    }

    /// Of a check of a report, also a stored one; nil for one without a path.
    package init?(_ check: CheckReport) {
        guard let value = check.additions["path"] else { return nil }
        self.init(json: value)
    }

    init?(json: JSONValue) {
        guard let destination = json["destination"]?.string, let hops = json["hops"]?.array else { return nil }
        self.init(
            destination: destination, port: json["port"]?.int, carrier: json["carrier"]?.string ?? "",
            source: json["source"]?.string, rounds: json["rounds"]?.int ?? 0, flows: json["flows"]?.int ?? 1,
            reachedAt: json["reachedAt"]?.int, ending: json["ending"]?.string ?? "",
            hops: hops.prefix(255).compactMap(Hop.init(json:)),
            notes: (json["notes"]?.array ?? []).compactMap(Note.init(json:)))
    }
}

extension PathReport.Hop {
    fileprivate var json: JSONObject {
        JSONObject([
            ("limit", .int(limit)), ("sent", .int(sent)), ("answered", .int(answered)),
            ("lossPercent", .double(lossPercent)), ("sparing", .bool(isSparing)), ("resets", .int(unnamed)),
            ("responders", .array(responders.map { .object($0.json) })), ("roundTripMs", roundTrips.json),
        ])
    }

    fileprivate init?(json: JSONValue) {
        guard let limit = json["limit"]?.int else { return nil }
        let trips = json["roundTripMs"]?.object?.members ?? []
        self.init(
            limit: limit, sent: json["sent"]?.int ?? 0, answered: json["answered"]?.int ?? 0,
            isSparing: json["sparing"]?.bool ?? false, unnamed: json["resets"]?.int ?? 0,
            responders: (json["responders"]?.array ?? []).compactMap(PathReport.Responder.init(json:)),
            roundTrips: Milliseconds(
                entries: trips.compactMap { member in
                    member.value.number.map { Milliseconds.Entry(name: member.key, value: $0) }
                }))
    }
}

extension PathReport.Responder {
    fileprivate var json: JSONObject {
        JSONObject([
            ("address", .string(address)), ("name", name.map { .string($0) } ?? .null), ("count", .int(count)),
            ("flows", .array(flows.map { .int($0) })), ("mpls", .strings(labels)),
            ("says", says.map { .string($0) } ?? .null), ("replyHopLimit", replyHopLimit.map { .int($0) } ?? .null),
        ])
    }

    fileprivate init?(json: JSONValue) {
        guard let address = json["address"]?.string else { return nil }
        self.init(
            address: address, name: json["name"]?.string, count: json["count"]?.int ?? 0,
            flows: (json["flows"]?.array ?? []).compactMap(\.int),
            labels: (json["mpls"]?.array ?? []).compactMap(\.string), says: json["says"]?.string,
            replyHopLimit: json["replyHopLimit"]?.int)
    }
}

extension PathReport.Note {
    fileprivate var json: JSONObject {
        JSONObject([
            ("kind", .string(kind.rawValue)), ("limit", limit.map { .int($0) } ?? .null), ("text", .string(text)),
        ])
    }

    fileprivate init?(json: JSONValue) {
        guard let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:)), let text = json["text"]?.string else {
            return nil
        }
        self.init(kind: kind, limit: json["limit"]?.int, text: text)
    }
}
