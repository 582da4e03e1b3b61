import COpenSSL
import NetValues
import Observations

/// An EVP_PKEY of ours.
final class CertificateKey {
    let pointer: OpaquePointer

    init(_ kind: CertificateFactory.Key) throws(Inability) {
        let name =
            switch kind {
            case .p256: "EC"
            case .ed25519: "ED25519"
            case .rsa: "RSA"
            }
        guard let context = EVP_PKEY_CTX_new_from_name(nil, name, nil) else { throw .certificate("make a key") }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_keygen_init(context) == 1 else { throw .certificate("make a key") }
        switch kind {
        case .p256: EVP_PKEY_CTX_set_group_name(context, "P-256")
        case .rsa(let bits): EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(clamping: bits))
        case .ed25519: break
        }
        var key: OpaquePointer?
        guard EVP_PKEY_generate(context, &key) == 1, let key else { throw .certificate("make a key") }
        pointer = key
    }

    init(der: [UInt8]) throws(Inability) {
        let parsed = der.withUnsafeBufferPointer { buffer in
            // SAFETY: d2i moves its own copy of the pointer, within the buffer.
            var start = buffer.baseAddress
            return d2i_AutoPrivateKey(nil, &start, buffer.count)
        }
        guard let parsed else { throw .certificate("read a key") }
        pointer = parsed
    }

    deinit {
        EVP_PKEY_free(pointer)
    }

    func der() throws(Inability) -> [UInt8] {
        guard let info = EVP_PKEY2PKCS8(pointer) else { throw .certificate("write a key") }
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        return try encoded { i2d_PKCS8_PRIV_KEY_INFO(info, $0) }
    }
}

/// An X509 of ours.
final class CertificateBuilder {
    let pointer: OpaquePointer

    init(_ content: CertificateFactory.Content, key: CertificateKey) throws(Inability) {
        guard let x509 = X509_new() else { throw .certificate("make a certificate") }
        pointer = x509
        X509_set_version(x509, 2)
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), UInt64.random(in: 1..<(1 << 62)))
        ASN1_TIME_set(X509_getm_notBefore(x509), Int(content.notBefore.nanoseconds / 1_000_000_000))
        ASN1_TIME_set(X509_getm_notAfter(x509), Int(content.notAfter.nanoseconds / 1_000_000_000))
        let name = Array(content.commonName.utf8)
        let isNamed = X509_NAME_add_entry_by_NID(
            X509_get_subject_name(x509), NID_commonName, MBSTRING_UTF8, name, Int32(clamping: name.count), -1, 0)
        guard isNamed == 1, X509_set_pubkey(x509, key.pointer) == 1 else { throw .certificate("make a certificate") }
    }

    init(der: [UInt8]) throws(Inability) {
        let parsed = der.withUnsafeBufferPointer { buffer in
            // SAFETY: as above.
            var start = buffer.baseAddress
            return d2i_X509(nil, &start, buffer.count)
        }
        guard let parsed else { throw .certificate("read a certificate") }
        pointer = parsed
    }

    deinit {
        X509_free(pointer)
    }

    /// RFC 5280 section 4.2.
    func addExtensions(_ content: CertificateFactory.Content, issuer: CertificateBuilder) throws(Inability) {
        guard X509_set_issuer_name(pointer, X509_get_subject_name(issuer.pointer)) == 1 else {
            throw .certificate("name an issuer")
        }
        try add(NID_subject_key_identifier, "hash", issuer)
        try add(NID_authority_key_identifier, "keyid", issuer)
        try add(NID_basic_constraints, content.isAuthority ? "critical,CA:TRUE" : "critical,CA:FALSE", issuer)
        try add(
            NID_key_usage, content.isAuthority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature", issuer)
        if !content.isAuthority { try add(NID_ext_key_usage, "serverAuth,clientAuth", issuer) }
        let names = content.dnsNames.map { "DNS:\($0)" } + content.ipAddresses.map { "IP:\($0)" }
        if !names.isEmpty { try add(NID_subject_alt_name, names.joined(separator: ","), issuer) }
    }

    private func add(_ nid: Int32, _ value: String, _ issuer: CertificateBuilder) throws(Inability) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer.pointer, pointer, nil, nil, 0)
        guard let part = X509V3_EXT_conf_nid(nil, &context, nid, value) else { throw .certificate("write \(value)") }
        defer { X509_EXTENSION_free(part) }
        guard X509_add_ext(pointer, part, -1) == 1 else { throw .certificate("add \(value)") }
    }

    func signed(by key: CertificateKey, _ digest: CertificateFactory.Digest) throws(Inability) -> [UInt8] {
        // Ed25519 brings its own hash (RFC 8410).
        let hash =
            EVP_PKEY_get_base_id(key.pointer) == EVP_PKEY_ED25519 ? nil : digest == .sha256 ? EVP_sha256() : EVP_sha1()
        guard X509_sign(pointer, key.pointer, hash) > 0 else { throw .certificate("sign a certificate") }
        return try encoded { i2d_X509(pointer, $0) }
    }
}

/// The DER that an i2d_ function writes; called without a place, it says how long that is.
private func encoded(
    _ write: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
) throws(Inability) -> [UInt8] {
    let length = Int(write(nil))
    guard length > 0 else { throw .certificate("encode") }
    return [UInt8](unsafeUninitializedCapacity: length) { buffer, used in
        // SAFETY: i2d writes exactly the bytes that it announced.
        var start = buffer.baseAddress
        used = max(0, Int(write(&start)))
    }
}

extension Inability {
    fileprivate static func certificate(_ action: String) -> Inability {
        var reason = "no reason given"
        if let words = ERR_reason_error_string(ERR_peek_error()) { reason = String(cString: words) }
        ERR_clear_error()
        return Inability(
            .internalFault, action: "\(action) for a server of our own", reason: reason, fix: "please report this")
    }
}
