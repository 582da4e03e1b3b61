import Manifests
import NetValues
import Observations
import Planning
import YAML

/// A node that drops what is for a local Service, since none of its pods is there (catalogue section 8).
enum LBNoLocalEndpoints: Rule {
    static let layer = Layer.reach
    static let explanation = FindingExplanation(
        id: "lb-no-local-endpoints", severity: .error, title: "Some nodes have no endpoint of a local Service",
        signals: [
            "a node's address is silent at the nodePort of a Service with externalTrafficPolicy: Local, and of the Service's ready addresses (EndpointSlices) none is on that node",
            "manifests alone: externalTrafficPolicy: Local of a NodePort Service that has fewer pods than there are nodes",
            "manifests alone: internalTrafficPolicy: Local, and its pods are not on every node (no DaemonSet)",
        ],
        lookalikes: [
            "tcp-filtered-drop: a pod of the Service is on that node, or nothing is known of its nodes",
            "a load balancer asks healthCheckNodePort and leaves such nodes out", "service-no-endpoints: no pod at all",
        ],
        traps: ["whoever connects may know which nodes have a pod"],
        remedy: [
            "let the load balancer ask the health port and leave out nodes without a pod, or run a pod on every node (DaemonSet)",
            "use the policy Cluster where the client's address does not matter",
        ])

    static let replaces: Set<String> = ["tcp-filtered-drop", "expectation-unmet", "icmp-filtered-tcp-ok"]

    private struct Dropped {
        let check: CheckEvidence
        let node: String
        let service: DeclaredService
        let port: UInt16
        let others: [String]
    }

    static func findings(in evidence: Evidence) -> [Finding] {
        guard let view = evidence.declared else { return [] }
        let found = evidence.measured.compactMap { check in
            check.check.expectation.word == .reachable && check.isCutOff ? dropped(check, view) : nil
        }
        return grouped(found, by: \.check.subject).map { subject, members in judge(subject, members) }
    }

    private static func dropped(_ check: CheckEvidence, _ view: DeclaredView) -> Dropped? {
        let connects = check.connects
        guard let address = check.addresses.only, let port = check.check.target.port, !connects.isEmpty,
            connects.allSatisfy({ $0.flow.outcome == .silent }), let node = node(at: address, view),
            let service = view.state.services.filter({ isLocal($0, at: port) }).only
        else { return nil }
        let ready = view.state.endpoints(of: service).flatMap(\.ready)
        let nodes = ready.compactMap(\.node)
        guard !ready.isEmpty, nodes.count == ready.count, !nodes.contains(node) else { return nil }
        return Dropped(check: check, node: node, service: service, port: port, others: nodes.unique().sorted())
    }

    private static func node(at address: IPAddress, _ view: DeclaredView) -> String? {
        view.state.objects("Node", "").first { node in
            (node["status", "addresses"]?.items ?? []).contains { $0["address"]?.text == address.description }
        }?.name
    }

    private static func isLocal(_ service: DeclaredService, at port: UInt16) -> Bool {
        service.object["spec", "externalTrafficPolicy"]?.text == "Local"
            && (service.object.spec?["ports"]?.items ?? []).contains {
                $0["nodePort"]?.int == Int(port) && PortTransport($0["protocol"]) == .tcp
            }
    }

    private static func judge(_ subject: String, _ members: [Dropped]) -> Finding {
        let dropped = members[0]
        let object = dropped.service.object
        let place = object.place(object.spec?.entry("externalTrafficPolicy"))
        let title = "Service \(dropped.service.namespace)/\(dropped.service.name)"
        let others = listed(dropped.others.map { $0.escaped(limit: 253) })
        var finding = finding(
            subject, checks: members.map(\.check.name), confidence: .likely,
            summary:
                "Node \(dropped.node.escaped(limit: 253)) has no pod of \(title), and drops what comes for it: only \(others) \(dropped.others.count == 1 ? "has" : "have") one.",
            evidence: [
                "declared: \(title)\(place.words.map { " (\($0))" } ?? "") has externalTrafficPolicy Local and nodePort \(dropped.port)",
                "declared: its ready addresses are on \(others)",
            ] + flowLines(members.flatMap(\.check.targetFlows)),
            cause:
                "With externalTrafficPolicy Local a node leads to its own pods only, and kube-proxy drops the rest without a word."
        )
        finding.location = Finding.Location(file: place.file, line: place.line, object: object.title)
        return finding
    }
}
