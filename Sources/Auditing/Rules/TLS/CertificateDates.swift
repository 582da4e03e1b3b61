import Diagnosis
import Manifests
import NetValues
import Planning

/// Certificates in Secrets that are over (catalogue section 9).
enum TLSCertExpired: AuditRule {
    static let explanation = FindingExplanation.shared("tls-cert-expired", severity: .critical)

    static func findings(in state: DeclaredState) -> [Finding] {
        guard let now = state.set.readAt else { return [] }
        return state.set.certificates.compactMap { held in
            guard let over = held.chain.first(where: { $0.notAfter < now }) else { return nil }
            return finding(
                held.object, at: held.place,
                summary:
                    "\(CertificateWords.which(over, held)) expired \((now - over.notAfter).spoken) ago.",
                evidence: CertificateWords.lines(over) + CertificateWords.users(held, state),
                cause: "Every client that checks certificates refuses it.")
        }
    }
}

/// Certificates in Secrets that will soon be over (catalogue section 9).
enum TLSCertExpiring: AuditRule {
    static let explanation = FindingExplanation.shared("tls-cert-expiring", severity: .warning)

    static func findings(in state: DeclaredState) -> [Finding] {
        guard let now = state.set.readAt else { return [] }
        return state.set.certificates.compactMap { held in
            guard !held.chain.contains(where: { $0.notAfter < now }),
                let soon = held.chain.first(where: { endsSoon($0, now) })
            else { return nil }
            return finding(
                held.object, at: held.place,
                summary: "\(CertificateWords.which(soon, held)) expires in \((soon.notAfter - now).spoken).",
                evidence: CertificateWords.lines(soon) + CertificateWords.users(held, state),
                cause: "Its renewal is due or overdue; when it is over, clients will refuse the connection.")
        }
    }

    /// As a probe judges what a server sends.
    private static func endsSoon(_ certificate: DeclaredCertificate.Facts, _ now: WallTime) -> Bool {
        let lifetime = certificate.notAfter - certificate.notBefore
        return certificate.notAfter - now < min(.seconds(14 * 86_400), lifetime / 4)
    }
}

enum CertificateWords {
    static func which(_ certificate: DeclaredCertificate.Facts, _ held: DeclaredCertificate) -> String {
        certificate == held.leaf
            ? "The certificate in \(held.object.title)"
            : "A certificate of the chain in \(held.object.title), \(certificate.subject.escaped(limit: 120)),"
    }

    static func lines(_ certificate: DeclaredCertificate.Facts) -> [String] {
        [
            "subject \(certificate.subject.escaped(limit: 120)), issued by \(certificate.issuer.escaped(limit: 120))",
            "valid from \(certificate.notBefore.spoken) to \(certificate.notAfter.spoken)",
        ] + (certificate.names.isEmpty ? [] : ["for \(listed(certificate.names.map { $0.escaped(limit: 253) }))"])
    }

    static func users(_ held: DeclaredCertificate, _ state: DeclaredState) -> [String] {
        let users = state.ingresses.filter { ingress in
            ingress.namespace == held.object.namespace && ingress.tls.contains { $0.secret == held.object.name }
        }
        let gateways = state.objects("Gateway", GatewayAPI.group).compactMap(DeclaredGateway.init).filter { gateway in
            gateway.listeners.flatMap(\.certificates).contains {
                $0.kind == "Secret" && $0.namespace == held.object.namespace && $0.name == held.object.name
            }
        }
        let all = users.map(\.object.title) + gateways.map(\.object.title)
        return all.isEmpty ? [] : ["used by \(listed(all))"]
    }
}
