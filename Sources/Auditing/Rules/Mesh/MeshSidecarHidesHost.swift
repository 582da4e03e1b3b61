import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A Sidecar whose egress hosts leave out a Service that its pods use.
enum MeshSidecarHidesHost: AuditRule {
    static let explanation = MeshRouteMissing.explanation

    static func findings(in state: DeclaredState) -> [Finding] {
        guard !state.mesh.sidecars.isEmpty else { return [] }
        let names = ServiceNames(state)
        var told: Set<String> = []
        return state.workloads.compactMap { workload in
            guard state.membership(of: workload).isInside, let sidecar = state.mesh.sidecar(of: workload),
                let hosts = sidecar.egressHosts,
                let reference = names.references(of: workload).first(where: { !isKnown($0.service, sidecar) }),
                let effect = effect(of: reference, workload, state),
                told.insert("\(sidecar.object.title) \(reference.service.object.title)").inserted
            else { return nil }
            return tell(workload, sidecar, hosts, reference, effect)
        }
    }

    private static func isKnown(_ service: DeclaredService, _ sidecar: MeshSidecar) -> Bool {
        sidecar.knows("\(service.name).\(service.namespace).svc.cluster.local", of: service.namespace)
    }

    private struct Effect {
        let cause: String
        let evidence: [String]
    }

    /// What is passed on unknown arrives in plaintext, which does harm only where that is refused.
    private static func effect(
        of reference: ServiceNames.Reference, _ workload: Workload, _ state: DeclaredState
    ) -> Effect? {
        if let mode = MeshConfigMap.registryOnly(for: workload, state) {
            return Effect(
                cause: "The proxy has no route for a host that it does not know, and refuses it: 502, or a reset.",
                evidence: ["outboundTrafficPolicy REGISTRY_ONLY: \(mode.title)\(words(mode.place))"])
        }
        let pods = state.workloads(of: reference.service)
        let strict = pods.compactMap { pod in
            state.membership(of: pod).isInside
                ? state.mesh.strictPolicy(for: pod, at: reference.port?.port(at: pod.template)) : nil
        }
        guard let policy = strict.first, strict.count == pods.count else { return nil }
        return Effect(
            cause:
                "The proxy passes on what it does not know as it is, in plaintext; the proxy of the Service takes mutual TLS only and resets it.",
            evidence: ["\(policy.object.title)\(words(policy.object.place)) makes mutual TLS a must there"])
    }

    private static func words(_ place: ManifestPlace) -> String { place.words.map { " (\($0))" } ?? "" }

    private static func tell(
        _ workload: Workload, _ sidecar: MeshSidecar, _ hosts: [YAMLNode], _ reference: ServiceNames.Reference,
        _ effect: Effect
    ) -> Finding {
        let service = reference.service
        let missing = "\(service.namespace)/\(service.name).\(service.namespace).svc.cluster.local"
        let listeners = sidecar.object["spec", "egress"]?.items ?? []
        let entry = listeners.lazy.compactMap { $0.entry("hosts") }.first
        return finding(
            sidecar.object, at: sidecar.object.place(entry), confidence: .likely,
            summary:
                "\(sidecar.object.title) does not name \(service.object.title), which \(workload.title) uses: its proxy does not know it.",
            evidence: [
                "egress hosts: \(listed(hosts.compactMap(\.text).map { $0.escaped(limit: 120) }))",
                "\(reference.what) of \(workload.title)\(words(workload.object.place(reference.node))) names the Service",
            ] + effect.evidence, cause: effect.cause,
            remedy: ["add \(missing) to spec.egress[].hosts of the Sidecar"],
            patch: listeners.count == 1 ? patch(hosts, missing) : nil)
    }

    private static func patch(_ hosts: [YAMLNode], _ missing: String) -> String {
        (["spec:", "  egress:", "  - hosts:"]
            + (hosts.compactMap(\.text) + [missing]).map { "    - \(yamlScalar($0))" }).joined(separator: "\n")
    }
}
