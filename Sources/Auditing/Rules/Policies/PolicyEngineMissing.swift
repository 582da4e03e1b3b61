import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// NetworkPolicies in a cluster whose network has nobody to enforce them (catalogue section 4, from the cluster's own objects).
enum PolicyEngineMissing: AuditRule {
    static let explanation = FindingExplanation.shared("policy-not-enforced", severity: .critical)

    private static let engines = [
        "calico", "cilium", "antrea", "kube-router", "weave", "canal", "ovn", "azure-npm", "network-polic", "romana",
        "kindnet", "multus", "nsx", "contiv", "gke",
    ]

    static func findings(in state: DeclaredState) -> [Finding] {
        guard let policy = state.policies.first else { return [] }
        let daemons = state.workloads.filter { $0.kind == "DaemonSet" }
        guard let flannel = daemons.first(where: isFlannel), !daemons.contains(where: isEngine) else { return [] }
        let image = flannel.template.containers.first { $0["image"]?.text?.contains("flannel") ?? false }?["image"]
        return [
            finding(
                flannel.object, at: flannel.object.place(image),
                severity: state.set.hasAll("DaemonSet") ? nil : .warning,
                confidence: state.set.hasAll("DaemonSet") ? .likely : .possible,
                summary:
                    "\(counted(state.policies.count, "NetworkPolicy", "NetworkPolicies")) \(state.policies.count == 1 ? "is" : "are") declared, and nothing that was read enforces them: flannel does not.",
                evidence: [
                    "\(flannel.object.title) is the network of the pods",
                    "no DaemonSet of Calico, Cilium, Antrea, kube-router or another policy engine was read",
                    "the first policy: \(policy.object.title)\(policy.object.place.words.map { " (\($0))" } ?? "")",
                ],
                cause: "The API takes policies whether or not anybody carries them out: all traffic passes.",
                remedy: [
                    "run a policy engine beside flannel (its own netpol option, Calico as Canal), or another CNI",
                    "leadsman check of a flow that a policy denies shows whether it is stopped",
                ])
        ]
    }

    private static func isFlannel(_ daemon: Workload) -> Bool { words(daemon).contains { $0.contains("flannel") } }

    private static func isEngine(_ daemon: Workload) -> Bool {
        words(daemon).contains { word in engines.contains { word.contains($0) } }
    }

    private static func words(_ daemon: Workload) -> [String] {
        ([daemon.name, daemon.namespace]
            + daemon.template.containers.flatMap { container in
                [container["name"]?.text, container["image"]?.text].compactMap(\.self)
            }).map { $0.lowercased() }
    }
}
