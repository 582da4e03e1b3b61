import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A workload of the edge that needs the cloud to start (catalogue section 11, the static half).
enum OfflineDependency: AuditRule {
    static let explanation = FindingExplanation(
        id: "offline-dependency", severity: .warning, title: "An edge site needs its uplink to work",
        signals: [
            "pods that are bound to edge nodes pull their image anew at each start",
            "with the uplink cut, local names or addresses stop answering (seen by probes)",
        ],
        lookalikes: ["features that are meant to be in the cloud only"],
        traps: ["an image with the tag latest, or with none, is pulled always unless imagePullPolicy says otherwise"],
        remedy: [
            "give the image a tag of its own and imagePullPolicy: IfNotPresent, or serve it from a registry of the site",
            "keep DNS, registry and load balancer of the site local",
        ])

    static func findings(in state: DeclaredState) -> [Finding] {
        state.workloads.compactMap { workload in
            guard let bound = boundToEdge(workload.template.spec) else { return nil }
            for container in workload.template.containers {
                guard let image = container["image"], let text = image.text, let node = puller(container, image, text)
                else { continue }
                return finding(
                    workload.object, at: workload.object.place(node), confidence: .likely,
                    summary:
                        "\(workload.title) runs at the edge and asks its registry at each start: without the uplink its pods do not come back.",
                    evidence: [
                        "bound to nodes by \(bound)",
                        container["imagePullPolicy"] == nil
                            ? "the image has no tag of its own: it is pulled always" : "imagePullPolicy: Always",
                    ],
                    cause: "A pod that is restarted or moved while the site is cut off waits in ImagePullBackOff.")
            }
            return nil
        }
    }

    /// The line that makes it pull always.
    private static func puller(_ container: YAMLNode, _ image: YAMLNode, _ text: String) -> YAMLNode? {
        if let policy = container["imagePullPolicy"] { return policy.text == "Always" ? policy : nil }
        guard !text.contains("@") else { return nil }
        let name = text.split(separator: "/").last ?? ""
        let tag = name.split(separator: ":").dropFirst().first
        return tag == nil || tag == "latest" ? image : nil
    }

    /// The key of a node's label with the word edge in it.
    private static func boundToEdge(_ spec: YAMLNode) -> String? {
        let terms =
            spec[["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"]]?
            .items ?? []
        let keys =
            (spec["nodeSelector"]?.entries.map(\.key) ?? [])
            + terms.flatMap { $0["matchExpressions"]?.items ?? [] }
            .filter { ["In", "Exists"].contains($0["operator"]?.text ?? "") }.compactMap { $0["key"]?.text }
        return keys.first { $0.lowercased().split { "-_./".contains($0) }.contains("edge") }
    }
}
