import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Clients that are told to speak plaintext, or TLS of their own, to pods that take mutual TLS only (catalogue section 9; IST0113).
enum MTLSClientSettings: AuditRule {
    static let explanation = FindingExplanation.shared("mtls-required", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        guard state.mesh.peerAuthentications.contains(where: { $0.mode == .strict }) else { return [] }
        return state.mesh.destinationRules.compactMap { rule($0, state) }
            + state.mesh.installations.compactMap { installation($0, state) }
    }

    private static let refused: Set<String> = ["DISABLE", "SIMPLE", "MUTUAL"]

    private static func rule(_ rule: DestinationRule, _ state: DeclaredState) -> Finding? {
        let policy = rule.object["spec", "trafficPolicy"]
        // What ports or subsets say for themselves would have to be weighed one by one.
        guard let mode = policy?["tls", "mode"], let word = mode.text, refused.contains(word),
            policy?["portLevelSettings"] == nil, !rule.subsets.contains(where: { $0.node["trafficPolicy"] != nil }),
            let name = MeshHost.service(MeshHost.full(rule.host, in: rule.object.namespace)),
            let service = state.service(name.namespace, name.name)
        else { return nil }
        let pods = state.workloads(of: service)
        let strict = pods.compactMap { pod -> PeerAuthentication? in
            guard state.membership(of: pod).isInside else { return nil }
            let ports = service.ports.map { $0.port(at: pod.template) }
            let policies = ports.map { state.mesh.strictPolicy(for: pod, at: $0) }
            return policies.contains { $0 == nil } ? nil : policies.first?.flatMap(\.self)
        }
        guard let first = strict.first, strict.count == pods.count else { return nil }
        return finding(
            rule.object, at: rule.object.place(mode), confidence: .likely,
            summary:
                "\(rule.object.title) tells clients tls mode \(word) for \(service.object.title), whose pods take the mesh's mutual TLS only.",
            evidence: ["\(first.object.title)\(words(first.object, first.modeNode)): mode STRICT"],
            cause: "The proxy of the pods resets what does not bring a certificate of the mesh; callers see 503.",
            remedy: [
                "write mode: ISTIO_MUTUAL, or take tls out of the trafficPolicy: the mesh then chooses by itself",
                "or exempt the port by a PeerAuthentication (portLevelMtls)",
            ],
            patch: "spec:\n  trafficPolicy:\n    tls:\n      mode: ISTIO_MUTUAL")
    }

    /// Without `enableAutoMtls` a client speaks mutual TLS only where a DestinationRule says so.
    private static func installation(_ installation: MeshInstallation, _ state: DeclaredState) -> Finding? {
        guard let auto = installation.autoMTLS, !auto.isOn,
            let strict = state.mesh.peerAuthentications.first(where: { $0.mode == .strict }),
            !state.mesh.destinationRules.contains(where: { rule in
                rule.object["spec", "trafficPolicy", "tls", "mode"]?.text == "ISTIO_MUTUAL"
            })
        else { return nil }
        return finding(
            installation.object, at: installation.object.place(auto.node),
            severity: state.set.hasAll("DestinationRule") ? nil : .warning,
            confidence: state.set.hasAll("DestinationRule") ? .likely : .possible,
            summary:
                "\(installation.object.title) switches automatic mutual TLS off, and \(strict.object.title) makes it a must.",
            evidence: [
                "\(strict.object.title)\(words(strict.object, strict.modeNode)): mode STRICT",
                "no DestinationRule that was read sets ISTIO_MUTUAL for clients",
            ],
            cause: "Clients of the mesh speak plaintext unless they are told otherwise, and are reset.",
            remedy: ["take enableAutoMtls: false out, or declare a DestinationRule for *.local with ISTIO_MUTUAL"],
            patch: """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata:
                  name: default
                  namespace: \(MeshState.rootNamespace)
                spec:
                  host: "*.local"
                  trafficPolicy:
                    tls:
                      mode: ISTIO_MUTUAL
                """)
    }

    private static func words(_ object: ManifestObject, _ node: YAMLNode?) -> String {
        object.place(node).words.map { " (\($0))" } ?? ""
    }
}
