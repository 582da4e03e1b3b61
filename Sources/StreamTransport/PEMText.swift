import COpenSSL
import Observations

/// Certificates and keys out of PEM text (RFC 7468) in memory.
enum PEMText {
    /// An X509 of ours.
    final class Certificate {
        let pointer: OpaquePointer

        fileprivate init(_ pointer: OpaquePointer) { self.pointer = pointer }

        deinit {
            X509_free(pointer)
        }
    }

    private static let mostCertificates = 1000

    static func certificates(in text: [UInt8]) -> [Certificate] {
        ERR_clear_error()
        defer { ERR_clear_error() }
        return reading(text) { bio in
            var found: [Certificate] = []
            while found.count < mostCertificates, let x509 = PEM_read_bio_X509(bio, nil, nil, nil) {
                found.append(Certificate(x509))
            }
            return found
        } ?? []
    }

    /// - Returns: what `use` says; false without a key. The queue of errors then has the reason.
    static func withKey(in text: [UInt8], _ use: (OpaquePointer) -> Bool) -> Bool {
        reading(text) { bio in
            // Without a callback, OpenSSL asks for the pass phrase on the terminal.
            guard let key = PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil) else { return false }
            defer { EVP_PKEY_free(key) }
            return use(key)
        } ?? false
    }

    private static func reading<Value>(_ text: [UInt8], _ body: (OpaquePointer) -> Value) -> Value? {
        text.withUnsafeBytes { bytes in
            // SAFETY: the BIO reads from the array and is freed before it.
            guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
            defer { BIO_free(bio) }
            return body(bio)
        }
    }
}

extension Inability {
    /// Never with the text: it may be a key.
    static func badText(_ part: String, _ content: String, _ reason: String? = nil) -> Inability {
        Inability(
            .badFile, action: "use the \(part)", reason: reason ?? "it holds no PEM \(content)",
            fix: "correct the \(part): PEM text, as between -----BEGIN and -----END")
    }
}
