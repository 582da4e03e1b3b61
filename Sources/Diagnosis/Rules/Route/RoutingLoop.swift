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
            "soundings or a trace: the same routers answer again and again for growing hop limits, each at even distances, which proves it",
            "or one router does, with silence in between each time",
        ],
        lookalikes: [
            "traceroute: sends small hop limits on purpose",
            "a very long path with a small initial hop limit (32 and less)",
            "one router that answers for two limits in a row: it passes on packets whose hop limit has run out, or stands on two ways",
            "a translator (NAT, load balancer) that puts its own address on the errors of routers behind it: one address for all limits from there on",
        ],
        traps: [
            "load-balanced paths look like alternating ones: compare packets of one flow; and they end somewhere, a circle does not"
        ],
        remedy: [
            "correct the routes of the routers that answer: each sends the destination to the other",
            "see the circle with traceroute: the same addresses come again and again",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let failing = evidence.cutOff { if case .expired = $0 { true } else { false } } + turning(evidence)
        let ofChecks = grouped(failing, by: { destination($0) }).map { destination, members in
            let circle = members.lazy.compactMap { self.circle($0.check, evidence) }.first
            let offenders = members.flatMap(\.flows).compactMap(\.expiredAt).unique().map(\.description)
            let checks = members.map(\.check)
            return judge(
                destination?.description ?? members[0].check.subject, checks.map(\.name).unique(),
                circle.map { Place($0) } ?? Place(routers: offenders, words: listed(offenders)),
                flowLines(members.flatMap(\.flows).filter { $0.outcome != .silent || circle == nil })
                    + (circle?.lines ?? []) + evidence.wayLines(of: checks),
                confidence: circle.map { $0.isBroken ? .likely : .certain } ?? .likely)
        }
        return ofChecks
            + evidence.captures.flatMap { capture in
                capture.check == nil
                    ? grouped(capture.refusedTargets(.expired), by: \.server.address).map { captured($0, $1) } : []
            }
    }

    private struct Place {
        let routers: [String]
        let words: String

        init(routers: [String], words: String) {
            self.routers = routers
            self.words = words
        }

        init(_ circle: Circle) {
            routers = circle.routers.map(\.address.description)
            words = listed(routers, limit: 4) + (circle.routers.first.map { ", from hop \($0.limit) on" } ?? "")
        }
    }

    private static func destination(_ member: (check: CheckEvidence, flows: [Flow])) -> IPAddress? {
        member.flows.first?.destination ?? member.check.paths.first?.summary.destination.address
    }

    /// Whose packets get no answer when their hops run out, or whose trace ends with the last limit, and that still go round.
    private static func turning(_ evidence: Evidence) -> [(check: CheckEvidence, flows: [Flow])] {
        evidence.checks.compactMap { check in
            guard check.isCutOff, check.decisiveFlows.allSatisfy({ $0.outcome == .silent }),
                circle(check, evidence) != nil
            else { return nil }
            return (check, check.decisiveFlows)
        }
    }

    private static func circle(_ check: CheckEvidence, _ evidence: Evidence) -> Circle? {
        check.wayEndpoints.lazy.compactMap { evidence.ways.to($0)?.circle }.first
    }

    private static func captured(_ address: PacketAddress, _ targets: [PacketTarget]) -> Finding {
        let flows = targets.flatMap { $0.flows(in: .expired) }
        let senders = flows.flatMap(\.record.icmpErrors).map(\.sender.description).unique()
        return judge(
            address.description, [], Place(routers: senders, words: listed(senders)),
            evidenceLines(
                flows.prefix(3).compactMap { flow in
                    flow.record.icmpErrors.first.map {
                        "\(flow.words(of: $0)), sent with TTL \(flow.tcp.fromA.handshakeHopLimit ?? 0)"
                    }
                }))
    }

    private static func judge(
        _ name: String, _ checks: [String], _ place: Place, _ lines: [String],
        confidence: Finding.Confidence = .likely
    ) -> Finding {
        let routers = place.routers
        return finding(
            name, checks: checks, confidence: confidence,
            summary:
                "Packets to \(name) go round in a circle until their hop limit is used up\(routers.isEmpty ? "" : ", at \(place.words)").",
            evidence: lines,
            cause: routers.count == 2
                ? "\(routers[0]) and \(routers[1]) pass the packets to each other: their routes to this address do not agree."
                : "Routers pass the packets to each other: their routes to this address do not agree.",
            remedy: routers.isEmpty
                ? nil
                : [
                    "compare the route to \(name) on \(listed(routers, limit: 4)) (ip route get \(name)): each sends it to the next of them; correct the one that is wrong",
                    "in a cloud: user-defined routes and the routes of peerings, VPN and transit gateways of those hops",
                ])
    }
}

extension Circle {
    fileprivate var lines: [String] {
        [
            isBroken
                ? "\(words) answers again every \(period) hops, and nobody in between"
                : "\(words) answer in turn, again every \(period) hops, and nothing else does"
        ]
    }
}

extension Flow {
    fileprivate var expiredAt: IPAddress? {
        if case .expired(let report) = outcome { report.offender } else { nil }
    }
}
