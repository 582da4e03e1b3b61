import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A Service that answers on the nodes of its pods only (catalogue section 8).
enum LBNoLocalEndpoints: AuditRule {
    static let explanation = FindingExplanation.shared("lb-no-local-endpoints", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        let nodes = state.objects("Node", "").filter { $0.spec?["unschedulable"]?.bool != true }.count
        return state.services.compactMap { service in
            let pods = state.workloads(of: service)
            guard !pods.isEmpty, !pods.contains(where: { $0.kind == "DaemonSet" }) else { return nil }
            if service.kind == .nodePort, let entry = local("externalTrafficPolicy", service),
                let count = replicas(pods), count < nodes
            {
                return finding(
                    service.object, at: service.object.place(entry), confidence: .likely,
                    summary:
                        "\(service.object.title) answers only on nodes that run one of its \(counted(count, "pod")), of \(nodes) nodes.",
                    evidence: [
                        "externalTrafficPolicy: Local, type NodePort: no load balancer leaves nodes out by itself",
                        "\(listed(pods.map(\.title))): \(counted(count, "replica")); \(counted(nodes, "node")) declared",
                    ], cause: cause)
            }
            guard let entry = local("internalTrafficPolicy", service), let count = replicas(pods),
                nodes == 0 || count < nodes, !service.isHeadless
            else { return nil }
            return finding(
                service.object, at: service.object.place(entry), confidence: .possible,
                summary:
                    "\(service.object.title) answers only clients on the nodes of its pods, and these are not on every node.",
                evidence: [
                    "internalTrafficPolicy: Local",
                    "\(listed(pods.map(\.title))) is no DaemonSet: \(counted(count, "replica"))",
                ],
                cause: cause)
        }
    }

    private static let cause =
        "With the policy Local kube-proxy drops what comes to a node without a pod: silence, not a refusal."

    private static func local(_ key: String, _ service: DeclaredService) -> YAMLEntry? {
        service.object.spec?.entry(key).flatMap { $0.value.text == "Local" ? $0 : nil }
    }

    /// Nil for kinds without a number.
    private static func replicas(_ pods: [Workload]) -> Int? {
        let counts = pods.map {
            $0.kind == "Pod"
                ? 1 : $0.replicas ?? (["Deployment", "StatefulSet", "ReplicaSet"].contains($0.kind) ? 1 : nil)
        }
        return counts.contains(nil) ? nil : counts.compactMap(\.self).reduce(0, +)
    }
}
