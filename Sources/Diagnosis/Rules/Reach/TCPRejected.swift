import NetValues
import Observations
import Planning
import Wire

/// A device says no by ICMP (catalogue section 4).
enum TCPRejected: Rule {
    static let layer = Layer.reach
    static let explanation = FindingExplanation(
        id: "tcp-rejected", severity: .error, title: "A device on the way rejects the flow",
        signals: [
            "an ICMP error (prohibited 3/13, 3/10, 3/9, or port unreachable 3/3; IPv6 1/1, 1/4, 1/5, 1/6) answers the packet",
            "a reset comes with a hop limit too small to reach the target, or with the TTL of a router and not of the target's own packets",
            "in a capture: such an error quotes the flow, or the reset that answers the SYN has another TTL than the target's own packets",
        ],
        lookalikes: [
            "tcp-refused: a reset, from a closed port of the target",
            "route-unreachable-remote: 3/0 or 3/1, a router without a way on",
            "service-no-endpoints: kube-proxy sends 3/3 for a Service without ready pods",
        ],
        traps: [
            "rejects are rate-limited: some attempts may look like drops",
            "a load balancer or proxy answers with a TTL of its own: it then is the device",
        ],
        remedy: [
            "ask the owner of the device that answered for an allow rule for this flow",
            "if the target is a Service: look whether it has ready endpoints",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let rejected = evidence.checks.compactMap {
            check -> (check: CheckEvidence, flows: [Flow], reports: [ICMPErrorReport])? in
            guard check.check.expectation.word != .blocked, check.isAllFailing,
                !check.decisiveFlows.contains(where: { $0.outcome == .answered })
            else { return nil }
            var reports: [ICMPErrorReport] = []
            // Beside a target's own flows a datagram is a contrast; to a name server it is the question itself.
            let flows = check.decisiveFlows.filter {
                guard $0.carrier != .udp || check.targetFlows.isEmpty || check.asksServices || check.isTrace,
                    case .rejected(let report) = $0.outcome
                else {
                    return false
                }
                reports.append(report)
                return true
            }
            return flows.isEmpty ? nil : (check, flows, reports)
        }
        return grouped(rejected, by: \.check.subject).map { subject, members in
            let offenders = members.flatMap(\.reports).compactMap(\.offender).map(\.description).unique()
            return finding(
                subject, checks: members.map(\.check.name), confidence: .certain,
                summary:
                    "\(offenders.isEmpty ? "A device" : listed(offenders)) rejects \(Self.words(members.flatMap(\.flows))) to \(subject).",
                evidence: members.compactMap { SourceContrast($0.check, in: evidence)?.words }.unique()
                    + flowLines(members.flatMap(\.flows)) + evidence.wayLines(of: members.map(\.check)),
                cause: members.flatMap(\.flows).allSatisfy(\.isRejectedByTarget)
                    ? "The target's own packet filter is set to refuse this flow, and says so by ICMP."
                    : "A filter at \(offenders.isEmpty ? "an unnamed device" : listed(offenders)) is set to refuse this flow, and says so by ICMP."
            )
        } + forged(evidence) + evidence.captures.flatMap(captured)
    }

    /// The finding's id speaks of TCP; its words say what was sent.
    private static func words(_ flows: [Flow]) -> String {
        switch Set(flows.map(\.carrier)) {
        case [.udp]: "UDP datagrams"
        case [.icmp]: "echo requests"
        default: "traffic"
        }
    }

    /// Refused by a reset in the target's name that is not the target's.
    private static func forged(_ evidence: Evidence) -> [Finding] {
        let checks = evidence.checks.filter {
            $0.check.expectation.word == .reachable && $0.isAllFailing && evidence.isRefusedByDevice($0)
        }
        return grouped(checks, by: \.subject).map { subject, members in
            let devices = members.compactMap { evidence.refusingDevices(of: $0) }.flatMap(\.self)
            let place = devices.map(\.place).unique()
            return finding(
                subject, checks: members.map(\.name),
                confidence: devices.contains { $0.confidence == .certain } ? .certain : .likely,
                summary:
                    "A device on the way\(place.count == 1 ? ", \(place[0])," : "") rejects connections to \(subject), by resets in the target's name.",
                evidence: flowLines(members.flatMap(\.targetFlows)) + RefusalsOnWire(members, evidence).lines
                    + evidence.wayLines(of: members) + hopLimits(members, evidence),
                cause: devices.first.map(cause) ?? forgery)
        }
    }

    private static func cause(_ device: ResetMaker.Device) -> String {
        "The reset comes as soon as a SYN may go \(counted(device.limit, "hop")) far, and with the TTL of a router \(counted(device.limit - 1, "hop")) away: \(device.router?.description ?? "a filter there") makes it, and not the target."
    }

    private static func hopLimits(_ members: [CheckEvidence], _ evidence: Evidence) -> [String] {
        members.flatMap(\.connects).map(\.endpoint).unique().compactMap { endpoint in
            guard let way = evidence.ways.to(endpoint), let reset = way.own?.resetHopLimit else { return nil }
            let usual = ([way.targetHopLimit].compactMap(\.self) + (evidence.echoHopLimits[endpoint.address] ?? []))
                .unique()
            let own = usual.isEmpty ? "" : ", the target's own packets with \(listed(usual.map(String.init)))"
            return "resets of \(endpoint) arrive with TTL \(reset)\(own)"
        }
    }

    private static let forgery =
        "The reset came with another TTL than the target's own packets, so it was made elsewhere: by a filter or firewall on the way, or by a proxy before the target."

    private static func captured(_ capture: CaptureEvidence) -> [Finding] {
        guard capture.check == nil else { return [] }
        let byICMP = capture.refusedTargets(.rejected).map { target in
            let flows = target.flows(in: .rejected)
            let offenders = flows.compactMap { $0.record.icmpErrors.first?.sender.description }.unique()
            return finding(
                target.server.description, checks: [], confidence: .certain,
                summary: "\(listed(offenders)) rejects traffic to \(target.server).",
                evidence: target.lines(.rejected) { flow in flow.record.icmpErrors.first.map { flow.words(of: $0) } },
                cause: "A filter at \(listed(offenders)) is set to refuse this flow, and says so by ICMP.")
        }
        return byICMP
            + capture.refusedTargets(.forgedRefusal).map { target in
                let usual = capture.knowledge.range(of: target.server.address)
                return finding(
                    target.server.description, checks: [], confidence: .likely,
                    summary:
                        "A device on the way rejects connections to \(target.server), by resets in the target's name.",
                    evidence: target.lines(.forgedRefusal) { flow in
                        flow.tcp.resets.first { !$0.isFromA }.map { flow.words(of: $0, usual: usual) }
                    }, cause: forgery)
            }
    }
}

extension Flow {
    fileprivate var isRejectedByTarget: Bool {
        if case .rejected(let report) = outcome { report.offender == destination } else { false }
    }
}
