import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// Clusters of one mesh that do not trust each other's identities (catalogue section 9, the static half).
enum MTLSTrustMismatch: AuditRule {
    static let explanation = FindingExplanation(
        id: "mtls-trust-mismatch", severity: .error, title: "Two clusters do not trust each other's certificates",
        signals: [
            "installations of one mesh (meshID) have different trust domains, and neither names the other's as an alias",
            "live: a handshake with a client certificate ends with unknown_ca or bad_certificate",
        ],
        lookalikes: ["an expired certificate: tls-cert-expired"],
        traps: ["meshes that are not meant to be one have trust domains of their own"],
        remedy: [
            "give the clusters one root certificate and one trust domain",
            "or name the other's trust domain in meshConfig.trustDomainAliases of each",
        ])

    static func findings(in state: DeclaredState) -> [Finding] {
        let meshes = Dictionary(
            grouping: state.mesh.installations.filter { $0.meshID != nil }, by: { $0.meshID ?? "" })
        return meshes.keys.sorted().compactMap { id in
            let clusters = meshes[id] ?? []
            guard let first = clusters.first, Set(clusters.compactMap(\.clusterName)).count > 1 else { return nil }
            let other = clusters.dropFirst().first { domain($0) != domain(first) && !accept(first, $0) }
            return other.map { tell($0, first, id) }
        }
    }

    private static func domain(_ installation: MeshInstallation) -> String {
        installation.trustDomain?.name ?? "cluster.local"
    }

    private static func accept(_ one: MeshInstallation, _ other: MeshInstallation) -> Bool {
        one.trustDomainAliases.contains(domain(other)) && other.trustDomainAliases.contains(domain(one))
    }

    private static func tell(_ one: MeshInstallation, _ other: MeshInstallation, _ mesh: String) -> Finding {
        finding(
            one.object, at: one.object.place(one.trustDomain?.node), confidence: .likely,
            summary:
                "\(cluster(one)) and \(cluster(other)) are of one mesh and have different trust domains: \(shown(one)) and \(shown(other)).",
            evidence: [
                "meshID \(mesh.escaped(limit: 63))",
                "\(other.object.title)\(other.object.place(other.trustDomain?.node).words.map { " (\($0))" } ?? ""): trust domain \(shown(other))",
                "trustDomainAliases of at least one of them does not name the other's",
            ],
            cause:
                "Identities begin with the trust domain: those of the other cluster are not known, so that handshakes or authorization fail.",
            patch: "spec:\n  meshConfig:\n    trustDomainAliases:\n"
                + (one.trustDomainAliases + [domain(other)]).unique().map { "    - \(yamlScalar($0))" }.joined(
                    separator: "\n"))
    }

    private static func shown(_ installation: MeshInstallation) -> String { domain(installation).escaped(limit: 120) }

    private static func cluster(_ installation: MeshInstallation) -> String {
        installation.clusterName.map { "cluster \($0.escaped(limit: 63))" } ?? installation.object.title
    }
}
