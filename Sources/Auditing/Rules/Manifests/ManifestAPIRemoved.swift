import Diagnosis
import Manifests
import Planning
import YAML

/// A version of an API that today's clusters serve no more.
enum ManifestAPIRemoved: AuditRule {
    static let explanation = FindingExplanation(
        id: "manifest-api-removed", severity: .error, title: "A version of the API is served no more",
        signals: [
            "apiVersion and kind are in Kubernetes' list of removed versions",
            "an API or command of KubeFed, which is archived",
        ],
        lookalikes: ["a kind that nobody knows: manifest-api-unknown"],
        traps: [
            "an older cluster serves it still: the release that its API tells decides, or the version of its nodes",
            "what was read from an API exists, and the API serves it under its new version after an upgrade as well: that is no finding",
        ],
        remedy: [
            "write the version that took its place",
            "kubectl convert -f FILE --output-version VERSION does it for most kinds",
        ])

    static func findings(in state: DeclaredState) -> [Finding] {
        let version = state.set.release ?? oldestKubelet(state)
        let removed = state.set.objects.compactMap { object -> Finding? in
            if object.group.hasSuffix(".kubefed.io") { return archived(object) }
            // In which version an object of an API was read says what we asked for, not what anybody wrote.
            guard object.file != nil, let api = RemovedAPI.of(object.apiVersion, object.kind) else { return nil }
            if let version, version < api.goneIn { return nil }
            return finding(object, api)
        }
        return removed + commands(state)
    }

    private static func finding(_ object: ManifestObject, _ api: RemovedAPI) -> Finding {
        let successor = api.successor == "none" ? "nothing took its place" : "\(api.successor) took its place"
        return finding(
            object, at: object.place(object["apiVersion"]),
            summary:
                "\(object.title): \(object.apiVersion) is not served since Kubernetes 1.\(api.goneIn); \(successor).",
            evidence: [
                "apiVersion: \(object.apiVersion)", "\(object.kind) was removed from it in Kubernetes 1.\(api.goneIn)",
            ],
            cause: "The API server answers \"no matches for kind \(object.kind)\", so the object never comes to be.",
            remedy: api.isSame || api.successor == "none"
                ? nil
                : [
                    "write \(api.successor); its fields differ, so convert it: kubectl convert -f FILE --output-version \(api.successor)"
                ],
            patch: api.isSame ? "apiVersion: \(api.successor)" : nil)
    }

    private static func archived(_ object: ManifestObject) -> Finding {
        finding(
            object, at: object.place(object["apiVersion"]), severity: .warning,
            summary: "\(object.title) is of KubeFed, which nobody maintains any more.",
            evidence: ["apiVersion: \(object.apiVersion)"],
            cause: "The project is archived since 2023; it does not follow today's Kubernetes.",
            remedy: ["use the multi-cluster Services API (multicluster.k8s.io), or a tool of GitOps per cluster"])
    }

    /// `kubefed join …`: once, however many clusters join.
    private static func commands(_ state: DeclaredState) -> [Finding] {
        guard
            let command = state.set.commands.first(where: {
                $0.words.first == "kubefed" || $0.words.first == "kubefedctl"
            })
        else { return [] }
        return [
            finding(
                about: "kubefed", at: command.place, severity: .warning,
                summary: "The guide joins clusters with KubeFed, which nobody maintains any more.",
                evidence: [
                    "\(command.place.words ?? ""): kubefed \(command.words.dropFirst().first == "join" ? "join" : "")"
                ],
                cause: "The project is archived since 2023; it does not follow today's Kubernetes.",
                remedy: ["use the multi-cluster Services API (multicluster.k8s.io), or a tool of GitOps per cluster"])
        ]
    }

    /// The oldest kubelet's minor version, where nodes were read.
    private static func oldestKubelet(_ state: DeclaredState) -> Int? {
        let versions = state.objects("Node", "").compactMap { node -> Int? in
            let parts = node["status", "nodeInfo", "kubeletVersion"]?.text?.split(separator: ".")
            return parts.flatMap { $0.count > 1 ? Int($0[1].prefix { $0.isNumber }) : nil }
        }
        return versions.min()
    }
}
