import COpenSSL
import Observations
import Wire

/// What OpenSSL tells while a handshake runs, by callbacks that it makes from within our calls, hence on our thread.
final class TLSObserver {
    private(set) var alerts: [TLSAlert] = []
    private(set) var chain: [CertificateFact] = []
    private(set) var problems: [VerificationProblem] = []
    private(set) var request: ClientCertificateRequest?
    private(set) var sentCertificate = false
    private(set) var sawServerHello = false
    /// RFC 8446 section 4.6.1: a server that asked for a certificate sends a ticket only after it took our answer.
    private(set) var sawTicket = false

    private static let mostAlerts = 32
    private static let mostAuthorities = 200
    private static let mostProblems = 100

    /// The fatal alert of the peer that ended the session.
    var fatalAlert: String? { alerts.last { $0.isReceived && $0.isFatal }?.name }

    /// SAFETY: the session owns the observer and frees the SSL first, so that every callback finds it alive.
    func attach(to ssl: OpaquePointer) {
        let pointer = Unmanaged.passUnretained(self).toOpaque()
        SSL_set_ex_data(ssl, 0, pointer)
        SSL_set_msg_callback(ssl) { isSent, _, kind, bytes, count, ssl, _ in
            guard let ssl, let bytes, let observer = TLSObserver.of(ssl) else { return }
            observer.note(kind, UnsafeRawBufferPointer(start: bytes, count: count), isSent: isSent != 0)
        }
        SSL_set_cert_cb(
            ssl,
            { ssl, _ in
                if let ssl { TLSObserver.of(ssl)?.noteRequest(SSL_get0_peer_CA_list(ssl)) }
                return 1
            }, nil)
    }

    fileprivate static func of(_ ssl: OpaquePointer) -> TLSObserver? {
        // SAFETY: slot 0 is set in `attach` and nowhere else.
        SSL_get_ex_data(ssl, 0).map { Unmanaged<TLSObserver>.fromOpaque($0).takeUnretainedValue() }
    }

    private func note(_ kind: Int32, _ bytes: UnsafeRawBufferPointer, isSent: Bool) {
        switch (kind, bytes.first) {
        case (SSL3_RT_ALERT, let level?):
            guard bytes.count == 2, alerts.count < Self.mostAlerts else { return }
            alerts.append(
                TLSAlert(isReceived: !isSent, isFatal: level == 2, name: AlertName.of(bytes[1]), code: bytes[1]))
        case (SSL3_RT_HANDSHAKE, 2?): sawServerHello = sawServerHello || !isSent
        case (SSL3_RT_HANDSHAKE, 4?): sawTicket = sawTicket || !isSent
        // Header and empty lists take eight bytes at most; a certificate takes many more.
        case (SSL3_RT_HANDSHAKE, 11?): sentCertificate = sentCertificate || (isSent && bytes.count > 8)
        default: break
        }
    }

    private func noteRequest(_ authorities: OpaquePointer?) {
        let count = min(Int(OPENSSL_sk_num(authorities)), Self.mostAuthorities)
        let names = (0..<max(0, count)).compactMap { OPENSSL_sk_value(authorities, Int32($0)) }
        request = ClientCertificateRequest(authorities: names.map { distinguishedName(OpaquePointer($0)) })
    }

    /// Verifies the presented chain without ever ending the handshake: an untrusted server is a finding, and what follows
    /// (client certificate, protocol, answer) is still worth knowing.
    static func install(on context: OpaquePointer) {
        SSL_CTX_set_cert_verify_callback(
            context,
            { store, _ in
                guard let store, let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
                    let observer = TLSObserver.of(OpaquePointer(ssl))
                else { return 1 }
                observer.verify(store)
                return 1
            }, nil)
    }

    private func verify(_ store: OpaquePointer) {
        chain = CertificateFact.all(in: X509_STORE_CTX_get0_untrusted(store))
        // 112 bits of security, as Debian asks by default: RSA 2048, SHA-256.
        X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(store), 2)
        X509_STORE_CTX_set_verify_cb(store) { isRight, store in
            guard isRight == 0, let store,
                let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx())
            else { return 1 }
            TLSObserver.of(OpaquePointer(ssl))?.noteProblem(store)
            return 1
        }
        if X509_verify_cert(store) != 1, problems.isEmpty { noteProblem(store) }
        ERR_clear_error()
    }

    private func noteProblem(_ store: OpaquePointer) {
        let code = X509_STORE_CTX_get_error(store)
        let problem = VerificationProblem(
            kind: .init(verificationError: code), depth: Int(X509_STORE_CTX_get_error_depth(store)), code: code,
            reason: String(cString: X509_verify_cert_error_string(Int(code))))
        if problems.count < Self.mostProblems, !problems.contains(problem) { problems.append(problem) }
    }
}

extension VerificationProblem.Kind {
    /// X509_V_ERR_ codes (x509_vfy.h).
    init(verificationError code: Int32) {
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: self = .selfSigned
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_UNTRUSTED, X509_V_ERR_CERT_REJECTED:
            self = .untrustedRoot
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            self = .unknownIssuer
        case X509_V_ERR_INVALID_PURPOSE, X509_V_ERR_INVALID_CA, X509_V_ERR_PATH_LENGTH_EXCEEDED: self = .invalidPurpose
        case X509_V_ERR_CERT_REVOKED: self = .revoked
        case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK: self = .weak
        default: self = .other
        }
    }
}
