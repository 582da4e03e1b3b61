import NetValues
import Observations
import Planning
import Wire

/// What should be private has an address of the internet (catalogue section 14).
enum PrivateTrafficViaInternet: Rule {
    static let layer = Layer.beside
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "private-traffic-via-internet", severity: .warning, title: "A private service has a public address",
        signals: [
            "the plan demands private addresses (expect: {within: private}), and the target has one of the internet",
            "aliases of a name lead through privatelink (a private endpoint of Azure), and end at an address of the internet",
            "a name below .internal, or of a Kubernetes Service (.svc), has an address of the internet",
        ],
        lookalikes: [
            "public by design: not declared, and no such name",
            "a Service of type ExternalName: its alias leads out of the cluster on purpose, and nothing is said",
            "split-horizon-mismatch: another vantage gets another answer",
        ],
        traps: [
            "a client outside of the virtual network gets the public address of a private endpoint by design",
            "headless Services of host-network pods have the nodes' addresses, which may be public",
        ],
        remedy: [
            "link the private DNS zone to this network, or forward the zone to the resolver that holds it; Azure: link privatelink.… to the VNet, or forward to 168.63.129.16",
            "use a service or private endpoint, so that the traffic stays in the network",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let suspects = evidence.measured.compactMap(Suspect.init)
        return grouped(suspects, by: \.check.subject).map { subject, members in
            let first = members[0]
            let addresses = members.flatMap(\.addresses).unique().map(\.description)
            return finding(
                subject, checks: members.map(\.check.name),
                severity: members.compactMap(\.check.check.severity).max(),
                confidence: first.sign.confidence,
                summary:
                    "\(subject) should be private, and has the public \(addresses.count == 1 ? "address" : "addresses") \(listed(addresses)).",
                evidence: evidenceLines(members.map(\.sign.words))
                    + addresses.prefix(6).map { "\($0) is an address of the internet" },
                cause: first.sign.cause)
        }
    }

    /// Why an address is expected to be private.
    private enum Sign {
        case declared
        case privateLink(String)
        case internalName(String)

        var confidence: Finding.Confidence { if case .declared = self { .certain } else { .likely } }

        var words: String {
            switch self {
            case .declared: "the plan says: within private addresses"
            case .privateLink(let chain): "aliases: \(chain)"
            case .internalName(let name): "the name \(name) is one of private use, and no alias leads out of it"
            }
        }

        var cause: String {
            switch self {
            case .declared:
                "The name resolves to the public side of the service here: its private zone is not known to this resolver, or there is no private endpoint."
            case .privateLink:
                "The service has a private endpoint, and this network's resolver does not know its private zone: it goes on to the public record, and the traffic leaves by the internet."
            case .internalName:
                "A record of private use holds a public address: the traffic to it leaves by the internet, or another zone answers for this name."
            }
        }
    }

    private struct Suspect {
        let check: CheckEvidence
        let addresses: [IPAddress]
        let sign: Sign

        init?(_ check: CheckEvidence) {
            self.check = check
            let demand = check.check.expectation.within
            let open = check.targetAddresses.filter(\.isOfInternet)
            if demand == .privateOnly, !open.isEmpty {
                addresses = open
                sign = .declared
                return
            }
            // What the plan's ranges hold is meant to be so.
            guard demand == nil,
                let fact = check.dns.first(where: { !$0.step.isBeside && Self.sign($0) != nil }),
                let sign = Self.sign(fact)
            else { return nil }
            addresses = fact.data.compactMap(\.address).filter(\.isOfInternet)
            self.sign = sign
        }

        private static func sign(_ fact: DNSFact) -> Sign? {
            guard fact.data.contains(where: { $0.address?.isOfInternet ?? false }) else { return nil }
            let aliases = fact.message?.answers.compactMap(\.alias) ?? []
            let names = [fact.name.canonical] + aliases.compactMap { DomainName($0)?.canonical }
            if names.contains(where: { $0.split(separator: ".").contains("privatelink") }) {
                return .privateLink(names.prefix(6).map { $0.escaped(limit: 80) }.joined(separator: " → "))
            }
            guard names.allSatisfy(isInternal) else { return nil }
            return .internalName(names[0].escaped(limit: 80))
        }

        /// Reserved for private use (ICANN, 2024), or of a Service (Kubernetes DNS specification section 2): `name.namespace.svc…`
        private static func isInternal(_ name: String) -> Bool {
            let labels = name.split(separator: ".")
            return labels.last == "internal" || labels.count >= 4 && labels[2...].contains("svc")
        }
    }
}
