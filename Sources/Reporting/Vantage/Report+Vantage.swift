import NetValues
import Observations

extension Report {
    /// Tells of the vantage itself: `leadsman doctor`.
    package mutating func describe(
        _ observation: VantageObservation, resolver: ResolverConfiguration, redact: (String) -> String
    ) {
        let surroundings = observation.surroundings ?? VantageSurroundings()
        let outbound = OutboundSummary(checks)
        let all =
            observation.lines + ResolverLines(resolver: resolver, checks: checks).lines
            + SurroundingsLines(surroundings: surroundings, checks: checks).lines + outbound.lines
        self.lines = all.map { $0.redacted(redact) }
        let members = surroundings.members.followed(
            by: JSONObject([("resolver", .object(resolver.members)), ("outbound", outbound.json)]))
        vantage.additions = vantage.additions.followed(by: members.mapValues { $0.mapStrings(redact) })
    }
}

extension VantageLine {
    fileprivate func redacted(_ redact: (String) -> String) -> VantageLine {
        VantageLine(group, redact(subject), redact(text), why: why, isRemarkable: isRemarkable)
    }
}
