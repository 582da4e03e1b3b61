import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Pods that should be in the mesh and are not.
enum MeshSidecarMissing: AuditRule {
    static let explanation = FindingExplanation(
        id: "mesh-sidecar-missing", severity: .warning, title: "Pods of the mesh have no sidecar",
        signals: [
            "the namespace asks for sidecars, and a running pod in it has none (IST0103)",
            "a guide labels a namespace for injection and restarts nothing after it",
            "policies of the mesh hold for pods of a namespace that asks for no sidecar",
        ],
        lookalikes: ["ambient mode, which has no sidecars", "pods that refuse one, and those of the host's network"],
        traps: [
            "a template shows no sidecar: it is added when the pod is created, so only running pods show whether it is there"
        ],
        remedy: ["restart the workloads: kubectl rollout restart deployment -n NAMESPACE"])

    static func findings(in state: DeclaredState) -> [Finding] {
        running(state) + labelled(state) + unprotected(state)
    }

    private static func isStrict(_ workload: Workload, _ state: DeclaredState) -> Bool {
        state.mesh.peerAuthentications.contains { $0.mode == .strict && $0.concerns(workload) }
    }

    /// Pods that the API gave, with the containers they have.
    private static func running(_ state: DeclaredState) -> [Finding] {
        state.objects("Pod", "").compactMap { object in
            guard object["status", "phase"]?.text == "Running", let pod = Workload(object),
                state.membership(of: pod) == .asked,
                state.namespaces[pod.namespace]?["istio.io/dataplane-mode"] != "ambient"
            else { return nil }
            let isStrict = isStrict(pod, state)
            return finding(
                object, severity: isStrict ? .error : .warning,
                summary: "\(object.title) runs without the sidecar that its namespace asks for.",
                evidence: [
                    "phase Running, and no container istio-proxy",
                    "injection is asked for in \(pod.namespace.escaped(limit: 63))",
                ],
                cause:
                    "Sidecars are added when a pod is created: this one is older than the label, or the injector did not answer.",
                remedy: [
                    "restart the workload: kubectl rollout restart -n \(pod.namespace.escaped(limit: 63)) deployment"
                ])
        }
    }

    private static func labelled(_ state: DeclaredState) -> [Finding] {
        var created = Set<String>()
        var restarted: [(namespace: String, place: ManifestPlace)] = []
        for command in state.set.commands where command.words.contains("rollout") && command.words.contains("restart") {
            restarted.append((namespace(of: command.words), command.place))
        }
        return state.set.commands.compactMap { command -> Finding? in
            switch NamespaceCommand(command.words) {
            case .create(let name):
                created.insert(name)
                return nil
            case .label(let name, let labels):
                guard labels["istio-injection"] == "enabled" || labels["istio.io/rev"] != nil, !created.contains(name),
                    !restarted.contains(where: { $0.namespace == name && $0.place > command.place })
                else { return nil }
                return finding(label: name, command.place, state)
            case nil: return nil
            }
        }
    }

    private static func namespace(of words: [String]) -> String {
        for (word, next) in zip(words, words.dropFirst()) where word == "-n" || word == "--namespace" { return next }
        return words.first { $0.hasPrefix("--namespace=") }.map { String($0.dropFirst(12)) } ?? "default"
    }

    private static func finding(label name: String, _ place: ManifestPlace, _ state: DeclaredState) -> Finding {
        let pods = state.workloads(in: name)
        let isStrict = state.mesh.peerAuthentications.contains {
            $0.mode == .strict && ($0.isMeshWide || $0.object.namespace == name)
        }
        let shown = name.escaped(limit: 63)
        let evidence =
            pods.isEmpty ? [] : ["declared in \(shown): \(pods.prefix(5).map(\.title).joined(separator: ", "))"]
        return finding(
            about: "Namespace \(shown)", at: place, severity: isStrict ? .error : .warning, confidence: .possible,
            summary: "Pods that run in \(shown) before this label get no sidecar until they are restarted.",
            evidence: ["\(place.words ?? ""): the namespace is labelled for injection, and nothing restarts after it"]
                + evidence,
            cause: "Sidecars are added when a pod is created; the label changes nothing of pods there are.",
            remedy: ["restart the workloads after the label: kubectl rollout restart deployment -n \(shown)"])
    }

    /// Rules of the mesh that no proxy carries out.
    private static func unprotected(_ state: DeclaredState) -> [Finding] {
        state.mesh.authorizationPolicies.compactMap { policy in
            guard policy.selector != nil, policy.object.namespace != MeshState.rootNamespace else { return nil }
            let pods = state.workloads(in: policy.object.namespace).filter(policy.concerns)
            guard !pods.isEmpty, pods.allSatisfy({ state.membership(of: $0).isOutside }) else { return nil }
            var finding = finding(
                policy.object, confidence: .likely,
                summary: "\(policy.object.title) protects pods that have no sidecar to enforce it.",
                evidence: [
                    "it selects \(pods.prefix(5).map(\.title).joined(separator: ", "))",
                    "namespace \(policy.object.namespace.escaped(limit: 63)) was declared without istio-injection or istio.io/rev",
                ],
                cause:
                    "An AuthorizationPolicy is carried out by the proxy beside the pod; without one everything is allowed.",
                remedy: ["label the namespace (istio-injection=enabled) and restart its workloads"])
            // Of the Namespace, whose other labels stay.
            finding.patch = policy.object.writtenNamespace.map {
                "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: \(yamlScalar($0))\n  labels:\n    istio-injection: enabled"
            }
            finding.isPatchPart = true
            return finding
        }
    }
}
