import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A proxy that gets too little of a processor.
enum MeshSidecarThrottled: AuditRule {
    /// A quarter of Istio's own default (2 processors); less than that shows under ordinary load.
    private static let leastMillicores = 500

    static let explanation = FindingExplanation(
        id: "mesh-sidecar-throttled", severity: .warning, title: "The sidecar gets too little of a processor",
        signals: [
            "the proxy's CPU limit is below 500m (Istio's default is 2000m)",
            "live: the proxy's cgroup was throttled, and the way through it is slower than past it",
        ],
        lookalikes: ["a slow application: the way past the proxy is as slow"],
        traps: ["a proxy with few requests needs little: without a measurement this is possible, not certain"],
        remedy: ["raise the proxy's CPU limit, or leave it away, and measure latency and throttling again"])

    static func findings(in state: DeclaredState) -> [Finding] {
        state.objects("IstioOperator").flatMap(installed) + state.workloads.flatMap(annotated)
    }

    private static func installed(_ object: ManifestObject) -> [Finding] {
        guard let node = object["spec", "values", "global", "proxy", "resources", "limits", "cpu"],
            let limit = millicores(node)
        else { return [] }
        return limit < leastMillicores ? [finding(object, node, limit, of: "every sidecar")] : []
    }

    private static func annotated(_ workload: Workload) -> [Finding] {
        let path = workload.kind == "Pod" ? ["metadata"] : ["spec", "template", "metadata"]
        let annotation = workload.object.root[path]?["annotations"]?["sidecar.istio.io/proxyCPULimit"]
        let proxy = workload.template.containers.first { $0["name"]?.text == "istio-proxy" && !isGateway(workload) }
        return [annotation, proxy?["resources", "limits", "cpu"]].compactMap(\.self).prefix(1).compactMap { node in
            guard let limit = millicores(node), limit < leastMillicores else { return nil }
            return finding(workload.object, node, limit, of: "its sidecar")
        }
    }

    private static func isGateway(_ workload: Workload) -> Bool { workload.template.containers.count == 1 }

    private static func finding(_ object: ManifestObject, _ node: YAMLNode, _ limit: Int, of what: String) -> Finding {
        finding(
            object, at: object.place(node), confidence: .possible,
            summary: "\(object.title) limits \(what) to \(limit) thousandths of a processor.",
            evidence: ["limits.cpu: \(node.text?.escaped(limit: 40) ?? "")", "Istio's own default is 2000m"],
            cause:
                "A proxy at its limit is stopped for the rest of each 100 ms, which every request through it waits for."
        )
    }

    /// Of `200m`, `0.2` or `1`; nil for what is no quantity of processors.
    private static func millicores(_ node: YAMLNode) -> Int? {
        guard let text = node.text, text.utf8.count <= 16 else { return nil }
        if text.hasSuffix("m") { return Int(text.dropLast()).flatMap { $0 > 0 ? $0 : nil } }
        guard let number = Double(text), number > 0, number < 1e6 else { return nil }
        return Int(number * 1000)
    }
}
