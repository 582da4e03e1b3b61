import NetValues
import Observations
import Planning

/// A check's keys, read once.
struct TraceSettings: Sendable {
    let host: Host
    let carrier: SoundingFact.Carrier
    let port: UInt16
    let mostHops: Int
    let mostFlows: Int
    let asksForNames: Bool
    /// Nil where the plan does not say: then the target is to be reached, as every check's.
    let reaches: Bool?
    let via: [AddressRange]

    /// Traceroute's: nothing listens there nearly everywhere, so that the target's own stack answers.
    private static let closedPort = 33_434
    private static let usualTCPPort = 443
    private static let usualHops = 30

    init(_ check: Check) throws(PlanProblem) {
        guard let host = check.target.host, check.target.port == nil else {
            throw PlanProblem(
                "trace takes \(Target.Form.host.syntax), not `\(check.target)`; the port is a key of its own")
        }
        if let family = host.address?.family, !check.family.admits(family) {
            throw PlanProblem("\(host) is an \(family.rawValue) address, but the check asks for the other family")
        }
        if let family = host.address?.family, let source = check.source, source.family != family {
            throw PlanProblem("\(host) cannot be reached from \(source): one is IPv4, the other IPv6")
        }
        self.host = host
        let port = check.parameters.number("port")
        let method = check.parameters.text("method").flatMap(SoundingFact.Carrier.init(rawValue:))
        carrier = method ?? (port == nil ? .udp : .tcp)
        if carrier == .icmp, port != nil {
            throw PlanProblem("ICMP has no ports: leave out port, or use method udp or tcp")
        }
        let usual = carrier == .tcp ? Self.usualTCPPort : Self.closedPort
        self.port = carrier == .icmp ? 0 : UInt16(clamping: port ?? usual)
        mostHops = check.parameters.number("maxHops") ?? Self.usualHops
        mostFlows = check.parameters.number("flows") ?? 1
        asksForNames = check.parameters.flag("names") ?? false
        let expected = check.expectation.parameters
        reaches = expected.flag("reaches")
        via = (expected.list("via") ?? []).compactMap { text in
            AddressRange(text) ?? IPAddress(text).map { AddressRange(around: $0, length: $0.bytes.count * 8) }
        }
    }

    func comparisons(_ fact: TraceFact) -> [Comparison] {
        var comparisons: [Comparison] = []
        if let reaches {
            let isReached = fact.arrival != nil
            comparisons.append(
                Comparison(
                    key: "reaches", expected: String(reaches),
                    seen: isReached ? "true" : "false, \(fact.lastHeardWords)",
                    isMet: reaches == isReached, isDeclared: true))
        }
        let seen = fact.flows.flatMap(\.hops).compactMap { $0.responder(towards: fact.destination.address) }.unique()
        for range in via {
            let text = range.isSingle ? range.address.description : range.description
            comparisons.append(
                Comparison(
                    key: "via", expected: text,
                    seen: seen.isEmpty ? "nobody" : seen.map(\.description).joined(separator: " "),
                    isMet: seen.contains { range.contains($0) }, isDeclared: true))
        }
        return comparisons
    }
}

extension TraceFact {
    fileprivate var lastHeardWords: String {
        let heard = flows.flatMap(\.hops).filter { $0.outcome != .silent }.max { $0.limit < $1.limit }
        guard let heard else { return "nobody answers" }
        return "the last answer is of hop \(heard.limit)"
            + (heard.responder(towards: destination.address).map { " (\($0))" } ?? "")
    }
}
