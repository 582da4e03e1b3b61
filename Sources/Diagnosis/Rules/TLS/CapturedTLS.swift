import NetValues
import Observations
import Planning
import Wire

/// Handshakes of a capture with one server of which something holds.
struct CapturedHandshakes {
    /// The name that the clients asked for, with the port; else the endpoint.
    let subject: String
    let handshakes: [TLSHandshakeRecord]

    static func all(
        in evidence: Evidence, where isWanted: (TLSHandshakeRecord) -> Bool
    ) -> [CapturedHandshakes] {
        let found = (evidence.packets?.tls.handshakes ?? []).filter(isWanted)
        return grouped(found, by: name).map { CapturedHandshakes(subject: $0, handshakes: $1) }
    }

    private static func name(_ handshake: TLSHandshakeRecord) -> String {
        handshake.serverName.map { "\($0.escaped(limit: 100)):\(handshake.server.port)" }
            ?? handshake.server.description
    }

    var lines: [String] {
        evidenceLines(
            handshakes.prefix(200).map { handshake in
                let alerts = handshake.alerts.isEmpty ? "" : ": \(listed(handshake.alerts))"
                return "\(handshake.client.address) with \(handshake.server)\(alerts)"
            }, limit: 3) + ["first in frame \(handshakes[0].frame)"]
    }
}

extension TLSHandshakeRecord {
    fileprivate var isRefusedAsExpired: Bool { hasAlert("certificate_expired", from: "client") }

    fileprivate func hasAlert(_ name: String, from sender: String) -> Bool {
        alerts.contains { $0.contains(" \(name)") && $0.hasSuffix("from the \(sender)") }
    }
}

extension TLSCertExpired {
    /// By the clock of the capture: the dates are told, for who knows better.
    static func captured(_ evidence: Evidence) -> [Finding] {
        CapturedHandshakes.all(in: evidence) { handshake in
            handshake.certificate?.notAfter.map { $0 < handshake.at } ?? handshake.isRefusedAsExpired
        }.map { found in
            let first = found.handshakes[0]
            guard let end = first.certificate?.notAfter, end < first.at else { return refused(found) }
            let isRefused = found.handshakes.contains(where: \.isRefusedAsExpired)
            return finding(
                found.subject, checks: [], confidence: isRefused ? .certain : .likely,
                summary:
                    "The certificate of \(found.subject) ended at \(end.spoken), before it was shown at \(first.at.spoken).",
                evidence: found.lines
                    + ["notAfter \(end.spoken); the clock of the capture said \(first.at.spoken)"]
                    + (isRefused ? ["a client refused it as expired"] : []),
                cause:
                    "The certificate was not renewed in time, or the server still holds the old one; or the capturing machine's clock is wrong."
            )
        }
    }

    /// The certificate itself was not captured: its packets were cut short, or came before.
    private static func refused(_ found: CapturedHandshakes) -> Finding {
        finding(
            found.subject, checks: [], confidence: .likely,
            summary: "Clients refuse the certificate of \(found.subject) as expired.",
            evidence: found.lines + ["the certificate itself is not in the capture"],
            cause:
                "The client says so itself (alert certificate_expired): the certificate, or one above it in its chain, has ended; or the client's clock is wrong."
        )
    }
}

extension TLSVersionMismatch {
    static func captured(_ evidence: Evidence) -> [Finding] {
        CapturedHandshakes.all(in: evidence) { handshake in
            ["client", "server"].contains { side in
                handshake.hasAlert("protocol_version", from: side)
                    || handshake.hasAlert("insufficient_security", from: side)
            }
        }.map { found in
            let offered = found.handshakes.flatMap(\.offeredVersions).unique()
            return finding(
                found.subject, checks: [], confidence: .certain,
                summary: "\(found.subject) and its client have no TLS version or cipher in common.",
                evidence: found.lines + (offered.isEmpty ? [] : ["the client offers TLS \(listed(offered, limit: 5))"]),
                cause: "One side allows only versions or ciphers that the other has switched off.")
        }
    }
}

extension TLSChainUntrusted {
    static func captured(_ evidence: Evidence) -> [Finding] {
        CapturedHandshakes.all(in: evidence) { $0.hasAlert("unknown_ca", from: "client") }.map { found in
            let issuer = found.handshakes.lazy.compactMap(\.certificate).first?.issuer
            return finding(
                found.subject, checks: [], confidence: .likely,
                summary: "Clients do not trust the certificate of \(found.subject).",
                evidence: found.lines + (issuer.map { ["its issuer is \($0.escaped(limit: 120))"] } ?? []),
                cause:
                    "The client says so itself (alert unknown_ca): it does not know the issuer, or the server does not send the issuing certificate."
            )
        }
    }
}

extension MTLSRequired {
    /// TLS 1.3 says so under encryption; earlier versions in the clear.
    static func captured(_ evidence: Evidence) -> [Finding] {
        CapturedHandshakes.all(in: evidence) { $0.hasAlert("certificate_required", from: "server") }.map { found in
            finding(
                found.subject, checks: [], confidence: .certain,
                summary: "\(found.subject) accepts only clients with a certificate, and none was given.",
                evidence: found.lines,
                cause:
                    "Mutual TLS is required on this port: the server asks who the client is and ends the connection without an answer."
            )
        }
    }
}

extension TLSNameMismatch {
    /// Only where the client was not content with it: in a capture nobody says which names it would have taken.
    static func captured(_ evidence: Evidence) -> [Finding] {
        CapturedHandshakes.all(in: evidence) { handshake in
            guard let name = handshake.serverName.flatMap(DomainName.init), let names = handshake.certificate?.names,
                handshake.alerts.contains(where: { $0.hasSuffix("from the client") })
            else { return false }
            return !CertificateNames.areValid(for: .name(name), dnsNames: names, ipAddresses: [])
        }.map { found in
            let names = found.handshakes.compactMap(\.certificate).flatMap(\.names).unique()
            return finding(
                found.subject, checks: [], confidence: .likely,
                summary: "The certificate that \(found.subject) shows is for other names, and clients refuse it.",
                evidence: found.lines
                    + ["the certificate is for \(listed(names.map { $0.escaped(limit: 80) }, limit: 6))"],
                cause:
                    "The server has no certificate for this name and shows another, or the name leads to the wrong server."
            )
        }
    }
}
