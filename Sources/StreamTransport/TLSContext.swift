import COpenSSL
import Observations
import ProbeKit

/// An SSL_CTX: what the handshakes of one kind have in common.
///
/// `@unchecked Sendable`: an SSL_CTX may be used by several threads as long as it is not changed (SSL_CTX_new(3)), and
/// after `init` ours is not.
final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer

    init(isServer: Bool) throws(Inability) {
        try OpenSSL.prepare()
        guard let pointer = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
            throw Inability(
                .noMemory, action: "set up TLS", reason: OpenSSL.takeReason(), fix: "give the process more memory")
        }
        self.pointer = pointer
        // Without one, OpenSSL asks for the pass phrase on the terminal.
        SSL_CTX_set_default_passwd_cb(pointer) { _, _, _, _ in -1 }
    }

    deinit {
        SSL_CTX_free(pointer)
    }

    func setVersions(min: TLSSettings.Version?, max: TLSSettings.Version?) {
        let lowest = min ?? (max.map { $0 < .tls12 } == true ? .tls10 : .tls12)
        // OpenSSL 3 speaks TLS 1.0 and 1.1 at security level 0 only. Otherwise 1, so that a weak server is seen and
        // reported (TLSObserver.verify) and not just a handshake that failed.
        SSL_CTX_set_security_level(pointer, lowest < .tls12 ? 0 : 1)
        SSL_CTX_ctrl(pointer, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(lowest.number), nil)
        SSL_CTX_ctrl(pointer, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(max?.number ?? 0), nil)
        if lowest < .tls12 { SSL_CTX_set_cipher_list(pointer, "ALL:@SECLEVEL=0") }
    }
}

// MARK: For clients

extension TLSContext {
    convenience init(client settings: TLSSettings, trust: TrustStore) throws(Inability) {
        try self.init(isServer: false)
        setVersions(min: settings.minVersion, max: settings.maxVersion)
        SSL_CTX_set1_cert_store(pointer, trust.pointer)
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        TLSObserver.install(on: pointer)
        setProtocols(settings.alpn)
        if let certificate = settings.text.certificate {
            try take(certificate, key: settings.text.key ?? certificate)
        } else if let certificate = settings.certificatePath {
            try loadCertificate(certificate)
            try loadKey(settings.keyPath ?? certificate, certificate: certificate)
        }
    }

    /// RFC 7301 section 3.1: each name behind its length.
    private func setProtocols(_ names: [String]) {
        let list = names.filter { (1...255).contains($0.utf8.count) }.flatMap {
            [UInt8($0.utf8.count)] + Array($0.utf8)
        }
        if !list.isEmpty { SSL_CTX_set_alpn_protos(pointer, list, UInt32(list.count)) }
    }

    private func take(_ certificate: [UInt8], key: [UInt8]) throws(Inability) {
        let chain = PEMText.certificates(in: certificate)
        guard let leaf = chain.first, SSL_CTX_use_certificate(pointer, leaf.pointer) == 1 else {
            throw .badText("client certificate", "certificate")
        }
        for authority in chain.dropFirst() {
            // SAFETY: SSL_CTX_add1_chain_cert, a macro; it counts its own reference.
            SSL_CTX_ctrl(pointer, SSL_CTRL_CHAIN_CERT, 1, UnsafeMutableRawPointer(authority.pointer))
        }
        ERR_clear_error()
        guard PEMText.withKey(in: key, { SSL_CTX_use_PrivateKey(pointer, $0) == 1 }) else {
            let isOther = ERR_GET_REASON(ERR_peek_error()) == X509_R_KEY_VALUES_MISMATCH
            ERR_clear_error()
            throw .badText(
                "client key", "key without a pass phrase",
                isOther ? "it is not the key of the client certificate" : nil)
        }
    }

    private func loadCertificate(_ path: String) throws(Inability) {
        try Self.requireFile(path, of: "certificate")
        ERR_clear_error()
        guard SSL_CTX_use_certificate_chain_file(pointer, path) == 1 else {
            throw .badFile(
                path, of: "certificate", reason: "it holds no usable PEM certificate: \(OpenSSL.takeReason())")
        }
    }

    private func loadKey(_ path: String, certificate: String) throws(Inability) {
        try Self.requireFile(path, of: "key")
        ERR_clear_error()
        guard SSL_CTX_use_PrivateKey_file(pointer, path, SSL_FILETYPE_PEM) == 1 else {
            let isOther = ERR_GET_REASON(ERR_peek_error()) == X509_R_KEY_VALUES_MISMATCH
            let reason = OpenSSL.takeReason()
            throw .badFile(
                path, of: "key",
                reason: isOther
                    ? "the key is not the one of the certificate in \(certificate)"
                    : "it holds no usable PEM key without a pass phrase: \(reason)")
        }
    }

    private static func requireFile(_ path: String, of key: String) throws(Inability) {
        switch FileKind.of(path) {
        case .file: return
        case .directory: throw .badFile(path, of: key, reason: "it is a directory")
        case .other(let reason): throw .badFile(path, of: key, reason: reason)
        }
    }
}
