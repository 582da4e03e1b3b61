import NetValues
import Observations
import Planning

/// The certificate is for another name (catalogue section 9).
enum TLSNameMismatch: Rule {
    static let layer = Layer.tls
    static let explanation = FindingExplanation(
        id: "tls-name-mismatch", severity: .error, title: "The certificate is for another name",
        signals: [
            "no subject alternative name matches the name that was asked for (RFC 9525; the common name does not count)"
        ],
        lookalikes: [
            "tls-default-certificate: an ingress shows its placeholder, since it knows no certificate for this name",
            "cidr-overlap, dns-stale-record: another service altogether answers at this address",
        ],
        traps: [
            "connecting by address needs the address in the certificate", "a wildcard stands for exactly one label",
        ],
        remedy: [
            "issue a certificate that names this host, or use a name that it has",
            "check that the name resolves to the right service",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        CertificateEvidence.all(in: evidence) { $0.nameMatch == false }.map { found in
            let wanted = found.handshakes.map(\.expectedName).unique()
            let leaves = found.handshakes.compactMap(\.chain.first).unique()
            let names = leaves.flatMap { $0.dnsNames + $0.ipAddresses.map(\.description) }.unique().map {
                $0.escaped(limit: 80)
            }
            return finding(
                found.subject, checks: found.checks, confidence: .certain,
                summary: "The certificate of \(found.subject) is not for \(listed(wanted)).",
                evidence: [
                    names.isEmpty
                        ? "the certificate names no host at all (no subject alternative names)"
                        : "the certificate is for \(listed(names, limit: 6))"
                ]
                    + found.lines { depth, _ in depth == 0 },
                cause:
                    "The server has no certificate for this name and shows another, or the name leads to the wrong server."
            )
        } + captured(evidence)
    }
}
