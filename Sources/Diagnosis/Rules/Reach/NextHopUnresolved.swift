import NetValues
import Observations
import Planning

/// Nobody on the own link answers for the next hop (catalogue section 5).
enum NextHopUnresolved: Rule {
    static let layer = Layer.route
    static let explanation = FindingExplanation(
        id: "next-hop-unresolved", severity: .error, title: "The next hop does not answer on the link",
        signals: [
            "EHOSTUNREACH from the own kernel after about three seconds; the neighbour entry is FAILED or INCOMPLETE",
            "or ICMP host unreachable (3/1, IPv6 1/3) from the last router after that time: nobody on the target's link answers it",
            "silence, where the time-out ends before the kernel gives up, and the neighbour entry of the gateway or of the target is FAILED or INCOMPLETE when the run ends",
        ],
        lookalikes: [
            "tcp-filtered-drop: silence goes on, no error, and the neighbour is REACHABLE",
            "route-unreachable-remote: a router says so at once, from its own address",
            "cidr-overlap: the address is another network's, and a route of this host keeps it on its own link",
        ],
        traps: [
            "the first packet after a long idle time",
            "an entry that is INCOMPLETE may be filled a moment later: without a second of waiting it shows nothing",
            "a next hop through which something else got during the run is not blamed for a silence",
        ],
        remedy: [
            "look at the neighbour: ip neigh show to ADDRESS",
            "check that the host is up, the subnet mask is right and the address is not taken away",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let failing = Attempt.all(in: evidence)
        return grouped(failing, by: \.subject).map { subject, members in judge(subject, members) }
            + MissingHost.all(in: evidence).map { judge($0, evidence) }
    }

    /// On the last link, by the word of the router there.
    private static func judge(_ host: MissingHost, _ evidence: Evidence) -> Finding {
        let members = evidence.cutOff { if case .unreachable = $0 { true } else { false } }.compactMap { check, flows in
            let told = flows.filter(host.holds)
            return told.isEmpty ? nil : (check: check, flows: told)
        }
        return finding(
            host.destination.description, checks: members.map(\.check.name), confidence: .likely,
            summary: "\(host.name) finds nobody at \(host.destination) on its own link: the last hop does not answer.",
            evidence: flowLines(members.flatMap(\.flows)) + evidence.wayLines(of: members.map(\.check)),
            cause:
                "Address resolution (ARP, or neighbour discovery for IPv6) of the last router got no answer, which it says after \(host.elapsed.spoken): the machine is off, has another address, or is on another segment.",
            remedy: [
                "check that the host is up and the address is right",
                "look at the neighbour on that router: ip neigh show to \(host.destination)",
                "a pod that is gone leaves its address for a while: look where the address came from (Service, EndpointSlice, DNS record)",
            ])
    }

    private static func judge(_ subject: Subject, _ members: [Attempt]) -> Finding {
        let flows = members.flatMap(\.flows)
        let asked = members.flatMap(\.check.neighbours)
        let lines = flowLines(flows) + members[0].lines + asked.map(\.words).unique()
        // Nobody answered our own question on the link, or the entry of the kernel says so.
        let isShown = !asked.isEmpty && asked.allSatisfy(\.claimants.isEmpty)
        let confidence: Finding.Confidence =
            isShown ? .certain : members.map(\.confidence).max { $0.rank < $1.rank } ?? .possible
        guard let gateway = subject.gateway, let hop = members[0].hop else {
            return finding(
                subject.address.description, checks: members.map(\.check.name),
                confidence: confidence,
                summary: subject.isOnLink
                    ? "Nobody on \(members[0].hop?.interface ?? "this host's own network") answers for \(subject.address)."
                    : "Nobody on this host's own network answers for \(subject.address) or its gateway.",
                evidence: lines, cause: members[0].cause)
        }
        let targets = flows.map(\.destination.description).unique()
        return finding(
            "gateway \(gateway)", checks: members.map(\.check.name), confidence: confidence,
            summary:
                "The gateway \(gateway) does not answer on \(hop.interface), so that \(listed(targets)) cannot be reached.",
            evidence: lines, cause: members[0].cause,
            remedy: [
                "look at the gateway: ip neigh show to \(gateway); is it up, on this segment, and does it have this address?",
                "check the address and mask of \(hop.interface) and the route `\(hop.route)`; in a pod the CNI plugin made both",
            ])
    }

    /// What does not answer: the gateway where one is known, else the destination.
    private struct Subject: Hashable {
        let address: IPAddress
        let gateway: IPAddress?
        let isOnLink: Bool
    }

    /// A check that nothing got through for, since the next hop of its attempts is silent.
    private struct Attempt {
        let check: CheckEvidence
        let flows: [Flow]
        let hop: NextHop?
        let neighbour: NeighbourState?
        let interface: NetworkInterfaceState?
        let others: [NeighbourState]
        let duplicates: [String]

        static func all(in evidence: Evidence) -> [Attempt] {
            let told = evidence.cutOff { $0 == .neighbourUnresolved }
            let silent = evidence.cutOff { $0 == .silent }
            guard !told.isEmpty || !silent.isEmpty else { return [] }
            let hops = NextHops(evidence)
            let hidden = HiddenTarget.destinations(in: evidence)
            let known = Set(told.map(\.check.name))
            let attempts =
                told.map { Attempt($0.check, $0.flows, $0.flows.lazy.compactMap { hops?.hop(of: $0) }.first, hops) }
                + silent.filter { !known.contains($0.check.name) }.compactMap { check, flows in
                    silence(of: check, flows, hops)
                }
            return attempts.filter { !$0.flows.contains { hidden.contains($0.destination) } }
        }

        /// Every attempt must have met the same.
        private static func silence(of check: CheckEvidence, _ flows: [Flow], _ hops: NextHops?) -> Attempt? {
            guard let hops, flows.count == check.decisiveFlows.count, let hop = hops.silent(of: flows) else {
                return nil
            }
            return Attempt(check, flows, hop, hops)
        }

        private init(_ check: CheckEvidence, _ flows: [Flow], _ hop: NextHop?, _ hops: NextHops?) {
            self.check = check
            self.flows = flows
            self.hop = hop
            neighbour = hop.flatMap { hops?.neighbour($0) }
            interface = hop.flatMap { hops?.interface($0) }
            others = hop.flatMap { hops?.others(on: $0) } ?? []
            duplicates = hop.flatMap { hops?.duplicates(on: $0) } ?? []
        }

        /// What the kernel said, what its table says, or both.
        var confidence: Finding.Confidence {
            let isTold = flows.contains { $0.outcome == .neighbourUnresolved }
            return switch neighbour?.reachability {
            case .failed: .certain
            case .incomplete: isTold ? .certain : .likely
            default: .likely
            }
        }

        var subject: Subject {
            Subject(
                address: hop?.gateway ?? flows[0].destination, gateway: hop?.gateway,
                isOnLink: hop.map { $0.gateway == nil } ?? false)
        }

        var lines: [String] {
            guard let hop else { return [] }
            var lines = ["the way there is \(hop.way)"]
            if let neighbour {
                let state = neighbour.reachability.rawValue.uppercased()
                lines.append("the neighbour entry of \(hop.address) on \(hop.interface) is \(state)")
            }
            if let interface, !interface.hasCarrier { lines.append("\(hop.interface) has no carrier") }
            if !others.isEmpty {
                lines.append("others on \(hop.interface) answer: \(listed(others.map(\.address.description)))")
            }
            return lines + duplicates
        }

        var cause: String {
            if interface?.hasCarrier == false {
                return "The interface has no carrier: a cable, the other end of the link, or its machine is missing."
            }
            guard let hop, hop.gateway == nil, let interface, interface.kind == "bridge" else {
                return
                    "Address resolution (ARP, or neighbour discovery for IPv6) got no answer: the machine is off, has another address, or is on another segment."
            }
            return
                "\(hop.interface) is a bridge of this host itself, as for its containers: none of them has this address. If it is another network's, the ranges overlap."
        }
    }
}

extension NextHop {
    /// “`default via 198.18.1.1 dev eth0`, by the rule `…`”
    var way: String { "`\(route)`" + (rule.map { $0.isStandard ? "" : ", by the rule `\($0)`" } ?? "") }
}

extension Finding.Confidence {
    /// The more certain the higher.
    fileprivate var rank: Int { self == .certain ? 2 : self == .likely ? 1 : 0 }
}
