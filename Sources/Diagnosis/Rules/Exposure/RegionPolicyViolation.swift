import NetValues
import Observations
import Planning

/// A target lies elsewhere than the plan declares (catalogue section 12).
enum RegionPolicyViolation: Rule {
    static let layer = Layer.beside
    static let explainsFailure = false
    static let explanation = FindingExplanation(
        id: "region-policy-violation", severity: .warning, title: "A target lies outside the declared ranges",
        signals: ["the plan says where the addresses of the target must lie (expect: {within: […]}), and one does not"],
        lookalikes: [
            "private-traffic-via-internet: the plan demands private addresses",
            "anycast and public services: they are not declared, and nothing is said of them",
        ],
        traps: [
            "only declared ranges are believed: geolocation of addresses is not reliable",
            "the severity that the check declares is this finding's",
        ],
        remedy: [
            "use the endpoint of the region, or correct the record (or the traffic policy of the DNS) that leads elsewhere",
            "if the address is right: add its range to within",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let outside = evidence.measured.compactMap { check -> (check: CheckEvidence, addresses: [IPAddress])? in
            guard case .ranges(let ranges)? = check.check.expectation.within else { return nil }
            let addresses = check.targetAddresses.filter { address in !ranges.contains { $0.contains(address) } }
            return addresses.isEmpty ? nil : (check, addresses)
        }
        return grouped(outside, by: \.check.subject).map { subject, members in
            let addresses = members.flatMap(\.addresses).unique()
            let demands = members.compactMap(\.check.check.expectation.within?.words).unique()
            let reached = members.reduce(into: Set<IPAddress>()) { $0.formUnion($1.check.answeringAddresses) }
            return finding(
                subject, checks: members.map(\.check.name),
                severity: members.compactMap(\.check.check.severity).max(), confidence: .certain,
                summary:
                    "\(subject) is \(listed(addresses.map(\.description))), outside of \(listed(demands)).",
                evidence: addresses.prefix(8).map {
                    "\($0) is not within \(listed(demands))\(reached.contains($0) ? ", and it answers" : "")"
                },
                cause: "The name, or the address itself, leads to another region or network than the plan declares.")
        }
    }
}
