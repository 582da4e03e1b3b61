import NetValues
import Observations
import Planning

/// Handshakes that showed certificates, by the endpoint as the user named it.
struct CertificateEvidence {
    let subject: String
    let checks: [String]
    let handshakes: [TLSFact]

    static func all(in evidence: Evidence, where isWanted: (TLSFact) -> Bool) -> [CertificateEvidence] {
        let found = evidence.checks.compactMap { check -> (check: CheckEvidence, handshakes: [TLSFact])? in
            let handshakes = check.handshakes.filter { !$0.chain.isEmpty && isWanted($0) }
            return handshakes.isEmpty || check.check.expectation.word != .reachable ? nil : (check, handshakes)
        }
        return grouped(found, by: { subject(of: $0.handshakes[0]) }).map { subject, members in
            CertificateEvidence(
                subject: subject, checks: members.map(\.check.name), handshakes: members.flatMap(\.handshakes))
        }
    }

    /// By name where there is one: a redirect may have led to another host than the check's target.
    private static func subject(of handshake: TLSFact) -> String {
        let name = handshake.serverName ?? handshake.expectedName
        return name.isEmpty ? handshake.endpoint.description : "\(name):\(handshake.endpoint.port)"
    }

    /// "certificate 0 CN=shop, issued by CN=CA, valid 2025-01-01 … to …, from 10.0.0.1:443"
    static func line(_ certificate: CertificateFact, depth: Int, from endpoint: Endpoint) -> String {
        "\(depth == 0 ? "certificate" : "issuing certificate \(depth)") of \(endpoint): \(certificate.subject.escaped(limit: 100)), issued by "
            + "\(certificate.issuer.escaped(limit: 100)), valid from \(certificate.notBefore.spoken) to \(certificate.notAfter.spoken)"
    }

    func lines(limit: Int = 4, where isWanted: (Int, CertificateFact) -> Bool) -> [String] {
        evidenceLines(
            handshakes.flatMap { handshake in
                handshake.chain.enumerated().filter { isWanted($0.offset, $0.element) }
                    .map { Self.line($0.element, depth: $0.offset, from: handshake.endpoint) }
            }, limit: limit)
    }
}
