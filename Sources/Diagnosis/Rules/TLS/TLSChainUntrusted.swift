import NetValues
import Observations
import Planning

/// The certificate leads to no authority that is trusted here (catalogue section 9).
enum TLSChainUntrusted: Rule {
    static let layer = Layer.tls
    static let explanation = FindingExplanation(
        id: "tls-chain-untrusted", severity: .error, title: "The certificate is not trusted here",
        signals: ["self-signed, an unknown issuer, or an issuing certificate that the server does not send"],
        lookalikes: [
            "tls-cert-expired: trusted, but over",
            "interception: an egress firewall shows its own issuer for public names",
        ],
        traps: ["the trust store of this image may be missing or old: the evidence names which store was used"],
        remedy: [
            "if it is an own CA: give it to the client (ca: in the plan, --ca, or SSL_CERT_FILE)",
            "if an issuing certificate is missing: have the server send the full chain",
        ])

    private static let kinds: Set<VerificationProblem.Kind> = [.selfSigned, .unknownIssuer, .untrustedRoot]

    static func findings(in evidence: Evidence) -> [Finding] {
        CertificateEvidence.all(in: evidence) { $0.verification.contains { kinds.contains($0.kind) } }.map { found in
            let problems = found.handshakes.flatMap(\.verification).filter { kinds.contains($0.kind) }.unique()
            return finding(
                found.subject, checks: found.checks, confidence: .certain,
                summary: "The certificate of \(found.subject) is not trusted here: \(reason(found, problems)).",
                evidence: evidenceLines(problems.map { "at depth \($0.depth): \($0.reason)" })
                    + ["trusted authorities were taken from \(listed(found.handshakes.map(\.trustStore).unique()))"]
                    + found.lines { _, _ in true },
                cause: cause(found, problems))
        } + captured(evidence)
    }

    private static func reason(_ found: CertificateEvidence, _ problems: [VerificationProblem]) -> String {
        if problems.contains(where: { $0.kind == .selfSigned && $0.depth == 0 }) { return "it is self-signed" }
        if problems.contains(where: { $0.kind == .untrustedRoot || $0.kind == .selfSigned }) {
            return "its root is not among the trusted authorities"
        }
        let issuer = found.handshakes.compactMap(\.chain.last).first?.issuer ?? "its issuer"
        return "the issuer \(issuer.escaped(limit: 80)) is unknown"
    }

    private static func cause(_ found: CertificateEvidence, _ problems: [VerificationProblem]) -> String {
        if problems.contains(where: { $0.kind == .unknownIssuer }) {
            return
                "Either the server does not send the certificate of its issuer, or that issuer is not trusted by this host."
        }
        return "The certificate was made by an authority that this host does not trust."
    }
}
