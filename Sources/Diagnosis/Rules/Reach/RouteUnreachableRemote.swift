import NetValues
import Observations
import Planning
import Wire

/// A router has no way on (catalogue section 5).
enum RouteUnreachableRemote: Rule {
    static let layer = Layer.route
    static let explanation = FindingExplanation(
        id: "route-unreachable-remote", severity: .error, title: "A router has no way to the destination",
        signals: ["ICMP network unreachable (3/0) or host unreachable (3/1) from a router; IPv6 1/0 or 1/3"],
        lookalikes: [
            "tcp-rejected: prohibited (3/13), a policy",
            "no-route-local: the own host has no route, and no ICMP comes",
            "next-hop-unresolved: nobody answers on the own link",
            "the address of a Service or load balancer that translates some TCP ports only: echoes and datagrams to it are lost elsewhere",
        ],
        traps: ["3/1 after about three seconds from the last router: the target's own machine is down or gone"],
        remedy: [
            "add the route at the router that answered: peering, VPN or transit gateway, user-defined routes",
            "if it is the last router: check that the target is up",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let failing = evidence.checks.compactMap {
            check -> (check: CheckEvidence, flows: [Flow], reports: [ICMPErrorReport])? in
            guard check.isCutOff else {
                return nil
            }
            var reports: [ICMPErrorReport] = []
            let flows = check.decisiveFlows.filter {
                guard case .unreachable(let report) = $0.outcome,
                    !evidence.carriers.explainsNothing($0, of: check)
                else { return false }
                reports.append(report)
                return true
            }
            return flows.isEmpty ? nil : (check, flows, reports)
        }
        return grouped(failing, by: { $0.flows[0].destination }).map { destination, members in
            let routers = members.flatMap(\.reports).compactMap(\.offender).map(\.description).unique()
            return finding(
                destination.description, checks: members.map(\.check.name), confidence: .certain,
                summary:
                    "\(routers.isEmpty ? "A router" : "The router " + listed(routers)) cannot pass packets on to \(destination).",
                evidence: flowLines(members.flatMap(\.flows)) + evidence.wayLines(of: members.map(\.check)),
                cause: cause)
        } + evidence.captures.flatMap(captured)
    }

    private static let cause = "That router has no route to the address, or cannot find its host on the last link."

    private static func captured(_ capture: CaptureEvidence) -> [Finding] {
        guard capture.check == nil else { return [] }
        return grouped(capture.refusedTargets(.unreachable), by: \.server.address).map { address, targets in
            let flows = targets.flatMap { $0.flows(in: .unreachable) }
            let routers = flows.flatMap(\.record.icmpErrors).map(\.sender.description).unique()
            return finding(
                address.description, checks: [], confidence: .certain,
                summary: "The router \(listed(routers)) cannot pass packets on to \(address).",
                evidence: evidenceLines(
                    flows.prefix(3).compactMap { flow in flow.record.icmpErrors.first.map { flow.words(of: $0) } }),
                cause: cause)
        }
    }
}
