import Manifests
import NetValues
import Observations
import Planning

/// Something that does not speak TLS answers the ClientHello (catalogue sections 1.4 and 9).
enum TLSPlaintextOnTLSPort: Rule {
    static let layer = Layer.tls
    static let explanation = FindingExplanation(
        id: "tls-plaintext-on-tls-port", severity: .error, title: "The port does not speak TLS",
        signals: [
            "the first bytes after ClientHello are no TLS record: an HTTP answer, an SSH or mail banner, other text"
        ],
        lookalikes: [
            "tls-version-mismatch: a TLS alert comes",
            "a plaintext server that waits for a line: then nothing comes at all, and nothing can be said",
        ],
        traps: ["protocols that begin in plaintext and upgrade (STARTTLS) look the same: there the port is right"],
        remedy: [
            "use the plaintext scheme or another port, if plaintext is meant",
            "end TLS here: the Service's port 443 may lead to a container port that speaks plain HTTP",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let failing = evidence.measured.filter { check in
            check.check.expectation.word == .reachable && check.isFailing
                && check.handshakes.contains { firstBytes($0) != nil }
        }
        return grouped(failing, by: \.subject).map { subject, members in
            let bytes = members.flatMap(\.handshakes).compactMap(firstBytes)
            let finding = finding(
                subject, checks: members.map(\.name), confidence: .certain,
                summary: "\(subject) does not speak TLS: it answers in \(language(bytes.first ?? [])).",
                evidence: evidenceLines(bytes.map { "after ClientHello came “\($0.escaped(limit: 60))”" }),
                cause: "A server without TLS listens on this port, or TLS is ended before it.")
            let port = evidence.declared.flatMap { view in members.lazy.compactMap { DeclaredTLSPort($0, view) }.first }
            return port.map { joined(finding, $0) } ?? finding
        }
    }

    /// With where the declared port leads.
    private static func joined(_ finding: Finding, _ port: DeclaredTLSPort) -> Finding {
        var finding = finding
        let line = port.location.line
        let place = port.location.file.map { " (\($0):\(line))" } ?? ""
        finding.location = port.location
        finding.patch = port.patch
        finding.evidence.append("declared: \(port.title): \(port.words)\(place)")
        finding.cause = "A Service passes bytes on as they are: \(port.words), where a server without TLS listens."
        guard let better = port.betterWords else { return finding }
        finding.evidence.append("declared: its pods have the port \(better) too")
        finding.summary +=
            " \(port.title) leads port \(port.port.number) to the wrong port of its pods; \(better) seems to be meant."
        finding.remedy = [
            "lead port \(port.port.number) of the Service to \(better): targetPort at \(port.location.file.map { "\($0):" } ?? "line ")\(line)",
            "or use the plaintext scheme, if plaintext is meant",
        ]
        return finding
    }

    private static func firstBytes(_ handshake: TLSFact) -> [UInt8]? {
        if case .failed(.notTLS(let bytes)) = handshake.outcome { bytes } else { nil }
    }

    private static func language(_ bytes: [UInt8]) -> String {
        if bytes.starts(with: Array("HTTP/".utf8)) { return "plain HTTP" }
        if bytes.starts(with: Array("SSH-".utf8)) { return "SSH" }
        if bytes.starts(with: Array("220".utf8)) { return "the words of a mail or file server" }
        return "something else"
    }
}
