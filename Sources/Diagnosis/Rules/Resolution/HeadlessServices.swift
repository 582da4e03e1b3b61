import NetValues
import Observations
import Planning
import Wire

/// A headless Service in two answers (Kubernetes DNS specification 1.1.0, sections 2.4.1 and 2.4.2): its name has the addresses of
/// all ready pods, its SRV records name those of them that have the port.
extension DNSStaleRecord {
    static func headlessServices(_ evidence: Evidence) -> [Finding] {
        evidence.checks.compactMap { check in
            guard check.check.kind == "dns" else { return nil }
            let gone = grouped(check.dns, by: \.server).compactMap { Disagreement(server: $0.key, $0.members) }
            guard let first = gone.first else { return nil }
            return finding(
                first.service.relative.description, checks: [check.name], severity: .warning, confidence: .possible,
                summary:
                    "The SRV records of \(check.askedName) lead to \(listed(first.addresses.map(\.description))), which \(first.service.relative) itself has not got.",
                evidence: evidenceLines(gone.flatMap(\.lines)),
                cause:
                    "One of the two answers is older than the other: a pod has come or gone, and a cache still has what was. If it stays so for longer than the TTL, a server keeps old records.",
                remedy: [
                    "ask again when the TTL has passed; compare with kubectl get endpointslices of the Service",
                    "ask each of the cluster's DNS pods by itself (--server), to find one that no longer follows the API",
                ])
        }
    }

    private struct Disagreement {
        let server: Endpoint
        let service: DomainName
        let addresses: [IPAddress]
        let own: [IPAddress]

        init?(server: Endpoint, _ facts: [DNSFact]) {
            let targets = facts.filter { $0.step == .target && $0.hasData }
            let service = facts.first { $0.step == .target && $0.name.isService }?.name
            guard let service, facts.contains(where: { $0.type == .srv && $0.hasData && !$0.step.isBeside }) else {
                return nil
            }
            let own = targets.filter { $0.name == service }.flatMap(\.addresses).unique()
            // Only pods of this Service, by families that its own name has.
            let families = Set(own.map(\.family))
            let pods = targets.filter { $0.name.labels.count == service.labels.count + 1 }.flatMap(\.addresses).unique()
            let addresses = pods.filter { families.contains($0.family) && !own.contains($0) }
            guard !addresses.isEmpty else { return nil }
            self.server = server
            self.service = service
            self.addresses = addresses
            self.own = own
        }

        var lines: [String] {
            [
                "\(server), \(service): \(listed(own.map(\.description), limit: 6))",
                "\(server), hosts of the SRV records: \(listed(addresses.map(\.description), limit: 6)) besides",
            ]
        }
    }
}

extension DomainName {
    /// `NAME.NAMESPACE.svc.ZONE`: elsewhere the hosts of SRV records need not be addresses of the name above them.
    fileprivate var isService: Bool { labels.count > 3 && labels[2].lowercasedASCII() == "svc" }
}
