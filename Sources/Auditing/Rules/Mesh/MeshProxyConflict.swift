import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// An application in the way of its own sidecar.
enum MeshProxyConflict: AuditRule {
    /// Of the sidecar (Istio: "Application Requirements"): 15020 and 15021 are asked by others, the rest redirects and listens.
    private static let reserved: Set<UInt16> = [15000, 15001, 15002, 15004, 15006, 15008, 15020, 15021, 15053, 15090]

    static let explanation = FindingExplanation(
        id: "mesh-proxy-conflict", severity: .error, title: "An application stands in its sidecar's way",
        signals: [
            "a container of a pod in the mesh listens on a port of the sidecar's (15000 to 15090)",
            "it runs as user 1337, whose traffic is not redirected (IST0144)", "two meshes redirect the same pod",
            "live: EADDRINUSE, or local-egress-denied inside the pod",
        ],
        lookalikes: ["gateways, whose container is the proxy itself"],
        traps: ["pods outside the mesh may use what they like"],
        remedy: ["take another port, or another user, for the application"])

    static func findings(in state: DeclaredState) -> [Finding] {
        state.workloads.flatMap { workload -> [Finding] in
            guard state.membership(of: workload).isInside else { return [] }
            return ports(workload) + user(workload) + redirectors(workload, state)
        }
    }

    private static func applications(_ workload: Workload) -> [YAMLNode] {
        workload.template.containers.filter { container in
            let image = container["image"]?.text ?? ""
            return container["name"]?.text != "istio-proxy" && !image.contains("proxyv2") && image != "auto"
        }
    }

    private static func ports(_ workload: Workload) -> [Finding] {
        applications(workload).compactMap { container in
            let ports = container["ports"]?.items ?? []
            guard let port = ports.first(where: { isReserved($0["containerPort"]) }), let node = port["containerPort"],
                let number = node.int
            else { return nil }
            return finding(
                workload.object, at: workload.object.place(node),
                summary: "\(workload.object.title): port \(number) belongs to the sidecar.",
                evidence: ["containerPort: \(number)", "Istio's sidecar listens on 15000 to 15090 in the same pod"],
                cause:
                    "Two programs of a pod cannot listen on one port: one of them ends with EADDRINUSE, or the traffic runs in a circle."
            )
        }
    }

    private static func isReserved(_ node: YAMLNode?) -> Bool {
        node?.int.flatMap { UInt16(exactly: $0) }.map(reserved.contains) ?? false
    }

    private static func user(_ workload: Workload) -> [Finding] {
        let ofPod = workload.template.spec["securityContext", "runAsUser"]
        for container in applications(workload) {
            guard let node = container["securityContext", "runAsUser"] ?? ofPod, node.int == 1337 else { continue }
            return [
                finding(
                    workload.object, at: workload.object.place(node),
                    summary: "\(workload.object.title) runs as user 1337, which is the sidecar's.",
                    evidence: ["runAsUser: 1337", "container \(container["name"]?.text?.escaped(limit: 63) ?? "")"],
                    cause:
                        "Traffic of user 1337 is not redirected, since it would be the proxy's own: the application goes past its sidecar.",
                    remedy: ["give the application another runAsUser"])
            ]
        }
        return []
    }

    private static func redirectors(_ workload: Workload, _ state: DeclaredState) -> [Finding] {
        let namespace = state.objects("Namespace", "").first { $0.name == workload.namespace }
        let word = workload.template.annotations["linkerd.io/inject"] ?? namespace?.annotations["linkerd.io/inject"]
        guard word == "enabled" || word == "ingress" else { return [] }
        return [
            finding(
                workload.object, summary: "\(workload.object.title) asks for the sidecars of Istio and of Linkerd.",
                evidence: ["linkerd.io/inject: \(word ?? "")", "Istio's injection is asked for too"],
                cause: "Both redirect all traffic of the pod, and to different proxies.",
                remedy: [
                    "leave the pod to one mesh: linkerd.io/inject: disabled, or sidecar.istio.io/inject: \"false\""
                ])
        ]
    }
}
