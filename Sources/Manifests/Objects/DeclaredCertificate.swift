import NetValues
import YAML

/// What the certificates in a Secret say. Its key is never looked at.
package struct DeclaredCertificate: Sendable {
    /// Of one certificate (RFC 5280).
    package struct Facts: Hashable, Sendable {
        package let subject: String
        package let issuer: String
        /// DNS names and addresses it is for.
        package let names: [String]
        package let notBefore: WallTime
        package let notAfter: WallTime

        package init(subject: String, issuer: String, names: [String], notBefore: WallTime, notAfter: WallTime) {
            self.subject = subject
            self.issuer = issuer
            self.names = names
            self.notBefore = notBefore
            self.notAfter = notAfter
        }
    }

    package let object: ManifestObject
    /// As it stands there, the server's own first; empty where `tls.crt` holds none that can be read.
    package let chain: [Facts]
    /// Of `tls.crt`.
    package let place: ManifestPlace

    package var leaf: Facts? { chain.first }

    private static let mostCertificates = 20
    /// The API server takes no larger Secret.
    private static let mostBytes = 2 << 20

    /// Nil for what is no Secret of a certificate, and for one without `tls.crt`.
    /// - Parameter read: the facts of one certificate in DER, nil for bytes that are none.
    init?(_ object: ManifestObject, reading read: ([UInt8]) -> Facts?) {
        guard object.isKind("Secret", ""),
            let entry = object["data"]?.entry("tls.crt") ?? object["stringData"]?.entry("tls.crt")
        else { return nil }
        self.object = object
        place = object.place(entry)
        let written = Array((entry.value.text ?? "").utf8)
        guard written.count <= Self.mostBytes else {
            chain = []
            return
        }
        let isEncoded = object["data"]?.entry("tls.crt") != nil
        let text = isEncoded ? [UInt8](base64: written) ?? [] : written
        chain = PEMText.certificates(in: text, limit: Self.mostCertificates).compactMap(read)
    }
}

/// The certificates in a PEM text (RFC 7468).
enum PEMText {
    private static let begin = Array("-----BEGIN CERTIFICATE-----".utf8)
    private static let end = Array("-----END CERTIFICATE-----".utf8)

    /// In DER, at most so many.
    static func certificates(in text: [UInt8], limit: Int) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var body: [UInt8]?
        for line in text.split(separator: 0x0a) {
            let line = line.drop { $0 == 0x20 || $0 == 0x09 }
            if line.starts(with: begin) {
                body = []
            } else if line.starts(with: end) {
                if let bytes = body.flatMap({ [UInt8](base64: $0) }) { found.append(bytes) }
                body = nil
                if found.count == limit { break }
            } else if body != nil {
                body?.append(contentsOf: line)
            }
        }
        return found
    }
}

extension ManifestSet {
    /// Reads what certificates the Secrets hold; until then nothing is known of them.
    /// - Parameters:
    ///   - now: by which they are judged.
    ///   - read: the facts of one certificate in DER, nil for bytes that are none.
    package mutating func readCertificates(at now: WallTime, with read: ([UInt8]) -> DeclaredCertificate.Facts?) {
        readAt = now
        certificates = objects.compactMap { DeclaredCertificate($0, reading: read) }
    }
}
