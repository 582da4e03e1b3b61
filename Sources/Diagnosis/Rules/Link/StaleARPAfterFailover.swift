import NetValues
import Observations
import Planning
import Wire

/// This host still sends to the machine that had an address before (catalogue section 5).
enum StaleARPAfterFailover: Rule {
    static let layer = Layer.route
    static let explanation = FindingExplanation(
        id: "stale-arp-after-failover", severity: .warning, title: "This host sends to who had the address before",
        signals: [
            "the kernel's neighbour entry holds another link address than the one that answers for the next hop when we ask ourselves (needs CAP_NET_RAW), and nothing gets through",
            "an error where the flow fails through it, as it does here",
        ],
        lookalikes: [
            "arp-duplicate-ip: two machines answer",
            "next-hop-unresolved: nobody answers",
            "failover-not-happening: the address has not moved at all",
        ],
        traps: [
            "it heals when the entry expires, and our own question may heal it sooner",
            "an entry made by hand (PERMANENT) never does",
        ],
        remedy: [
            "have the machine that took the address over announce it (gratuitous ARP), and let the switch's port security accept that",
            "here: ip neigh flush to ADDRESS",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let stale = evidence.measured.flatMap { check in
            check.isCutOff && check.check.expectation.word == .reachable
                ? check.neighbours.compactMap { fact in
                    fact.staleLink.map { (check: check, fact: fact, old: $0) }
                } : []
        }
        return grouped(stale, by: \.fact.address).map { address, members in
            let (_, fact, old) = members[0]
            return finding(
                address.description, checks: members.map(\.check.name).unique(), severity: .error, confidence: .likely,
                summary:
                    "This host sends what is for \(address) to \(old), and \(listed(fact.claimants.map(\.description))) has that address.",
                evidence: members.map(\.fact.words).unique()
                    + flowLines(members.flatMap(\.check.targetFlows), limit: 3),
                cause:
                    "The address has moved to another machine, which did not announce it, or whose announcement did not arrive: the neighbour entry here is of before."
            )
        }
    }
}

extension NeighbourFact {
    /// The link address that the kernel believes in, where it is not who answers.
    fileprivate var staleLink: LinkAddress? {
        guard let cached, let old = cached.hardwareAddress, claimants.count == 1, !claimants.contains(old) else {
            return nil
        }
        switch cached.reachability {
        case .reachable, .stale, .delay, .probe, .permanent: return old
        case .incomplete, .failed, .noarp, .none: return nil
        }
    }

    /// "asked on eth0 for 198.18.1.1: 02:… answers; the kernel held 02:… (stale)"
    var words: String {
        let held = cached.flatMap { entry in
            entry.hardwareAddress.map { "; this host's own entry said \($0) (\(entry.reachability.rawValue))" }
        }
        let who =
            claimants.isEmpty
            ? "nobody answers"
            : "\(listed(claimants.map(\.description))) \(claimants.count == 1 ? "answers" : "answer")"
        return "asked on \(interface.escaped(limit: 16)) for \(address): \(who)\(held ?? "")"
    }
}
