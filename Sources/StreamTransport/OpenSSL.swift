import COpenSSL
import Observations
import ProbeKit

/// The library's process-wide state and its queue of errors.
package enum OpenSSL {
    /// Reads no openssl.cnf: what a handshake offers must not depend on the machine, and an empty root has none. And no
    /// atexit handler, which would free what the reactor's thread may still be using.
    private static let isReady: Bool =
        OPENSSL_init_ssl(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG) | UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1

    /// Before any other call of the library, in every room that uses it.
    package static func prepare() throws(Inability) {
        guard isReady else {
            throw Inability(
                .internalFault, action: "start OpenSSL", reason: "OPENSSL_init_ssl failed", fix: "please report this")
        }
    }

    /// The oldest reason in this thread's queue (that is the root of the others), which is thereby emptied.
    static func takeReason() -> String {
        let code = ERR_peek_error()
        defer { ERR_clear_error() }
        guard code != 0 else { return "no reason given" }
        guard let words = ERR_reason_error_string(code) else { return "OpenSSL error \(code)" }
        return String(cString: words)
    }

    /// All that a memory BIO holds, at most `limit` bytes.
    static func contents(of bio: OpaquePointer, limit: Int = 65_536) -> [UInt8] {
        let count = min(BIO_ctrl_pending(bio), limit)
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            // SAFETY: BIO_read writes at most buffer.count bytes.
            used = max(0, Int(BIO_read(bio, buffer.baseAddress, Int32(clamping: buffer.count))))
        }
    }
}

extension TLSSettings.Version {
    var number: Int32 {
        switch self {
        case .tls10: TLS1_VERSION
        case .tls11: TLS1_1_VERSION
        case .tls12: TLS1_2_VERSION
        case .tls13: TLS1_3_VERSION
        }
    }
}
