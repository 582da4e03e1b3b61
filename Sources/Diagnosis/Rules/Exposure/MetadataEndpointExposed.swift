import NetValues
import Observations
import Planning
import Wire

/// The cloud's metadata service answers (catalogue section 13).
enum MetadataEndpointExposed: Rule {
    static let layer = Layer.notice
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "metadata-endpoint-exposed", severity: .critical, title: "The cloud's metadata service can be reached",
        signals: [
            "an HTTP answer of any status from 169.254.169.254 (or fd00:ec2::254, 100.100.100.200) to a check, or in a capture",
            "400 and 401 prove it as well: the service is there and wants a header or a token",
        ],
        lookalikes: [
            "connected, but no answer: a hop limit of 1 (AWS IMDSv2), which protects",
            "a mesh or proxy that accepts every connection: it does not answer in HTTP",
            "a portal or filter that answers whatever is asked: the same answer comes from elsewhere too",
            "a virtual machine, a node, or a pod on its node's network: they may ask it, and only who asked for it is told, as info",
        ],
        traps: [
            "a virtual machine's own agents and pods on the host's network may ask it: a capture alone warns only",
            "never fetch credentials to prove it",
        ],
        remedy: [
            "deny egress to 169.254.169.254/32 in network policies, except for those that need it",
            "use the cloud's own restriction (hop limit 1, AKS IMDS restriction) and workload identity",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        ofChecks(evidence) + (evidence.packets.map(ofCapture) ?? [])
    }

    private static func ofChecks(_ evidence: Evidence) -> [Finding] {
        let reached = evidence.measured.filter { check in
            check.exchanges.contains { isMetadata($0, check) } && !isEverybodys(check, evidence)
        }
        let place = evidence.vantage.surroundings
        let isAllowed = place.map { !$0.isIsolatedPod } ?? false
        // Where it is no fault, only who asked for it is told.
        let told = isAllowed ? reached.filter(\.check.isAsked) : reached
        let isCertain = place.map { isAllowed || $0.cluster.usesHostNetwork == false } ?? true
        return grouped(told, by: \.subject).map { subject, members in
            finding(
                subject, checks: members.map(\.name), severity: isAllowed ? .info : nil,
                confidence: isCertain ? .certain : .likely,
                summary: "The metadata service \(subject) answers this \(isAllowed ? "vantage" : "pod").",
                evidence: evidenceLines(
                    members.flatMap { check in check.exchanges.filter { isMetadata($0, check) } }.compactMap {
                        exchange in
                        exchange.response.map { "\(exchange.method) at \(exchange.endpoint): status \($0.status)" }
                    })
                    + (isCertain
                        ? [] : ["nothing shows whether this pod uses its node's network, whose right it would be"]),
                cause: isAllowed
                    ? "This is no pod with a network of its own: a machine's own programs may ask for the machine's identity. Pods on it should not."
                    : "Nothing keeps this workload from the service that hands out the machine's identity.")
        }
    }

    private static func isMetadata(_ exchange: HTTPFact, _ check: CheckEvidence) -> Bool {
        guard exchange.response != nil, exchange.proxy == nil else { return false }
        return check.check.outbound == .metadata || PacketAddress(exchange.endpoint.address).isMetadata
    }

    /// Another host gives the same answer: it is that of whatever stands between.
    private static func isEverybodys(_ check: CheckEvidence, _ evidence: Evidence) -> Bool {
        guard let own = check.exchanges.first(where: { isMetadata($0, check) })?.response else { return false }
        return evidence.measured.contains { other in
            other.hasExchanges && other.check.outbound != .metadata
                && other.exchanges.contains { exchange in
                    guard let response = exchange.response, exchange.url.scheme == .http, !isMetadata(exchange, other)
                    else { return false }
                    return response.status == own.status && own.maker != nil && response.maker == own.maker
                }
        }
    }

    private static func ofCapture(_ summary: PacketSummary) -> [Finding] {
        let answered = summary.http.exchanges.filter { $0.server.address.isMetadata && $0.status != nil }
        return grouped(answered, by: \.server).map { server, members in
            finding(
                server.description, checks: [], severity: .warning, confidence: .likely,
                summary:
                    "The metadata service \(server.address) answers \(listed(members.map(\.client.address.description).unique())).",
                evidence: evidenceLines(
                    members.map {
                        "frame \($0.frame): \($0.method) from \($0.client.address), status \($0.status ?? 0)"
                    }, limit: 4),
                cause:
                    "Whoever runs at these addresses can ask for the machine's identity. For the machine's own agents that is as it should be; for pods it is not."
            )
        }
    }
}
