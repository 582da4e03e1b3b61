import NetValues
import Observations
import Planning

/// A certificate that will soon be over (catalogue section 9).
enum TLSCertExpiring: Rule {
    static let layer = Layer.performance
    static let explanation = FindingExplanation(
        id: "tls-cert-expiring", severity: .warning, title: "The certificate expires soon",
        signals: [
            "less than 14 days are left, or less than a quarter of its lifetime if that is shorter; or less than the plan's validFor"
        ],
        lookalikes: ["tls-cert-expired: it is over already"],
        traps: ["certificates of a mesh live for a day: a fixed number of days would always warn"],
        remedy: ["renew it now, and see why the automatic renewal has not (cert-manager: renewBefore)"])

    static func findings(in evidence: Evidence) -> [Finding] {
        evidence.checks.filter { !$0.handshakes.isEmpty }.flatMap { check -> [Finding] in
            let declared = check.check.expectation.parameters.span("validFor")
            let ending = { (certificate: CertificateFact) in
                endsSoon(certificate, declared: declared, now: evidence.now)
            }
            return CertificateEvidence.all(in: evidence.only(check)) { $0.chain.contains(where: ending) }.map { found in
                let left =
                    found.handshakes.flatMap(\.chain).filter(ending).map { $0.notAfter - evidence.now }.min() ?? .zero
                return finding(
                    found.subject, checks: found.checks, confidence: .certain,
                    summary: "The certificate of \(found.subject) expires in \(left.spoken).",
                    evidence: found.lines { ending($1) }
                        + (declared.map { ["the plan asks for at least \($0.spoken)"] } ?? []),
                    cause: "Its renewal is due or overdue; when it is over, clients will refuse the connection.")
            }
        }
    }

    private static func endsSoon(_ certificate: CertificateFact, declared: Duration?, now: WallTime) -> Bool {
        let left = certificate.notAfter - now
        let lifetime = certificate.notAfter - certificate.notBefore
        let limit = declared ?? min(.seconds(14 * 86400), lifetime / 4)
        return left >= .zero && left < limit
    }
}
