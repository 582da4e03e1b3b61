import COpenSSL
import NetValues
import Observations

/// Reads certificates that were seen on the wire.
package struct CertificateDescriber: CertificateDescribing {
    /// What a report need not list.
    private static let mostNames = 100

    package init() throws(Inability) {
        try OpenSSL.prepare()
    }

    package func describe(_ chain: [[UInt8]]) -> CertificateSummary? {
        guard let leaf = chain.first, let fact = Self.read(leaf) else { return nil }
        return CertificateSummary(
            subject: fact.subject, issuer: fact.issuer, notBefore: fact.notBefore, notAfter: fact.notAfter,
            names: Array((fact.dnsNames + fact.ipAddresses.map(\.description)).prefix(Self.mostNames)),
            chainLength: chain.count)
    }

    private static func read(_ der: [UInt8]) -> CertificateFact? {
        der.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            // SAFETY: d2i_X509 reads at most bytes.count bytes, and what it returns is ours.
            guard let x509 = d2i_X509(nil, &position, bytes.count) else {
                ERR_clear_error()
                return nil
            }
            defer { X509_free(x509) }
            defer { ERR_clear_error() }
            return CertificateFact(reading: x509)
        }
    }
}
