import NetValues
import Observations
import Planning

/// A request over UDP without any answer, which means one of several things (catalogue section 4).
enum UDPNoResponse: Rule {
    static let layer = Layer.reach
    static let explanation = FindingExplanation(
        id: "udp-no-response", severity: .warning, title: "A request over UDP gets no answer of any kind",
        signals: [
            "requests of the service's own protocol are sent, at least two, and neither an answer nor an ICMP error comes"
        ],
        lookalikes: [
            "tcp-refused: ICMP port unreachable from the target itself",
            "tcp-rejected: an ICMP error from a device on the way",
            "local-egress-denied: the send itself fails with EPERM",
            "dns-server-unreachable: the name servers that this host uses are silent, over TCP as well",
        ],
        traps: [
            "an open port may not care for the request: silence is not a closed port, and no proof of a filter",
            "a host sends few ICMP errors a second: many closed ports asked at once look silent",
            "one datagram may be lost: it is sent twice",
        ],
        remedy: [
            "look on the server whether the request arrives (tcpdump -ni any udp port PORT), and what listens (ss -lun)",
            "ask for an allow rule for this flow, UDP apart from TCP: NetworkPolicies, security groups and firewalls name the protocol",
            "where nothing answers by design: expect it (expect: blocked), or ask in the service's own protocol (service:)",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let silent = evidence.measured.filter { check in
            check.asksServices && check.check.expectation.word != .blocked && check.isAllFailing
                && !check.targetFlows.isEmpty && check.targetFlows.allSatisfy { $0.outcome == .silent }
                && check.targetFlows.reduce(0) { $0 + $1.attempts } >= 2
        }
        return grouped(silent, by: \.subject).map { subject, members in judge(subject, members, evidence) }
    }

    private static func judge(_ subject: String, _ members: [CheckEvidence], _ evidence: Evidence) -> Finding {
        let flows = members.flatMap(\.targetFlows)
        let addresses = flows.map(\.destination).unique()
        let life = addresses.flatMap { evidence.signsOfLife[$0] ?? [] }
        let services = members.flatMap(\.services).map(\.protocolName).unique()
        let isAsked = members.contains { $0.check.isAsked }
        return finding(
            subject, checks: members.map(\.name), severity: isAsked ? nil : .info,
            confidence: life.isEmpty ? .possible : .likely,
            summary:
                "\(subject) gives no answer over UDP (\(listed(services)))\(life.isEmpty ? "" : ", while the host is up"): open and silent, filtered, or lost.",
            evidence: flowLines(flows) + beside(addresses, life) + limited(addresses, evidence),
            cause: cause(services, hasLife: !life.isEmpty))
    }

    private static func beside(_ addresses: [IPAddress], _ life: [Flow]) -> [String] {
        let lines = flowLines(life, limit: 3).map { "but the host is up: \($0)" }
        return lines.isEmpty
            ? ["nothing else of \(listed(addresses.map(\.description))) answered during this run either"] : lines
    }

    /// Of a host that refused other ports the silent ones may be closed as well: it sends few such errors.
    private static func limited(_ addresses: [IPAddress], _ evidence: Evidence) -> [String] {
        let refused = evidence.checks.flatMap(\.targetFlows).filter { flow in
            if flow.carrier == .udp, case .refused = flow.outcome {
                addresses.contains(flow.destination)
            } else {
                false
            }
        }
        let ports = Set(refused.compactMap(\.port)).count
        return ports >= 4
            ? [
                "the same host refused \(counted(ports, "other UDP port")) by ICMP, of which a host sends only a few a second: this one may be closed too"
            ] : []
    }

    private static func cause(_ services: [String], hasLife: Bool) -> String {
        let asked = services.contains("raw") ? "these bytes" : "a request of \(listed(services))"
        return hasLife
            ? "From here these look alike: nothing at this port cares for \(asked), a filter drops UDP to this port (or the answers) without a word, or both requests were lost."
            : "From here these look alike: the host is down, a filter drops UDP (or the answers) without a word, or nothing at this port cares for \(asked)."
    }
}

extension ServiceFact {
    /// As people write it: `DNS`, but `echo`.
    fileprivate var protocolName: String { ["echo", "raw"].contains(service) ? service : service.uppercased() }
}
