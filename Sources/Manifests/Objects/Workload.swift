import NetValues
import YAML

/// What runs pods: a pod without an owner, or the topmost owner of pods.
package struct Workload: Sendable {
    package let object: ManifestObject
    package let template: PodTemplate
    /// Nil where the kind has none (DaemonSet, Pod, Job).
    package let replicas: Int?
    /// Of a Pod, and of the pods that the API gave for this workload.
    package var addresses: [IPAddress]

    package var namespace: String { object.namespace }
    package var name: String { object.name }
    package var kind: String { object.kind }
    package var labels: [String: String] { template.labels }

    /// Without those that a controller gives to single pods and generations of them, which no policy should name.
    package var lastingLabels: [String: String] {
        let lasting = labels.filter { !Self.passingKeys.contains($0.key) }
        return lasting.isEmpty ? labels : lasting
    }

    private static let passingKeys: Set<String> = [
        "pod-template-hash", "controller-revision-hash", "pod-template-generation", "controller-uid", "job-name",
        "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index", "batch.kubernetes.io/job-completion-index",
    ]

    /// "ecommerce/frontend[Deployment]"
    package var title: String { "\(namespace)/\(name)[\(kind)]" }

    package static let kinds: Set<String> = [
        "Pod", "Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job", "CronJob",
    ]

    /// Nil for what runs no pods, or has no template.
    package init?(_ object: ManifestObject) {
        guard Self.kinds.contains(object.kind) || object.spec?["template"]?["spec"]?["containers"] != nil else {
            return nil
        }
        let path: [String] =
            switch object.kind {
            case "Pod": []
            case "CronJob": ["spec", "jobTemplate", "spec", "template"]
            default: ["spec", "template"]
            }
        guard let holder = path.isEmpty ? object.root : object.root[path], let spec = holder["spec"] else { return nil }
        self.object = object
        template = PodTemplate(metadata: holder["metadata"], spec: spec)
        replicas = object.spec?["replicas"]?.int
        let status = object["status"]
        let written =
            (status?["podIPs"]?.items ?? []).compactMap { $0["ip"]?.text } + [status?["podIP"]?.text].compactMap(\.self)
        addresses = Set(written).sorted().compactMap { IPAddress($0) }
    }

    /// A pod that has ended: it has no address any more, and no Service leads to it.
    var isOver: Bool {
        kind == "Pod" && ["Succeeded", "Failed"].contains(object["status", "phase"]?.text ?? "")
    }

    /// Kind and name of the owner that controls it.
    package var owner: (kind: String, name: String)? {
        let owners = object["metadata", "ownerReferences"]?.items ?? []
        let owner = owners.first { $0["controller"]?.bool == true } ?? owners.first
        guard let kind = owner?["kind"]?.text, let name = owner?["name"]?.text else { return nil }
        return (kind, name)
    }

    /// The nodes' own network: no policy selects it.
    package var isHostNetwork: Bool { template.isHostNetwork }
}
