import COpenSSL
import LinuxIO
import NetValues
import Observations
import StreamTransport

/// Makes authorities and certificates, sound and unsound, for servers of our own.
package enum CertificateFactory {
    package enum Key: Hashable, Sendable {
        case p256, ed25519
        case rsa(bits: UInt32)
    }

    package enum Digest: Sendable { case sha256, sha1 }

    /// What a certificate shall say.
    package struct Content: Sendable {
        package var commonName: String
        package var dnsNames: [String] = []
        package var ipAddresses: [IPAddress] = []
        package var notBefore: WallTime = .now + .seconds(-86_400)
        package var notAfter: WallTime = .now + .seconds(90 * 86_400)
        package var key = Key.p256
        package var digest = Digest.sha256
        package var isAuthority = false

        package init(commonName: String) {
            self.commonName = commonName
        }
    }

    /// - Parameter issuer: nil for a self-signed one.
    package static func issue(_ content: Content, by issuer: IssuedCertificate? = nil) throws(Inability)
        -> IssuedCertificate
    {
        try OpenSSL.prepare()
        let key = try CertificateKey(content.key)
        let certificate = try CertificateBuilder(content, key: key)
        guard let issuer else {
            try certificate.addExtensions(content, issuer: certificate)
            return IssuedCertificate(certificate: try certificate.signed(by: key, content.digest), key: try key.der())
        }
        let signer = try CertificateKey(der: issuer.key)
        try certificate.addExtensions(content, issuer: try CertificateBuilder(der: issuer.certificate))
        return IssuedCertificate(certificate: try certificate.signed(by: signer, content.digest), key: try key.der())
    }

    /// An authority that signs itself.
    package static func authority(named name: String) throws(Inability) -> IssuedCertificate {
        var content = Content(commonName: name)
        content.isAuthority = true
        return try issue(content)
    }
}

/// A certificate and its private key, in DER.
package struct IssuedCertificate: Sendable {
    package let certificate: [UInt8]
    /// PKCS #8.
    package let key: [UInt8]

    package var certificatePEM: String { Self.pem("CERTIFICATE", certificate) }
    package var keyPEM: String { Self.pem("PRIVATE KEY", key) }

    /// RFC 7468.
    private static func pem(_ label: String, _ der: [UInt8]) -> String {
        var text = [UInt8](repeating: 0, count: (der.count + 2) / 3 * 4 + 1)
        // SAFETY: EVP_EncodeBlock writes four bytes for each three, and a zero.
        let length = EVP_EncodeBlock(&text, der, Int32(clamping: der.count))
        let lines = stride(from: 0, to: Int(length), by: 64).map { start in
            String(decoding: text[start..<min(start + 64, Int(length))], as: UTF8.self)
        }
        return "-----BEGIN \(label)-----\n\(lines.joined(separator: "\n"))\n-----END \(label)-----\n"
    }
}
