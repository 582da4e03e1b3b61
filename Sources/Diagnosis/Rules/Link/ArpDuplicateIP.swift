import NetValues
import Observations
import Planning
import Wire

/// Two machines have one address (catalogue section 5).
enum ArpDuplicateIP: Rule {
    static let layer = Layer.route
    static let explanation = FindingExplanation(
        id: "arp-duplicate-ip", severity: .critical, title: "Two machines have the same address",
        signals: [
            "in a capture: two link addresses answer one ARP request or neighbour solicitation, or take an address from each other again and again",
            "a probe for duplicates (RFC 5227, RFC 4862) was answered",
            "beside a connection that fails: two link addresses answer our own question on the link (needs CAP_NET_RAW)",
        ],
        lookalikes: [
            "a fail-over: the address moves once, is announced, and the old machine is silent from then on",
            "VRRP and HSRP: the link address is a virtual one",
            "proxy ARP, a router or a CNI that answers for many addresses",
            "one machine with two interfaces on the same network: each answers for the addresses of both",
        ],
        traps: [
            "only who is on the same network sees it: pods behind a routed CNI never do",
            "bonding in balance-alb mode shows its peers different link addresses on purpose",
        ],
        remedy: [
            "find the machines by the two link addresses (the switch's forwarding table, the DHCP server's leases), and give one another address",
            "take addresses that are given by hand out of the DHCP range",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let claims = evidence.captures.flatMap { capture in
            capture.neighbours.conflicts.compactMap { Fight($0, capture) }
        }
        return asked(evidence)
            + grouped(claims, by: \.claim.address).map { address, members in
                let fight = members[0]
                return finding(
                    address.description, checks: members.flatMap(\.capture.checkNames).unique(),
                    confidence: fight.confidence,
                    summary: "\(address) is claimed by \(listed(fight.owners.map(\.link.description))).",
                    evidence: fight.lines + fight.capture.caution,
                    cause: fight.mayBeOneHost
                        ? "Two machines use one address; or one machine has two interfaces on this network and answers on both, since each claims other addresses too."
                        : "Two machines use one address: packets go to the one or the other, and connections to it break."
                )
            }
    }

    /// By our own question. One machine with two interfaces answers twice as well: only where what is tried works now and then do
    /// packets go to two machines.
    private static func asked(_ evidence: Evidence) -> [Finding] {
        let doubled = evidence.measured.flatMap { check in
            check.isFailing
                ? check.neighbours.filter { $0.claimants.count { !$0.isVirtualRouter } > 1 }.map {
                    (check: check, fact: $0)
                }
                : []
        }
        return grouped(doubled, by: \.fact.address).map { address, members in
            let links = members.flatMap(\.fact.claimants).unique().map(\.description)
            let isFlipping = members.contains { member in !member.check.isAllFailing }
            return finding(
                address.description, checks: members.map(\.check.name).unique(),
                severity: isFlipping ? nil : .warning, confidence: isFlipping ? .likely : .possible,
                summary: "\(listed(links)) both answer for \(address) on the own network.",
                evidence: members.map(\.fact.words).unique()
                    + (isFlipping ? ["connections beyond it work at times and fail at others"] : []),
                cause: isFlipping
                    ? "Two machines use one address: packets go to the one or the other."
                    : "Two machines use one address, and packets go to the wrong one; or one machine has two interfaces on this network and answers on both."
            )
        }
    }

    /// A claim that more than one keeps up.
    private struct Fight {
        let claim: NeighbourClaim
        let capture: CaptureEvidence
        let owners: [NeighbourClaim.Owner]

        init?(_ claim: NeighbourClaim, _ capture: CaptureEvidence) {
            let owners = claim.owners.filter { !$0.link.isVirtualRouter && !$0.isProxy }
            guard owners.count > 1, claim.doubleAnswers > 0 || claim.returns >= 2 || claim.probesAnswered > 0 else {
                return nil
            }
            self.claim = claim
            self.capture = capture
            self.owners = owners
        }

        var mayBeOneHost: Bool { owners.allSatisfy { $0.addresses > 1 } }

        var confidence: Finding.Confidence {
            if mayBeOneHost { return .possible }
            return claim.doubleAnswers > 0 || claim.probesAnswered > 0 ? .certain : .likely
        }

        var lines: [String] {
            var lines = owners.prefix(4).map { owner in
                "\(owner.link) said so \(counted(owner.claims, "time")) (\(owner.answers) in answer to a question), first \(capture.place == .capture ? "in " : "")\(capture.place.name(owner.firstFrame, at: owner.firstAt))"
            }
            if claim.doubleAnswers > 0 {
                lines.append("\(counted(claim.doubleAnswers, "question")) had answers of two link addresses")
            }
            if claim.changes > 0 {
                lines.append("the address went over to the other \(counted(claim.changes, "time"))")
            }
            if claim.probesAnswered > 0 {
                lines.append("\(counted(claim.probesAnswered, "probe")) for duplicates met an answer")
            }
            return lines
        }
    }
}

extension NeighbourClaim.Owner {
    /// Answers for more than a machine has, or says itself that it stands in for another.
    fileprivate var isProxy: Bool { addresses > 8 || (overridable > 0 && overridable == claims) }
}

extension LinkAddress {
    /// VRRP (RFC 9568 section 7.3), HSRP versions 1 and 2, GLBP.
    fileprivate var isVirtualRouter: Bool {
        bits >> 16 == 0x0000_5e00 && (bits >> 8 & 0xff == 1 || bits >> 8 & 0xff == 2)
            || bits >> 8 == 0x0000_0c07_ac || bits >> 12 == 0x0_0000_0c9f || bits >> 24 == 0x0007_b4
    }
}
