import Manifests
import NetValues
import Observations
import Planning
import YAML

/// An ingress controller shows its placeholder (catalogue section 9).
enum TLSDefaultCertificate: Rule {
    static let layer = Layer.tls
    static let explanation = FindingExplanation(
        id: "tls-default-certificate", severity: .error, title: "The controller's placeholder certificate is served",
        signals: [
            "the certificate is the one that ingress-nginx or Traefik makes for itself (Kubernetes Ingress Controller Fake Certificate, TRAEFIK DEFAULT CERT)",
            "with manifests: the host is in no tls entry, or its Secret is not there, or holds a certificate for other names",
            "manifests alone: the Secret of an Ingress' tls entry is not in its namespace, or holds no certificate",
            "manifests alone: a host is in no tls entry of an Ingress that has some",
        ],
        lookalikes: ["tls-name-mismatch: a real certificate, for another name"],
        traps: [
            "cert-manager and others make the Secret: until then the placeholder is served",
            "a wildcard certificate may be the controller's default on purpose",
        ],
        remedy: [
            "put the Secret (type kubernetes.io/tls) into the namespace of the Ingress, and the host into tls.hosts",
            "look at the controller's log: it says which Secret it could not use",
        ])

    /// What such a certificate is otherwise called.
    static let replaces: Set<String> = ["tls-name-mismatch", "tls-chain-untrusted", "expectation-unmet"]

    private static let placeholders = ["Kubernetes Ingress Controller Fake Certificate", "TRAEFIK DEFAULT CERT"]

    static func findings(in evidence: Evidence) -> [Finding] {
        CertificateEvidence.all(in: evidence) { handshake in
            handshake.nameMatch != true && handshake.chain.first.map(isPlaceholder) ?? false
        }.map { found in
            let fault = evidence.declared.flatMap { view in
                found.handshakes.lazy.compactMap(\.serverName).compactMap { Self.fault($0.lowercased(), view) }.first
            }
            var finding = finding(
                found.subject, checks: found.checks, confidence: .certain,
                summary:
                    "\(found.subject) shows the placeholder certificate of its ingress controller\(fault.map { ": \($0.reason)" } ?? "").",
                evidence: (fault.map { [$0.place.words] } ?? []) + found.lines { depth, _ in depth == 0 },
                cause:
                    "The controller has no certificate that it can use for this name, and shows one that it made for itself, which no client trusts."
            )
            finding.location = fault?.place.location
            return finding
        }
    }

    private static func isPlaceholder(_ certificate: CertificateFact) -> Bool {
        placeholders.contains { certificate.commonName == $0 || certificate.subject.contains($0) }
    }

    private struct Fault {
        let reason: String
        let place: DeclaredPlace
    }

    /// Nil where what was read does not say why.
    private static func fault(_ host: String, _ view: DeclaredView) -> Fault? {
        let owners = view.state.ingresses.filter { ingress in
            ingress.hosts.contains { HostPattern.rank(of: host, $0.name.lowercased()) != nil }
        }
        guard let ingress = owners.only else { return nil }
        let entries = ingress.tls.filter { entry in
            entry.hosts.contains { HostPattern.rank(of: host, $0.lowercased()) != nil }
        }
        let title = ingress.object.title
        guard let entry = entries.first else {
            // An entry without hosts is for all of them.
            guard !ingress.tls.contains(where: { $0.hosts.isEmpty }),
                let line = ingress.hosts.first(where: { HostPattern.rank(of: host, $0.name.lowercased()) != nil })?.line
            else { return nil }
            return Fault(
                reason: "\(title) has no tls entry for this host",
                place: DeclaredPlace(
                    "\(title) has the host \(host.escaped(limit: 253)), and no tls entry names it", ingress.object,
                    line: line))
        }
        guard let secret = entry.secret else { return nil }
        func fault(_ reason: String) -> Fault {
            Fault(
                reason: reason,
                place: DeclaredPlace(
                    "\(title) takes the certificate from the Secret \(secret.escaped(limit: 63)) of namespace \(ingress.namespace)",
                    ingress.object, line: entry.line))
        }
        guard view.state.object("Secret", ingress.namespace, secret) != nil else {
            let elsewhere = view.state.objects("Secret", "").filter { $0.name == secret }.map(\.namespace)
            guard view.state.set.hasAll("Secret") || !elsewhere.isEmpty else { return nil }
            let home = elsewhere.first.map { ", but in \($0.escaped(limit: 63))" } ?? ""
            return fault("the Secret \(secret.escaped(limit: 63)) is not in namespace \(ingress.namespace)\(home)")
        }
        let certificate = view.state.set.certificates.first {
            $0.object.namespace == ingress.namespace && $0.object.name == secret
        }
        guard let leaf = certificate?.leaf,
            !leaf.names.contains(where: { HostPattern.rank(of: host, $0.lowercased()) != nil })
        else { return nil }
        return fault(
            "the certificate of the Secret \(secret.escaped(limit: 63)) is for \(listed(leaf.names.map { $0.escaped(limit: 80) }, limit: 4))"
        )
    }
}
