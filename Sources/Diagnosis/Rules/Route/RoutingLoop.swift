import NetValues
import Observations
import Planning
import Wire

/// Packets go round until their hop limit is used up (catalogue section 5).
enum RoutingLoop: Rule {
    static let layer = Layer.route
    static let explanation = FindingExplanation(
        id: "routing-loop", severity: .critical, title: "Packets go round in a circle",
        signals: [
            "ICMP time exceeded (11/0, IPv6 3/0) answers a packet that left with an ordinary hop limit",
            "soundings: the same routers answer again and again for growing hop limits, which proves it",
            "or one router comes again behind another that stays silent",
        ],
        lookalikes: [
            "traceroute: sends small hop limits on purpose",
            "a very long path with a small initial hop limit (32 and less)",
        ],
        traps: ["load-balanced paths look like alternating ones: compare packets of one flow"],
        remedy: [
            "correct the routes of the routers that answer: each sends the destination to the other",
            "see the circle with traceroute: the same addresses come again and again",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let failing = evidence.cutOff { if case .expired = $0 { true } else { false } } + silent(evidence)
        let ofChecks = grouped(failing, by: { $0.flows[0].destination }).map { destination, members in
            let circle = members.lazy.compactMap { self.circle($0.check, evidence) }.first
            let broken = members.lazy.compactMap { brokenCircle($0.check, evidence) }.first.map { [$0] }
            let offenders = circle ?? broken ?? members.flatMap(\.flows).compactMap(\.expiredAt).unique()
            return judge(
                destination.description, members.map(\.check.name), offenders.map(\.description),
                flowLines(members.flatMap(\.flows)) + evidence.wayLines(of: members.map(\.check)),
                confidence: circle == nil ? .likely : .certain)
        }
        return ofChecks
            + evidence.captures.flatMap { capture in
                capture.check == nil
                    ? grouped(capture.refusedTargets(.expired), by: \.server.address).map { captured($0, $1) } : []
            }
    }

    /// Whose packets get no answer when their hops run out, and still go round.
    private static func silent(_ evidence: Evidence) -> [(check: CheckEvidence, flows: [Flow])] {
        evidence.cutOff { $0 == .silent }.filter { member in
            member.flows.count == member.check.decisiveFlows.count
                && (circle(member.check, evidence) != nil || brokenCircle(member.check, evidence) != nil)
        }
    }

    private static func brokenCircle(_ check: CheckEvidence, _ evidence: Evidence) -> IPAddress? {
        check.connects.lazy.compactMap { evidence.ways.to($0.endpoint)?.brokenCircle }.first
    }

    private static func circle(_ check: CheckEvidence, _ evidence: Evidence) -> [IPAddress]? {
        check.connects.lazy.compactMap { evidence.ways.to($0.endpoint)?.circle }.first
    }

    private static func captured(_ address: PacketAddress, _ targets: [PacketTarget]) -> Finding {
        let flows = targets.flatMap { $0.flows(in: .expired) }
        return judge(
            address.description, [], flows.flatMap(\.record.icmpErrors).map(\.sender.description).unique(),
            evidenceLines(
                flows.prefix(3).compactMap { flow in
                    flow.record.icmpErrors.first.map {
                        "\(flow.words(of: $0)), sent with TTL \(flow.tcp.fromA.handshakeHopLimit ?? 0)"
                    }
                }))
    }

    private static func judge(
        _ name: String, _ checks: [String], _ routers: [String], _ lines: [String],
        confidence: Finding.Confidence = .likely
    ) -> Finding {
        finding(
            name, checks: checks, confidence: confidence,
            summary:
                "Packets to \(name) go round in a circle until their hop limit is used up\(routers.isEmpty ? "" : ", at \(listed(routers))").",
            evidence: lines, cause: "Routers pass the packets to each other: their routes to this address do not agree."
        )
    }
}

extension Flow {
    fileprivate var expiredAt: IPAddress? {
        if case .expired(let report) = outcome { report.offender } else { nil }
    }
}
