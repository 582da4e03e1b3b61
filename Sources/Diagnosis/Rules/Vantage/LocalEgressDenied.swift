import NetValues
import Observations
import Planning
import Wire

/// A filter or a prohibiting route inside the measuring network namespace (catalogue section 4).
enum LocalEgressDenied: Rule {
    static let layer = Layer.vantage
    static let explanation = FindingExplanation(
        id: "local-egress-denied", severity: .error, title: "This host itself forbids the packets to leave",
        signals: [
            "a UDP send fails at once with EPERM",
            "connect fails at once with EACCES or EINVAL (prohibit or blackhole route); the route or rule is named where it can be read",
            "connect fails within milliseconds with EHOSTUNREACH, made on this host, while the next hop answers on the link",
            "connections time out, and a capture on all interfaces of this host holds no SYN of them",
            "a warning where a name has other addresses that work",
        ],
        lookalikes: [
            "tcp-filtered-drop: the same silence for TCP, but UDP leaves without an error",
            "no-route-local: ENETUNREACH",
            "conntrack-table-full: EPERM as well, and the table of this network namespace is full",
        ],
        traps: ["TCP alone cannot tell a local drop from a remote one: a UDP datagram is always sent beside it"],
        remedy: [
            "look at the rules of this network namespace: nft list ruleset; ip rule; ip route get ADDRESS",
            "in a mesh: look at what the injected sidecar or CNI hook redirects or drops",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        if ConntrackTableFull.isFull(evidence) { return [] }
        let failing = evidence.cutOff { if case .deniedLocally = $0 { true } else { false } } + rejected(evidence)
        return grouped(failing, by: { $0.flows[0].destination }).map { destination, members in
            let bar = RouteBar(members[0].flows[0], evidence)
            return finding(
                destination.description, checks: members.map(\.check.name), confidence: .certain,
                summary:
                    "This host itself does not let packets to \(destination) out\(bar.words.map { ": \($0) forbids it" } ?? "").",
                evidence: flowLines(members.flatMap(\.flows)) + bar.lines,
                cause: bar.words == nil
                    ? "\(bar.isRouted ? "A packet filter" : "A packet filter, a prohibiting route") or an eBPF hook in the own network namespace stops them; nothing left the host."
                    : "The own routing table forbids them on purpose; nothing left the host.",
                remedy: bar.words == nil
                    ? nil
                    : ["remove or correct that route or rule (ip route del, ip rule del), or what sets it"]
                        + explanation.remedy)
        } + partial(evidence) + unsent(evidence)
    }

    /// Told at once that the host is unreachable, by this host itself, while the next hop does answer: the kernel's own address resolution
    /// takes seconds to give up (mcast_solicit of arp(7)), so a filter that rejects says it.
    private static func rejected(_ evidence: Evidence) -> [(check: CheckEvidence, flows: [Flow])] {
        let told = evidence.cutOff { $0 == .neighbourUnresolved }
        guard !told.isEmpty else { return [] }
        // The end of a resolution that another packet began comes soon as well.
        let slow = Set(told.flatMap(\.flows).filter { $0.elapsed >= leastResolution }.map(\.destination))
        return told.filter { check, flows in
            let claims = check.neighbours
            let isAnswered =
                !claims.isEmpty
                && claims.allSatisfy { claim in
                    !claim.claimants.isEmpty && claim.cached?.reachability != .failed
                        && claim.cached?.reachability != .incomplete
                }
            return flows.allSatisfy {
                $0.carrier != .icmp && !slow.contains($0.destination)
                    && (isAnswered || evidence.isAlive($0.destination))
            }
        }
    }

    private static let leastResolution = Duration.milliseconds(500)

    /// Silence whose packets never left: a filter of this host drops them without telling the socket.
    private static func unsent(_ evidence: Evidence) -> [Finding] {
        let silent = evidence.checks.filter { check in
            check.check.expectation.word != .blocked && check.isAllFailing && check.leftNothingOnTheWire
                && check.connects.allSatisfy { $0.outcome == .timedOut }
        }
        // Otherwise it might be the capture that does not work.
        let captureWorks = evidence.captures.contains { $0.seesAnswers }
        return grouped(silent, by: { $0.connects[0].endpoint.address }).map { destination, members in
            finding(
                destination.description, checks: members.map(\.name), confidence: captureWorks ? .certain : .likely,
                summary: "This host itself does not let packets to \(destination) out.",
                evidence: flowLines(members.flatMap(\.connects).map(\.flow))
                    + ["captured on all interfaces of this host: not one SYN to \(destination)"],
                cause:
                    "A packet filter, a prohibiting route or an eBPF hook in the own network namespace stops them; nothing left the host."
            )
        }
    }

    /// One address of several: the check works, and clients that try this address first are late or fail.
    private static func partial(_ evidence: Evidence) -> [Finding] {
        let denied = evidence.measured.flatMap { check in
            check.check.expectation.word == .reachable && !check.isCutOff
                ? check.targetFlows.filter(isForbidden).map { (check: check, flow: $0) } : []
        }
        return grouped(denied, by: \.flow.destination).map { destination, members in
            finding(
                destination.description, checks: members.map(\.check.name).unique(), severity: .warning,
                confidence: .certain,
                summary: "This host itself does not let packets to \(destination) out; other addresses are reached.",
                evidence: flowLines(members.map(\.flow)),
                cause:
                    "A packet filter, a prohibiting route or an eBPF hook in the own network namespace stops them; nothing left the host."
            )
        }
    }

    /// EINVAL is also the kernel's word for an address that cannot be used without more.
    private static func isForbidden(_ flow: Flow) -> Bool {
        if case .deniedLocally(let failure) = flow.outcome { failure.name != "EINVAL" } else { false }
    }
}
