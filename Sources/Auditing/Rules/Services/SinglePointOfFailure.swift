import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// One pod behind an entry from outside (catalogue section 14).
enum SinglePointOfFailure: AuditRule {
    static let explanation = FindingExplanation(
        id: "single-point-of-failure", severity: .warning, title: "One pod, one node or one link carries all",
        signals: [
            "a workload behind a LoadBalancer, an Ingress, a route or the cluster's DNS is declared with one replica, and no autoscaler adds more"
        ],
        lookalikes: ["replicas is not written: an autoscaler may keep the number"],
        traps: ["one replica on purpose (a database with one writer, a test)"],
        remedy: ["run two replicas or more, spread over nodes and zones (topologySpreadConstraints)"])

    static func findings(in state: DeclaredState) -> [Finding] {
        var told: Set<String> = []
        return entries(state).flatMap { service, entry in
            state.workloads(of: service).compactMap { workload in
                guard workload.replicas == 1, ["Deployment", "StatefulSet", "ReplicaSet"].contains(workload.kind),
                    state.workloads(of: service).count == 1, !state.isScaled(workload),
                    told.insert(workload.title).inserted
                else { return nil }
                return finding(
                    workload.object, at: workload.object.place(workload.object.spec?.entry("replicas")),
                    summary:
                        "\(workload.object.title) is one pod, and all that comes through \(entry) depends on it.",
                    evidence: [
                        "replicas: 1, and no autoscaler for it was read", "\(service.object.title) leads to it alone",
                    ],
                    cause: "Every restart, update or loss of its node is an outage.",
                    patch: workload.kind == "Deployment" ? "spec:\n  replicas: 2" : nil)
            }
        }
    }

    /// Services that traffic from outside reaches, with what it comes through.
    private static func entries(_ state: DeclaredState) -> [(DeclaredService, String)] {
        state.services.filter(\.isLoadBalancer).map { ($0, $0.object.title) }
            + state.ingresses.flatMap { ingress in
                ingress.backends.compactMap { backend in
                    state.service(ingress.namespace, backend.service).map { ($0, ingress.object.title) }
                }
            }
            + state.set.objects.compactMap(DeclaredRoute.init).flatMap { route in
                route.backends(in: state).map { ($0.service, route.object.title) }
            }
            + ["kube-dns", "coredns"].compactMap { state.service("kube-system", $0) }.map { ($0, "the cluster's DNS") }
    }
}
