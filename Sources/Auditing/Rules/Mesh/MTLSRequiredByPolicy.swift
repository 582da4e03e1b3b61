import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// STRICT mutual TLS beside callers that have no certificate: what its effect will be.
enum MTLSRequiredByPolicy: AuditRule {
    static let explanation = FindingExplanation.shared("mtls-required", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        state.mesh.peerAuthentications.compactMap { policy in
            guard policy.mode == .strict else { return nil }
            return finding(policy, state)
        }
    }

    private static func finding(_ policy: PeerAuthentication, _ state: DeclaredState) -> Finding? {
        let isDocument = DeclaredState.isDocument(policy.object.file)
        let outside = state.workloads.filter { workload in
            let membership = state.membership(of: workload)
            return !["kube-system", MeshState.rootNamespace].contains(workload.namespace)
                && (membership.isOutside || isDocument && membership == .unknown)
        }
        // Callers are not declared: those of the same namespace are the likeliest, and all of them where it holds everywhere.
        let concerned = policy.isMeshWide ? outside : outside.filter { $0.namespace == policy.object.namespace }
        let isInside = state.workloads.contains { policy.concerns($0) && state.membership(of: $0).isInside }
        guard !concerned.isEmpty, isInside || isDocument else { return nil }
        let scope = policy.isMeshWide ? "the whole mesh" : "namespace \(policy.object.namespace.escaped(limit: 63))"
        return finding(
            policy.object, at: policy.object.place(policy.modeNode), severity: isDocument ? .error : .warning,
            confidence: .possible,
            summary:
                "\(policy.object.title) makes mutual TLS a must in \(scope), and pods without a sidecar cannot speak it.",
            evidence: [
                "mode STRICT, \(policy.isMeshWide ? "in the root namespace: it holds for every sidecar" : "for \(policy.selector?.words ?? "all pods of the namespace")")",
                "no sidecar is asked for by \(listed(concerned))",
            ],
            cause:
                "A sidecar resets connections that bring no certificate of the mesh; plaintext requests of these pods get a reset.",
            remedy: [
                "bring the callers into the mesh: label their namespace (istio-injection=enabled) and restart them",
                "until then mode PERMISSIVE, or an exemption of the port (portLevelMtls)",
            ])
    }

    private static func listed(_ workloads: [Workload]) -> String {
        let shown = workloads.prefix(4).map(\.title).joined(separator: ", ")
        return workloads.count > 4 ? "\(shown) and \(workloads.count - 4) more" : shown
    }
}
