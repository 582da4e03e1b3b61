import NetValues
import Observations
import ProbeKit
import Synchronization

/// TLS by script: hands the plain stream through, after a handshake whose fact a closure makes.
package final class ScriptedTLS: TLSSecuring {
    package struct Handshake: Sendable {
        package let endpoint: Endpoint
        package let settings: TLSSettings
    }

    private let time: ManualTime
    private let handshakeTime: Duration
    private let change: @Sendable (inout TLSFact) -> Void
    private let record = Mutex<[Handshake]>([])

    /// `change` alters the fact of a good handshake; unless it stays `established`, no stream is handed out.
    package init(
        time: ManualTime, handshakeTime: Duration = .milliseconds(2),
        change: @escaping @Sendable (inout TLSFact) -> Void = { _ in }
    ) {
        self.time = time
        self.handshakeTime = handshakeTime
        self.change = change
    }

    package var handshakes: [Handshake] { record.withLock { $0 } }

    package func secure(
        _ stream: any ByteStream, to endpoint: Endpoint, settings: TLSSettings, deadline: Instant
    ) async throws(ProbeInterruption) -> TLSHandshake {
        if Task.isCancelled { throw .cancelled }
        record.withLock { $0.append(Handshake(endpoint: endpoint, settings: settings)) }
        time.advance(by: handshakeTime)
        var fact = TLSFact(
            endpoint: endpoint, serverName: settings.serverName, outcome: .established, elapsed: handshakeTime,
            version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", group: "x25519", alpn: settings.alpn.first,
            chain: [.scripted(name: settings.expectedName, now: time.wallTime())], trustStore: "/etc/ssl/certs",
            nameMatch: true, expectedName: settings.expectedName.description)
        change(&fact)
        guard fact.outcome == .established else {
            await stream.close()
            return TLSHandshake(fact: fact, stream: nil)
        }
        return TLSHandshake(fact: fact, stream: stream)
    }
}

extension CertificateFact {
    /// A certificate for a name, valid from ten days ago for ninety days.
    package static func scripted(name: Host, now: WallTime) -> CertificateFact {
        CertificateFact(
            subject: "CN=\(name)", commonName: "\(name)", issuer: "CN=Scripted CA", dnsNames: ["\(name)"],
            ipAddresses: [],
            notBefore: now + .seconds(-10 * 86400), notAfter: now + .seconds(80 * 86400), key: "EC prime256v1",
            signature: "ecdsa-with-SHA256", serial: "01", sha256: String(repeating: "ab", count: 32),
            isSelfIssued: false)
    }
}
