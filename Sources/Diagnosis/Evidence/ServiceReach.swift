import NetValues
import Observations
import Planning
import Wire

/// What a check that nothing got through for shows of the Kubernetes Service that its target is, by its name or by its address.
struct ServiceReach {
    let check: CheckEvidence
    /// Nil where only the address speaks for a Service.
    let name: ServiceName?
    let port: UInt16
    let connects: [ConnectFact]

    static func all(in evidence: Evidence) -> [ServiceReach] {
        evidence.measured.compactMap { ServiceReach($0, evidence) }
    }

    init?(_ check: CheckEvidence, _ evidence: Evidence) {
        guard check.check.expectation.word == .reachable, check.isCutOff, let first = check.connects.first,
            !check.connects.contains(where: { evidence.openEndpoints.contains($0.endpoint) })
        else { return nil }
        let name = check.resolutions.lazy.compactMap { fact in ServiceName(of: fact.host, found: [.resolution(fact)]) }
            .first
        guard name != nil || evidence.resolver.isPlausibleService(first.endpoint.address) else { return nil }
        self.check = check
        self.name = name
        port = first.endpoint.port
        connects = check.connects
    }

    /// Ports that the Service has, by its SRV records; nil where nobody says so.
    var ports: [UInt16]? {
        let answers = check.dns.filter { $0.type == .srv && $0.hasData && !$0.isCut }
        let ports = answers.flatMap(\.data).compactMap { record in
            if case .srv(_, _, let port, _) = record.data { port } else { nil }
        }
        return ports.isEmpty ? nil : Array(Set(ports)).sorted()
    }

    var subject: String { check.subject }
    /// "Service shop in namespace prod", "198.18.9.1"
    var words: String {
        name.map { "Service \($0.service.escaped(limit: 63)) in namespace \($0.namespace.escaped(limit: 63))" }
            ?? listed(connects.map(\.endpoint.address.description).unique())
    }
}

extension ResolverConfiguration {
    /// An address near that of the cluster's DNS, where the search list is a pod's: both are out of the range of Services. The
    /// size of that range is not known here; Kubernetes makes it /12 to /24, and /108 to /112 of IPv6.
    fileprivate func isPlausibleService(_ address: IPAddress) -> Bool {
        let isPod = search.contains { $0.labels.prefix(2).contains { $0.lowercasedASCII() == "svc" } }
        return isPod
            && servers.contains { server in
                let shared = address.family == .v4 ? 2 : 14
                return server.address.family == address.family
                    && server.address.bytes.prefix(shared) == address.bytes.prefix(shared)
            }
    }
}
