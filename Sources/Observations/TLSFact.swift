import NetValues

/// A TLS handshake as far as it got. Certificate facts are kept also when the handshake fails after them.
package struct TLSFact: Sendable {
    package enum Outcome: Hashable, Sendable {
        /// The handshake completed (whatever the certificates are worth).
        case established
        case timedOut
        /// The peer closed, reset, alerted, or spoke something else.
        case failed(TLSFailure)
    }

    package var endpoint: Endpoint
    package var serverName: String?
    package var outcome: Outcome
    package var elapsed: Duration
    /// `TLSv1.3`
    package var version: String?
    package var cipher: String?
    /// Key exchange group: `x25519`
    package var group: String?
    package var alpn: String?
    /// As presented, leaf first.
    package var chain: [CertificateFact]
    /// What the verification against `trustStore` objected to, all of it, in the order found. Expiry and trust, not names.
    package var verification: [VerificationProblem]
    /// Where trust came from: a file or directory.
    package var trustStore: String
    /// Whether the leaf is valid for the name that was asked for (RFC 9525); nil without a certificate.
    package var nameMatch: Bool?
    /// The name that `nameMatch` speaks of.
    package var expectedName: String
    package var clientCertificate: ClientCertificateRequest?
    package var sentClientCertificate: Bool
    /// Alerts in the order seen: direction and name (`received: certificate_required`).
    package var alerts: [TLSAlert]
    /// Over TCP, from ClientHello to the end of the handshake.
    package var sentBytes = 0
    package var receivedBytes = 0
    /// Where the handshake came to no end until the deadline.
    package var progress: StreamProgress?
    /// Made only to compare, with another server name than asked for: no rule but that which compares looks at it.
    package var isContrast = false

    package init(
        endpoint: Endpoint, serverName: String?, outcome: Outcome, elapsed: Duration, version: String? = nil,
        cipher: String? = nil, group: String? = nil, alpn: String? = nil, chain: [CertificateFact] = [],
        verification: [VerificationProblem] = [], trustStore: String = "", nameMatch: Bool? = nil,
        expectedName: String = "", clientCertificate: ClientCertificateRequest? = nil,
        sentClientCertificate: Bool = false,
        alerts: [TLSAlert] = []
    ) {
        self.endpoint = endpoint
        self.serverName = serverName
        self.outcome = outcome
        self.elapsed = elapsed
        self.version = version
        self.cipher = cipher
        self.group = group
        self.alpn = alpn
        self.chain = chain
        self.verification = verification
        self.trustStore = trustStore
        self.nameMatch = nameMatch
        self.expectedName = expectedName
        self.clientCertificate = clientCertificate
        self.sentClientCertificate = sentClientCertificate
        self.alerts = alerts
    }
}

extension TLSFact {
    /// Reset or closed in good order before a byte of an answer.
    package var isEndedUnanswered: Bool {
        guard receivedBytes == 0 else { return false }
        switch outcome {
        case .failed(.closed): return true
        case .failed(.transport(let failure)): return failure.isReset
        case .established, .timedOut, .failed: return false
        }
    }
}

package enum TLSFailure: Hashable, Sendable {
    /// An alert from the peer ended it; see `alerts`.
    case alert(String)
    /// FIN before the handshake was done.
    case closed
    case transport(SocketFailure)
    /// The first bytes are no TLS record: what they were.
    case notTLS([UInt8])
    /// OpenSSL's own reason: `wrong version number`, `unsupported protocol`.
    case other(String)
}

package struct TLSAlert: Hashable, Sendable {
    package let isReceived: Bool
    package let isFatal: Bool
    /// RFC 8446 section 6: `certificate_required`
    package let name: String
    package let code: UInt8

    package init(isReceived: Bool, isFatal: Bool, name: String, code: UInt8) {
        self.isReceived = isReceived
        self.isFatal = isFatal
        self.name = name
        self.code = code
    }
}

/// The server asked for a client certificate, naming these authorities (empty: any).
package struct ClientCertificateRequest: Hashable, Sendable {
    package let authorities: [String]

    package init(authorities: [String]) {
        self.authorities = authorities
    }
}

package struct VerificationProblem: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case expired, notYetValid, selfSigned, unknownIssuer, untrustedRoot, invalidPurpose, revoked, weak, other
    }

    package let kind: Kind
    /// 0 is the leaf.
    package let depth: Int
    /// X509_V_ERR_ code (x509_vfy.h).
    package let code: Int32
    /// OpenSSL's words.
    package let reason: String

    package init(kind: Kind, depth: Int, code: Int32, reason: String) {
        self.kind = kind
        self.depth = depth
        self.code = code
        self.reason = reason
    }
}

package struct CertificateFact: Hashable, Sendable {
    package var subject: String
    package var commonName: String?
    package var issuer: String
    package var dnsNames: [String]
    package var ipAddresses: [IPAddress]
    package var notBefore: WallTime
    package var notAfter: WallTime
    /// `RSA 2048`, `EC prime256v1`
    package var key: String
    package var signature: String
    package var serial: String
    /// Lower-case hex of the DER.
    package var sha256: String
    package var isSelfIssued: Bool

    package init(
        subject: String, commonName: String?, issuer: String, dnsNames: [String], ipAddresses: [IPAddress],
        notBefore: WallTime, notAfter: WallTime, key: String, signature: String, serial: String, sha256: String,
        isSelfIssued: Bool
    ) {
        self.subject = subject
        self.commonName = commonName
        self.issuer = issuer
        self.dnsNames = dnsNames
        self.ipAddresses = ipAddresses
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.key = key
        self.signature = signature
        self.serial = serial
        self.sha256 = sha256
        self.isSelfIssued = isSelfIssued
    }
}
