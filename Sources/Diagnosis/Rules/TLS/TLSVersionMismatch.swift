import NetValues
import Observations
import Planning

/// Client and server have no TLS version or cipher in common (catalogue section 9).
enum TLSVersionMismatch: Rule {
    static let layer = Layer.tls
    static let explanation = FindingExplanation(
        id: "tls-version-mismatch", severity: .error, title: "No TLS version or cipher in common",
        signals: [
            "the alert protocol_version (70), or OpenSSL's own word that the version is not supported",
            "the alert insufficient_security (71)",
        ],
        lookalikes: [
            "mtls-required: the server asked for a client certificate before",
            "tls-plaintext-on-tls-port: what came is no TLS at all",
        ],
        traps: ["handshake_failure (40) has many reasons and does not count alone"],
        remedy: [
            "align the versions: minVersion and maxVersion of the client, the TLS settings of the server or gateway"
        ])

    private static let alerts: Set<String> = ["protocol_version", "insufficient_security"]
    private static let reasons: Set<String> = [
        "unsupported protocol", "wrong ssl version", "no protocols available",
        "legacy sigalg disallowed or unsupported",
    ]

    static func findings(in evidence: Evidence) -> [Finding] {
        let failing = evidence.measured.filter { check in
            check.check.expectation.word == .reachable && check.isFailing
                && check.handshakes.contains(where: isMismatch)
        }
        return grouped(failing, by: \.subject).map { subject, members in
            let handshakes = members.flatMap(\.handshakes).filter(isMismatch)
            return finding(
                subject, checks: members.map(\.name), confidence: .certain,
                summary: "\(subject) and this client have no TLS version or cipher in common.",
                evidence: evidenceLines(handshakes.flatMap { Fact.tls($0).failureWords } + members.compactMap(offer)),
                cause: "One side allows only versions or ciphers that the other has switched off.")
        } + captured(evidence)
    }

    private static func isMismatch(_ handshake: TLSFact) -> Bool {
        guard case .failed(let failure) = handshake.outcome else { return false }
        if handshake.alerts.contains(where: { $0.isFatal && alerts.contains($0.name) }) { return true }
        if case .other(let reason) = failure { return reasons.contains(reason) }
        return false
    }

    private static func offer(_ check: CheckEvidence) -> String? {
        let parameters = check.check.parameters
        let bounds = [
            parameters.text("minVersion").map { "at least \($0)" },
            parameters.text("maxVersion").map { "at most \($0)" },
        ]
        .compactMap(\.self)
        return bounds.isEmpty ? nil : "this client was told to use TLS \(bounds.joined(separator: " and "))"
    }
}
