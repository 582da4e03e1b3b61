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
            "next-hop-unresolved: nobody answers on the own link; or on the last one, of which a router says so after about three seconds",
            "the address of a Service or load balancer that translates some TCP ports only: echoes and datagrams to it are lost elsewhere",
        ],
        traps: [
            "3/1 at once may be a route of type unreachable, or a last router that has found out before that the host is not there"
        ],
        remedy: [
            "add the route at the router that answered: peering, VPN or transit gateway, user-defined routes",
            "if it is the last router: check that the target is up",
            "Azure: next hop of Network Watcher, effective routes of the subnet; AWS: route tables of the subnet and the transit gateway",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let missing = MissingHost.all(in: evidence)
        let failing = evidence.checks.compactMap {
            check -> (check: CheckEvidence, flows: [Flow], reports: [ICMPErrorReport])? in
            guard check.isCutOff else {
                return nil
            }
            var reports: [ICMPErrorReport] = []
            let flows = check.decisiveFlows.filter {
                let flow = $0
                guard case .unreachable(let report) = flow.outcome, !missing.contains(where: { $0.holds(flow) }),
                    !evidence.carriers.explainsNothing(flow, of: check)
                else { return false }
                reports.append(report)
                return true
            }
            return flows.isEmpty ? nil : (check, flows, reports)
        }
        return grouped(failing, by: { $0.flows[0].destination }).map { destination, members in
            judge(destination, members.map(\.check), members.flatMap(\.flows), members.flatMap(\.reports), evidence)
        } + evidence.captures.flatMap(captured)
    }

    private static func judge(
        _ destination: IPAddress, _ checks: [CheckEvidence], _ flows: [Flow], _ reports: [ICMPErrorReport],
        _ evidence: Evidence
    ) -> Finding {
        let routers = reports.compactMap(\.offender).unique()
        let place = UnreachablePlace(reports, destination, checks, evidence)
        let lines = flowLines(flows) + [place?.line].compactMap(\.self) + evidence.wayLines(of: checks)
        guard routers != [destination] else {
            return finding(
                destination.description, checks: checks.map(\.name), confidence: .likely,
                summary: "\(destination) itself says that it cannot pass packets on.", evidence: lines,
                cause:
                    "The address is that of a router, translator (NAT) or load balancer, and from there no route leads on, or nobody is there; or a filter of the host refuses in these words."
            )
        }
        let name = routers.isEmpty ? "A router" : "The router " + listed(routers.map(\.description))
        // Of the host alone: its router says the same when nobody on its own link has answered it a moment ago.
        let mayBeHost = !reports.isEmpty && reports.allSatisfy(\.isHostMissing)
        return finding(
            destination.description, checks: checks.map(\.name), confidence: mayBeHost ? .likely : .certain,
            summary: "\(name)\(place?.words ?? "") cannot pass packets on to \(destination).", evidence: lines,
            cause: mayBeHost ? hostCause : cause,
            remedy: (mayBeHost ? [hostRemedy(routers, destination)] : [])
                + [place?.remedy].compactMap(\.self) + explanation.remedy)
    }

    private static func hostRemedy(_ routers: [IPAddress], _ destination: IPAddress) -> String {
        let place = routers.isEmpty ? "the router" : listed(routers.map(\.description))
        return
            "if \(destination) is on a link of \(place): check that the host is up and has this address (on the router: ip neigh show to \(destination))"
    }

    private static let hostCause =
        "The router speaks of this one host: either nobody on its own link has the address (the host is down, or the address is not in use), as it has found out before; or it has a route that makes the host unreachable. One such answer does not tell them apart."
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
