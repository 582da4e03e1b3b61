import NetValues
import Observations
import Planning

/// The server talks only to clients with a certificate (catalogue section 9).
enum MTLSRequired: Rule {
    static let layer = Layer.tls
    static let explanation = FindingExplanation(
        id: "mtls-required", severity: .error, title: "The server wants a client certificate",
        signals: [
            "the server asked for a client certificate, none was given, and it then ended the connection",
            "in TLS 1.3 it says so only after the handshake (alert certificate_required)",
        ],
        lookalikes: [
            "tls-version-mismatch: alert protocol_version, and no certificate was asked for",
            "egress-fqdn-filtered: a reset that depends on the server name",
        ],
        traps: ["a server that asks but does not insist goes on: then there is no finding"],
        remedy: [
            "run the client inside the mesh, or give it a certificate of one of the authorities named (certificate: and key:)",
            "or exempt this port from mutual TLS (Istio: PeerAuthentication with portLevelMtls)",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let refused = evidence.measured.filter { check in
            check.check.expectation.word == .reachable && check.isFailing && check.handshakes.contains(where: isRefusal)
        }
        return grouped(refused, by: \.subject).map { subject, members in
            let handshakes = members.flatMap(\.handshakes).filter(isRefusal)
            let authorities = handshakes.compactMap(\.clientCertificate).flatMap(\.authorities).unique()
            let isSaid = handshakes.contains {
                $0.alerts.contains { $0.isReceived && $0.name == "certificate_required" }
            }
            return finding(
                subject, checks: members.map(\.name), confidence: isSaid ? .certain : .likely,
                summary: "\(subject) accepts only clients with a certificate, and none was given.",
                evidence: evidenceLines(handshakes.flatMap { Fact.tls($0).failureWords })
                    + (authorities.isEmpty ? ["it names no authority: any it trusts will do"] : []),
                cause:
                    "Mutual TLS is required on this port: the server asks who the client is and ends the connection without an answer."
            )
        }
    }

    private static func isRefusal(_ handshake: TLSFact) -> Bool {
        guard handshake.clientCertificate != nil, !handshake.sentClientCertificate else { return false }
        if case .failed = handshake.outcome { return true }
        return handshake.alerts.contains { $0.isReceived && $0.isFatal }
    }
}
