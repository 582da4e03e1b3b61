import NetValues
import Observations
import Planning

/// A certificate's time is over (catalogue section 9).
enum TLSCertExpired: Rule {
    static let layer = Layer.tls
    static let explanation = FindingExplanation(
        id: "tls-cert-expired", severity: .critical, title: "The certificate has expired",
        signals: ["notAfter of the server's certificate, or of one that issued it, is past"],
        lookalikes: [
            "clock-skew: the own clock is wrong; compare it with other sources", "tls-cert-expiring: it is still valid",
        ],
        traps: [
            "several addresses of one name may present different certificates: each is looked at",
            "an expired intermediate breaks a fresh certificate",
        ],
        remedy: [
            "renew the certificate and have the server load it",
            "find out why the renewal did not happen (cert-manager: the Certificate's and CertificateRequest's events)",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let isPast = { (certificate: CertificateFact) in certificate.notAfter < evidence.now }
        return CertificateEvidence.all(in: evidence) { $0.chain.contains(where: isPast) }.map { found in
            let expired = found.handshakes.flatMap(\.chain).filter(isPast)
            let isLeaf = found.handshakes.contains { $0.chain.first.map(isPast) ?? false }
            let since = expired.map(\.notAfter).min().map { evidence.now - $0 } ?? .zero
            return finding(
                found.subject, checks: found.checks, confidence: .certain,
                summary:
                    "The \(isLeaf ? "certificate" : "issuing certificate") of \(found.subject) expired \(since.spoken) ago.",
                evidence: found.lines { isPast($1) } + ["this host's clock says \(evidence.now.spoken)"],
                cause: isLeaf
                    ? "The certificate was not renewed in time, or the server still holds the old one."
                    : "The server sends an issuing certificate whose time is over; clients that use it refuse the connection."
            )
        } + captured(evidence)
    }
}
