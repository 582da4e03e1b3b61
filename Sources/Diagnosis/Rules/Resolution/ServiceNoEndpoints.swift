import NetValues
import Observations
import Planning

/// A Service that nothing is behind (catalogue section 3).
enum ServiceNoEndpoints: Rule {
    static let layer = Layer.resolution
    static let explanation = FindingExplanation(
        id: "service-no-endpoints", severity: .critical, title: "A Service has no ready endpoints",
        signals: [
            "connections to a Service's address are answered by ICMP port unreachable (3/3, IPv6 1/4) from the first hop, the node, and not from the target",
            "the name is under .svc., or this is a pod and the address is of the range of the cluster's DNS",
            "with manifests: no connection to the Service gets through, and its selector matches no workload, what it matches has no replicas, or none of its addresses is ready",
            "with manifests: the name of a headless Service does not exist, and nothing is behind it",
        ],
        lookalikes: [
            "tcp-refused: a reset of the pod, on whose port nothing listens",
            "service-port-mismatch: the Service has other ports",
            "tcp-rejected: a filter says so, further away or for a host that is no Service",
            "a silent Service address: a policy drops, or the node has no endpoint of its own (externalTrafficPolicy: Local)",
        ],
        traps: [
            "while pods are being replaced it passes: repeat before acting",
            "policies of kube-router reject in the same way; IPVS and Cilium may drop instead",
        ],
        remedy: [
            "look for ready endpoints: kubectl get endpointslices -l kubernetes.io/service-name=NAME",
            "correct the selector of the Service, or mend the readiness of its pods",
            "a named targetPort must be a port name of the pods",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let rejected = ServiceReach.all(in: evidence).compactMap { reach in
            rejecter(of: reach, evidence).map { (reach: reach, node: $0) }
        }
        return grouped(rejected, by: \.reach.subject).map { subject, members in
            let reach = members[0].reach
            let addresses = members.flatMap(\.reach.connects).map(\.endpoint.address.description).unique()
            return finding(
                subject, checks: members.map(\.reach.check.name), confidence: reach.name == nil ? .possible : .likely,
                summary:
                    "\(reach.name == nil ? "The Service at \(listed(addresses))" : "The \(reach.words)") has no ready endpoint for port \(reach.port): the node (\(listed(members.map(\.node.description).unique()))) rejects connections to it.",
                evidence: flowLines(members.flatMap(\.reach.connects).map(\.flow)) + ports(reach)
                    + evidence.wayLines(of: members.map(\.reach.check), limit: 2),
                cause:
                    "kube-proxy rejects by ICMP what goes to a Service that no ready pod is behind: its selector matches no pod, its pods are not ready, or its targetPort names no port of theirs. A policy that rejects looks the same."
            )
        } + declared(evidence) + headless(evidence)
    }

    /// Nothing gets through, and manifests say why.
    private static func declared(_ evidence: Evidence) -> [Finding] {
        let faults = DeclaredServiceFault.all(in: evidence).filter(\.kind.isEmptiness)
        return grouped(faults, by: \.check.subject).map { subject, members in
            let fault = members[0]
            var finding = finding(
                subject, checks: members.map(\.check.name), confidence: isScaled(fault) ? .likely : .certain,
                summary: "\(fault.title) has no endpoints: \(reason(fault)).",
                evidence: [fault.declaredWords] + flowLines(members.flatMap(\.check.targetFlows)),
                cause: "A Service leads to the ready pods that its selector matches, and there are none.")
            finding.location = fault.location
            finding.replaces = ["tcp-refused", "tcp-rejected", "tcp-filtered-drop", "expectation-unmet"]
            return finding
        }
    }

    /// Whoever scales it up does not write so into the manifest.
    static func isScaled(_ fault: DeclaredServiceFault.Fault) -> Bool {
        if case .scaledToZero = fault.kind { true } else { false }
    }

    static func reason(_ fault: DeclaredServiceFault.Fault) -> String {
        switch fault.kind {
        case .scaledToZero(let workload): "\(workload) has no replicas"
        case .noneReady(let count): "of \(counted(count, "pod")) behind it none is ready"
        default: "its selector matches no workload"
        }
    }

    /// The node, where each connection is rejected by it.
    private static func rejecter(of reach: ServiceReach, _ evidence: Evidence) -> IPAddress? {
        if let ports = reach.ports, !ports.contains(reach.port) { return nil }
        let offenders = reach.connects.map { connect -> IPAddress? in
            guard case .rejected(let report) = connect.flow.outcome, report.isPortUnreachable,
                let offender = report.offender, offender != connect.endpoint.address
            else { return nil }
            // Further away than the node it is a filter on the way. Without a sounding the name alone must do.
            let limit = evidence.ways.to(connect.endpoint)?.limit(of: offender)
            return limit == 1 || (limit == nil && reach.name != nil) ? offender : nil
        }
        return offenders.contains(nil) ? nil : offenders.first ?? nil
    }

    private static func ports(_ reach: ServiceReach) -> [String] {
        reach.ports.map {
            ["its SRV records name the ports \(listed($0.map(String.init), limit: 8)): this one is among them"]
        } ?? []
    }
}
