import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Versions of TLS before 1.2 that a front is told to accept (catalogue section 9, as manifests show it).
enum DeclaredTLSVersions: AuditRule {
    static let explanation = FindingExplanation.shared("tls-version-mismatch", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        state.mesh.gateways.flatMap(servers) + state.objects("ConfigMap", "").compactMap(nginx)
    }

    private static func servers(_ gateway: MeshGateway) -> [Finding] {
        gateway.servers.compactMap { server in
            guard let node = server.node["tls", "minProtocolVersion"], let word = node.text,
                ["TLSV1_0", "TLSV1_1"].contains(word)
            else { return nil }
            return tell(
                gateway.object, gateway.object.place(node), "minProtocolVersion \(word)",
                patch: "tls:\n  minProtocolVersion: TLSV1_2")
        }
    }

    /// The configuration of ingress-nginx.
    private static func nginx(_ map: ManifestObject) -> Finding? {
        guard map.name.contains("nginx") || map.name.contains("ingress"),
            let entry = map["data"]?.entry("ssl-protocols"), let text = entry.value.text,
            text.split(separator: " ").contains(where: { ["TLSv1", "TLSv1.0", "TLSv1.1", "SSLv3"].contains($0) })
        else { return nil }
        return tell(
            map, map.place(entry), "ssl-protocols \(text.escaped(limit: 120))",
            patch: "data:\n  ssl-protocols: \"TLSv1.2 TLSv1.3\"")
    }

    private static func tell(_ object: ManifestObject, _ place: ManifestPlace, _ words: String, patch: String)
        -> Finding
    {
        finding(
            object, at: place, severity: .warning, confidence: .likely,
            summary: "\(object.title) accepts versions of TLS before 1.2.", evidence: [words],
            cause:
                "TLS 1.0 and 1.1 are withdrawn (RFC 8996): clients of today refuse them, and what accepts them fails audits.",
            remedy: ["accept TLS 1.2 and 1.3 only, once no old client needs the others"], patch: patch)
    }
}
