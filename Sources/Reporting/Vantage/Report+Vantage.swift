import Diagnosis
import JSON
import NetValues
import Observations

extension Report {
    /// Tells of the vantage itself: `leadsman doctor`.
    package mutating func describe(
        _ observation: VantageObservation, resolver: ResolverConfiguration, redact: (String) -> String
    ) {
        let surroundings = observation.surroundings ?? VantageSurroundings()
        let routes = observation.latest.routes
        let outbound = OutboundSummary(
            checks, hasIPv6Route: routes.contains { $0.isDefault && $0.family == .v6 && $0.kind == .unicast },
            portal: Set(findings.map(\.finding).filter { $0.id == "captive-answer" }.flatMap(\.checks)))
        let state = observation.lines
        let bare =
            state.contains { $0.group == .interfaces }
            ? []
            : [
                VantageLine(
                    .interfaces, "interfaces", "none but loopback is up and has an address",
                    why: "nothing can leave this host, and nobody can reach it", isRemarkable: true)
            ]
        let all =
            bare + state + ResolverLines(resolver: resolver, checks: checks).lines
            + SurroundingsLines(surroundings: surroundings, checks: checks).lines + outbound.lines
        let members = surroundings.members.followed(
            by: JSONObject([
                ("resolver", .object(resolver.members)), ("outbound", outbound.json),
                ("lines", .array(all.map(\.json))),
            ]))
        vantage.additions = vantage.additions.followed(by: members.mapValues { $0.mapStrings(redact) })
    }
}

extension VantageLine {
    /// The page of a report about the vantage, also of a stored one; empty for any other report.
    static func all(in report: Report) -> [VantageLine] {
        (report.vantage.additions["lines"]?.array ?? []).prefix(mostLines).compactMap(VantageLine.init(json:))
    }

    /// Of a stored report, which may hold any number.
    private static let mostLines = 1000

    fileprivate var json: JSONValue {
        var object = JSONObject([
            ("group", .string(group.rawValue)), ("subject", .string(subject)), ("text", .string(text)),
            ("why", .string(why)),
        ])
        object["remarkable"] = isRemarkable ? true : nil
        return .object(object)
    }

    /// Nil for what this version does not know.
    private init?(json: JSONValue) {
        guard let group = json["group"]?.string.flatMap(Group.init), let subject = json["subject"]?.string,
            let text = json["text"]?.string
        else { return nil }
        self.init(
            group, subject, text, why: json["why"]?.string ?? "", isRemarkable: json["remarkable"]?.bool ?? false)
    }
}
