import NetValues
import Observations
import Planning

/// An address that was given away is that of the API server (catalogue section 5).
enum VIPCollidesReserved: Rule {
    static let layer = Layer.route
    static let explanation = FindingExplanation(
        id: "vip-collides-reserved", severity: .error, title: "An address belongs to the Kubernetes API already",
        signals: [
            "a name that is not the API server's answers with the API server's certificate (kubernetes.default.svc), which holds this very address"
        ],
        lookalikes: [
            "tls-name-mismatch: the name is another one of the API server, which its certificate lacks",
            "dns-stale-record: another service altogether answers",
        ],
        traps: ["the first address of the range of Services is always that of the API: 10.96.0.1, 10.0.0.1 …"],
        remedy: [
            "give the service, virtual IP or record another address: the first of the Services' range is reserved",
            "in AKS and others keep that range (serviceCidr) apart from every network that is routed",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let collisions = evidence.measured.compactMap { check -> (check: CheckEvidence, shown: [TLSFact])? in
            guard check.check.expectation.word == .reachable, check.isFailing else { return nil }
            let shown = check.handshakes.filter(isCollision)
            return shown.isEmpty ? nil : (check, shown)
        }
        return grouped(collisions, by: \.check.subject).map { subject, members in
            let handshakes = members.flatMap(\.shown)
            let addresses = handshakes.map(\.endpoint.address.description).unique()
            let names = handshakes.compactMap(\.chain.first).flatMap(\.dnsNames).unique()
            return finding(
                subject, checks: members.map(\.check.name), confidence: .likely,
                summary:
                    "\(subject) is at \(listed(addresses)), which is the address of the Kubernetes API server: that is who answers.",
                evidence: [
                    "the certificate is for \(listed(names.map { $0.escaped(limit: 80) }, limit: 6)) and \(listed(addresses))",
                    "it was asked for \(listed(handshakes.map(\.expectedName).unique()))",
                ],
                cause:
                    "The first address of the range of Services is reserved for the API server (Service kubernetes). A record, virtual IP or load balancer was given the same."
            )
        }
    }

    /// Its own name at another of the API server's addresses is none: that would be the first of a range.
    private static func isCollision(_ handshake: TLSFact) -> Bool {
        guard handshake.nameMatch == false, let leaf = handshake.chain.first,
            leaf.dnsNames.contains(where: { $0.lowercasedASCII() == "kubernetes.default.svc" }),
            IPAddress(handshake.expectedName) == nil, !isOfAPI(handshake.expectedName)
        else { return false }
        let address = handshake.endpoint.address
        return leaf.ipAddresses.contains(address) && address.bytes.last == 1
    }

    private static func isOfAPI(_ name: String) -> Bool {
        let first = name.split(separator: ".").first.map { String($0).lowercasedASCII() } ?? ""
        return first.contains("kube") || first.contains("api")
    }
}
