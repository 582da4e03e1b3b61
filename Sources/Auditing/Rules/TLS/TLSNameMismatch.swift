import Diagnosis
import Manifests
import NetValues
import Planning
import Wire

/// An Ingress whose certificate is for other names (catalogue section 9).
enum TLSNameMismatch: AuditRule {
    static let explanation = FindingExplanation.shared("tls-name-mismatch", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        state.ingresses.flatMap { ingress in
            ingress.tls.flatMap { findings($0, ingress, state) }
        }
    }

    private static func findings(_ entry: DeclaredIngress.TLS, _ ingress: DeclaredIngress, _ state: DeclaredState)
        -> [Finding]
    {
        guard let secret = entry.secret,
            let held = state.set.certificates.first(where: {
                $0.object.namespace == ingress.namespace && $0.object.name == secret
            }), let leaf = held.leaf
        else { return [] }
        return entry.hosts.filter { !isFor($0, leaf) }.map { host in
            let line = ingress.hosts.first { $0.name == host }?.line ?? entry.line
            return finding(
                ingress.object, at: ManifestPlace(file: ingress.object.file, line: line),
                summary:
                    "The certificate of \(ingress.object.title) is not for its host \(host.escaped(limit: 253)).",
                evidence: ["\(held.object.title)\(held.place.words.map { " (\($0))" } ?? "")"]
                    + CertificateWords.lines(leaf)
                    + (leaf.names.isEmpty ? ["it names no host at all (no subjectAltName)"] : []),
                cause: "Clients compare the name they asked for with the names of the certificate, and refuse another.",
                remedy: ["use a certificate that names the host"])
        }
    }

    static func isFor(_ host: String, _ leaf: DeclaredCertificate.Facts) -> Bool {
        let wanted = host.lowercased()
        // A wildcard host needs the wildcard itself.
        guard !wanted.hasPrefix("*.") else { return leaf.names.contains { $0.lowercased() == wanted } }
        guard let name = DomainName(wanted) else { return true }
        return CertificateNames.areValid(for: .name(name), dnsNames: leaf.names, ipAddresses: [])
    }
}
