import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// An Ingress whose clients get the controller's own certificate (catalogue section 9).
enum TLSDefaultCertificate: AuditRule {
    static let explanation = FindingExplanation.shared("tls-default-certificate", severity: .error)

    static func findings(in state: DeclaredState) -> [Finding] {
        state.ingresses.flatMap { ingress in
            ingress.tls.compactMap { missing($0, ingress, state) ?? unreadable($0, ingress, state) }
                + uncovered(ingress)
        }
    }

    private static let cause =
        "The controller serves its own placeholder instead (\"Kubernetes Ingress Controller Fake Certificate\"), which no client trusts."

    private static func missing(_ entry: DeclaredIngress.TLS, _ ingress: DeclaredIngress, _ state: DeclaredState)
        -> Finding?
    {
        guard let secret = entry.secret, state.object("Secret", ingress.namespace, secret) == nil,
            !IngressSecrets.isIssued(secret, ingress.namespace, ingress.object, state)
        else { return nil }
        let elsewhere = state.objects("Secret", "").filter { $0.name == secret }
        let isWhole = state.set.hasAll("Secret")
        guard isWhole || !elsewhere.isEmpty else { return nil }
        return finding(
            ingress.object, at: ManifestPlace(file: ingress.object.file, line: entry.line),
            confidence: isWhole ? .certain : .likely,
            summary:
                "\(ingress.object.title) takes its certificate from the Secret \(secret.escaped(limit: 63)), which is not in its namespace \(ingress.namespace)\(ingress.object.writtenNamespace == nil ? " (it names none)" : "").",
            evidence: elsewhere.prefix(3).map { other in
                "\(other.title)\(other.place.words.map { " (\($0))" } ?? "") is of namespace \(other.namespace)"
            } + (elsewhere.isEmpty ? ["no Secret of that name in the cluster"] : []),
            cause: cause,
            remedy: [
                elsewhere.count == 1 && ingress.object.writtenNamespace == nil
                    ? "set metadata.namespace of the Ingress to \(elsewhere[0].namespace)"
                    : "put the Secret into namespace \(ingress.namespace): an Ingress reads those of its own only"
            ],
            patch: elsewhere.count == 1 && ingress.object.writtenNamespace == nil
                ? YAMLLines.namespace(elsewhere[0].namespace) : nil)
    }

    /// A Secret that was read and holds nothing of use.
    private static func unreadable(_ entry: DeclaredIngress.TLS, _ ingress: DeclaredIngress, _ state: DeclaredState)
        -> Finding?
    {
        guard let secret = entry.secret, let object = state.object("Secret", ingress.namespace, secret),
            state.set.readAt != nil
        else { return nil }
        let certificate = state.set.certificates.first {
            $0.object.namespace == object.namespace && $0.object.name == object.name
        }
        // The API server leaves out what may not be read, and so do people.
        let hasKeys = certificate != nil || object["data"]?.isMap ?? false || object["stringData"]?.isMap ?? false
        guard hasKeys, certificate?.chain.isEmpty ?? true else { return nil }
        return finding(
            object,
            at: certificate?.place ?? object.place(object.root.entry("data") ?? object.root.entry("stringData")),
            confidence: .likely,
            summary:
                "\(object.title), from which \(ingress.object.title) takes its certificate, holds none that can be read.",
            evidence: [
                certificate == nil
                    ? "it has no tls.crt"
                    : "its tls.crt is no certificate in PEM (BEGIN CERTIFICATE), encoded in base64"
            ], cause: cause,
            remedy: ["make it anew: kubectl create secret tls \(secret.escaped(limit: 63)) --cert=… --key=…"])
    }

    /// Where an Ingress speaks of TLS for some hosts and forgets one.
    private static func uncovered(_ ingress: DeclaredIngress) -> [Finding] {
        guard !ingress.tls.isEmpty, !ingress.tls.contains(where: { $0.hosts.isEmpty }) else { return [] }
        let covered = ingress.tls.flatMap(\.hosts)
        return ingress.hosts.filter { host in !covered.contains { covers($0, host.name) } }.map { host in
            finding(
                ingress.object, at: ManifestPlace(file: ingress.object.file, line: host.line), confidence: .likely,
                summary:
                    "The host \(host.name.escaped(limit: 253)) of \(ingress.object.title) is in none of its tls entries.",
                evidence: ["tls.hosts: \(listed(covered.map { $0.escaped(limit: 253) }))"], cause: cause,
                remedy: ["add the host to tls.hosts, with a certificate that names it"])
        }
    }

    private static func covers(_ pattern: String, _ host: String) -> Bool {
        let (pattern, host) = (pattern.lowercased(), host.lowercased())
        guard pattern.hasPrefix("*.") else { return pattern == host }
        return host == pattern || host.split(separator: ".", maxSplits: 1).last.map { "*.\($0)" } == pattern
    }
}
