import NetValues
import Observations
import Planning
import Wire

/// The target itself answers with a reset (catalogue section 4).
enum TCPRefused: Rule {
    static let layer = Layer.reach
    static let explanation = FindingExplanation(
        id: "tcp-refused", severity: .error, title: "Nothing listens on the port",
        signals: [
            "a reset answers the SYN within about a round trip, without any ICMP error",
            "certain where the reset arrives with the TTL of the target's other packets",
            "of UDP: ICMP port unreachable (3/3, IPv6 1/4) from the target's own address answers the request",
        ],
        lookalikes: [
            "tcp-rejected: an ICMP error from a device on the way (or from the host's filter) refuses",
            "service-no-endpoints: kube-proxy refuses for a Service without ready pods, by ICMP",
            "a reset forged by a filter on the way or on this host: its TTL differs from the target's (soundings and captures show it)",
        ],
        traps: [
            "a server that is just starting refuses too: repeat before acting",
            "of UDP: hosts send few of these errors a second, and a filter of the target's own host that rejects by port unreachable looks the same",
        ],
        remedy: [
            "start the server, or correct the port",
            "see what it listens on (ss -ltun there): a server bound to 127.0.0.1 is closed to everybody else",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        refusedConnections(in: evidence) + closedUDPPorts(in: evidence)
    }

    private static func refusedConnections(in evidence: Evidence) -> [Finding] {
        let refused = evidence.checks.compactMap { check -> (check: CheckEvidence, flows: [Flow])? in
            guard check.check.expectation.word != .refused, !check.samples.isEmpty else { return nil }
            let flows = check.connects.isEmpty ? check.pathMTUs.compactMap(\.flow) : check.connects.map(\.flow)
            let isRefused = !flows.isEmpty && flows.allSatisfy { $0.outcome == .refused(nil) }
            guard isRefused, !check.connects.contains(where: { evidence.openEndpoints.contains($0.endpoint) }) else {
                return nil
            }
            return evidence.isRefusedByDevice(check) ? nil : (check, flows)
        }
        let unexpected = refused.filter { $0.check.check.expectation.word == .reachable }
        let unproven = refused.filter {
            $0.check.check.expectation.word == .blocked && !$0.check.check.expectation.isClosedByOmission
        }
        return grouped(unexpected, by: { subject(of: $0.check, $0.flows) }).map { subject, members in
            let wire = RefusalsOnWire(members.map(\.check), evidence)
            let makers = members.flatMap { $0.check.connects.map(\.endpoint) }.unique().map(evidence.resetMaker)
            let isGenuine =
                wire.areGenuine || !makers.isEmpty && makers.allSatisfy { if case .target = $0 { true } else { false } }
            return finding(
                subject, checks: members.map(\.check.name), confidence: isGenuine ? .certain : .likely,
                summary: makers.isEmpty || makers.contains { nearer($0) == nil }
                    ? "\(subject) refuses the connection: nothing listens there."
                    : "Connections to \(subject) are refused, and not by the machine that has the address.",
                evidence: flowLines(members.flatMap(\.flows)) + wire.lines
                    + services(members.map(\.check), evidence) + evidence.wayLines(of: members.map(\.check)),
                cause: isGenuine
                    ? "The target itself answers with a reset: no process listens on this port at this address."
                    : makers.lazy.compactMap(nearer).first ?? undecided)
        }
            + evidence.captures.flatMap { capture in
                capture.check == nil ? capture.refusedTargets(.refused).map { judge($0, in: capture) } : []
            }
            + grouped(unproven, by: \.check.subject).map { subject, members in
                finding(
                    subject, checks: members.map(\.check.name), severity: .warning, confidence: .certain,
                    summary: "\(subject) should be blocked; it is refused, which does not show that a policy stops it.",
                    evidence: flowLines(members.flatMap(\.flows)),
                    cause:
                        "A reset as from a closed port came back. The flow does not work, but it may as soon as something listens there.",
                    remedy: [
                        "make sure that a policy denies this flow; a denied flow is silent or answered by ICMP",
                        "or say expect: refused when a closed port is what you want",
                    ])
            }
    }

    /// With the port, where the check's own target has none.
    private static func subject(of check: CheckEvidence, _ flows: [Flow]) -> String {
        guard check.connects.isEmpty, let flow = flows.first, let port = flow.port else { return check.subject }
        return Endpoint(flow.destination, port).description
    }

    /// The Service has the port: then it is the pod's.
    private static func services(_ checks: [CheckEvidence], _ evidence: Evidence) -> [String] {
        checks.compactMap { ServiceReach($0, evidence) }.compactMap { reach in
            reach.ports.map {
                "the \(reach.words) has the ports \(listed($0.map(String.init), limit: 8)): what it leads to (targetPort) is closed"
            }
        }.unique()
    }

    private static let undecided =
        "A reset came back, as from a host where no process listens on this port at this address. A filter that refuses by a reset, a device on the way or on this host, looks the same from here: a capture shows another TTL."

    private static func nearer(_ maker: ResetMaker) -> String? {
        switch maker {
        case .nearer(let limit, let distance):
            "The reset comes from a machine \(counted(limit, "hop")) away, while the address itself answers from \(counted(distance, "hop")) away: a load balancer, translator or proxy leads the connection to where nothing listens, or refuses it itself."
        case .here(let distance):
            "The reset comes before the first router, while the address itself answers from \(counted(distance, "hop")) away: a filter of this host or of what it is attached to resets, or a redirect here (a sidecar, kube-proxy) leads the connection to where nothing listens."
        case .device, .target, .unknown: nil
        }
    }

    private static func judge(_ target: PacketTarget, in capture: CaptureEvidence) -> Finding {
        let usual = capture.knowledge.range(of: target.server.address)
        return finding(
            target.server.description, checks: [], confidence: usual == nil ? .likely : .certain,
            summary: "\(target.server) refuses the connection: nothing listens there.",
            evidence: target.lines(.refused) { flow in
                flow.tcp.resets.first { !$0.isFromA }.map { flow.words(of: $0, usual: usual) }
            } + ["\(target.share(target.count(.refused))) so"],
            cause: usual == nil
                ? "A reset answers the SYN. Nothing else of this address was captured to compare its TTL with: a filter that refuses by a reset looks the same."
                : "The target itself answers with a reset: no process listens on this port at this address.")
    }
}
