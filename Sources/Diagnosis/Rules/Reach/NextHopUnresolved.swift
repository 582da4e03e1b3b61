import NetValues
import Observations
import Planning

/// Nobody on the own link answers for the next hop (catalogue section 5).
enum NextHopUnresolved: Rule {
    static let layer = Layer.route
    static let explanation = FindingExplanation(
        id: "next-hop-unresolved", severity: .error, title: "The next hop does not answer on the link",
        signals: [
            "EHOSTUNREACH from the own kernel after about three seconds; the neighbour entry is FAILED or INCOMPLETE"
        ],
        lookalikes: [
            "tcp-filtered-drop: silence goes on, no error",
            "route-unreachable-remote: a router says so, from its own address",
        ],
        traps: ["the first packet after a long idle time"],
        remedy: [
            "look at the neighbour: ip neigh show to ADDRESS",
            "check that the host is up, the subnet mask is right and the address is not taken away",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let failing = evidence.cutOff { $0 == .neighbourUnresolved }
        return grouped(failing, by: { $0.flows[0].destination }).map { destination, members in
            let asked = members.flatMap(\.check.neighbours)
            let isUnclaimed = !asked.isEmpty && asked.allSatisfy(\.claimants.isEmpty)
            return finding(
                destination.description, checks: members.map(\.check.name),
                confidence: isUnclaimed ? .certain : .likely,
                summary: "Nobody on this host's own network answers for \(destination) or its gateway.",
                evidence: flowLines(members.flatMap(\.flows)) + asked.map(\.words).unique(),
                cause:
                    "Address resolution (ARP, or neighbour discovery for IPv6) got no answer: the machine is off, has another address, or is on another segment."
            )
        }
    }
}
