import NetValues
import Observations
import Planning

/// A port that the Service does not have (catalogue section 3).
enum ServicePortMismatch: Rule {
    static let layer = Layer.resolution
    static let explanation = FindingExplanation(
        id: "service-port-mismatch", severity: .error, title: "The Service has no such port",
        signals: [
            "connections to a name under .svc. fail, whether refused, rejected or silent, and the SRV records of that name hold other ports only"
        ],
        lookalikes: [
            "tcp-filtered-drop: the port is one of the Service's",
            "tcp-refused: the Service has the port, and nothing listens on the targetPort that it leads to",
            "service-no-endpoints: the Service has the port, and no pod",
        ],
        traps: [
            "only cluster DNS has SRV records for a plain Service name: where there are none, nothing is said",
            "how it fails depends on kube-proxy: iptables sends it on to the default route, nftables rejects it",
        ],
        remedy: [
            "use a port that the Service has, or add the port to it (spec.ports: port is what clients use, targetPort what the pods listen on)"
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let mismatched = ServiceReach.all(in: evidence).compactMap { reach -> (reach: ServiceReach, ports: [UInt16])? in
            guard reach.name != nil, let ports = reach.ports, !ports.contains(reach.port) else { return nil }
            return (reach: reach, ports: ports)
        }
        return grouped(mismatched, by: \.reach.subject).map { subject, members in
            let (reach, ports) = members[0]
            let listedPorts = listed(ports.map(String.init), limit: 8)
            return finding(
                subject, checks: members.map(\.reach.check.name), confidence: .certain,
                summary: "The \(reach.words) has no port \(reach.port); it has \(listedPorts).",
                evidence: [
                    "SRV records of \(reach.name?.name.relative.description ?? subject) name the \(ports.count == 1 ? "port" : "ports") \(listedPorts)"
                ]
                    + flowLines(members.flatMap(\.reach.connects).map(\.flow)),
                cause:
                    "What is asked for is no port of the Service, so nothing leads it to a pod. Often it is the port of the pods (targetPort) or of another Service.",
                remedy: ["use \(listedPorts) for \(subject), or add port \(reach.port) to the Service"])
        } + declared(evidence)
    }

    /// Nothing gets through, and manifests say why.
    private static func declared(_ evidence: Evidence) -> [Finding] {
        let faults = DeclaredServiceFault.all(in: evidence).filter { fault in
            switch fault.kind {
            case .nothingSelected, .scaledToZero, .noneReady: false
            case .noSuchPort, .nameUnknown: true
            // Only where a reset shows that nothing listens there.
            case .notDeclared:
                fault.check.targetFlows.contains { if case .refused = $0.outcome { true } else { false } }
            }
        }
        return grouped(faults, by: \.check.subject).map { subject, members in
            let fault = members[0]
            var finding = finding(
                subject, checks: members.map(\.check.name), confidence: fault.isCertain ? .certain : .likely,
                summary: summary(fault),
                evidence: [fault.declaredWords] + flowLines(members.flatMap(\.check.targetFlows)),
                cause:
                    "The port that is asked for, the Service's port, its targetPort and what the pods listen on must lead to each other.",
                remedy: [
                    "correct the port in the Service (\(fault.location.file.map { "\($0):" } ?? "line ")\(fault.location.line)), or what asks for it"
                ])
            finding.location = fault.location
            finding.replaces = [
                "tcp-refused", "tcp-rejected", "tcp-filtered-drop", "service-no-endpoints", "expectation-unmet",
            ]
            return finding
        }
    }

    private static func summary(_ fault: DeclaredServiceFault.Fault) -> String {
        switch fault.kind {
        case .nothingSelected, .scaledToZero, .noneReady: "\(fault.title) leads to nothing."
        case .noSuchPort: "\(fault.title) has no port \(fault.port)."
        case .nameUnknown(let name, _):
            "\(fault.title) leads port \(fault.port) to a port named \(name), which its pods do not have."
        case .notDeclared(let number, let known):
            "\(fault.title) leads port \(fault.port) to port \(number) of its pods, which refuse it; they declare \(listed(known.map(String.init)))."
        }
    }
}

extension DeclaredServiceFault.Fault {
    fileprivate var isCertain: Bool { if case .notDeclared = kind { false } else { true } }
}
