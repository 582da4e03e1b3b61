import COpenSSL
import NetValues
import Observations
import ProbeKit

extension TLSContext {
    convenience init(server settings: TLSServerSettings) throws(Inability) {
        try self.init(isServer: true)
        setVersions(min: settings.minVersion, max: settings.maxVersion)
        // A fault server must be able to present what no sound one would: RSA 1024, SHA-1.
        SSL_CTX_set_security_level(pointer, 0)
        try present(settings.chain, key: settings.key)
        switch settings.clientCertificates {
        case .ignored: break
        case .requested(let authorities): try ask(SSL_VERIFY_PEER, authorities)
        case .required(let authorities): try ask(SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, authorities)
        }
        let choices = Unmanaged.passRetained(TLSServerChoices(settings))
        // SAFETY: freed by the context's ex_data callback, thus after the last use of the context.
        SSL_CTX_set_ex_data(pointer, Self.choicesSlot, choices.toOpaque())
        SSL_CTX_set_alpn_select_cb(pointer, selectProtocol, choices.toOpaque())
        SSL_CTX_set_client_hello_cb(pointer, checkServerName, choices.toOpaque())
    }

    private static let choicesSlot: Int32 = CRYPTO_get_ex_new_index(
        CRYPTO_EX_INDEX_SSL_CTX, 0, nil, nil, nil,
        { _, pointer, _, _, _, _ in
            // SAFETY: balances passRetained above; OpenSSL calls this once for each context.
            if let pointer { Unmanaged<TLSServerChoices>.fromOpaque(pointer).release() }
        })

    private func present(_ chain: [[UInt8]], key: [UInt8]) throws(Inability) {
        guard let leaf = chain.first, SSL_CTX_use_certificate_ASN1(pointer, Int32(clamping: leaf.count), leaf) == 1
        else {
            throw Self.unusable("certificate")
        }
        for certificate in chain.dropFirst() {
            try withCertificate(certificate) { x509 in
                // SAFETY: SSL_CTX_add1_chain_cert, a macro; it counts its own reference.
                SSL_CTX_ctrl(pointer, SSL_CTRL_CHAIN_CERT, 1, UnsafeMutableRawPointer(x509)) == 1
            }
        }
        var start: UnsafePointer<UInt8>?
        let isTaken = key.withUnsafeBufferPointer { buffer in
            start = buffer.baseAddress
            guard let parsed = d2i_AutoPrivateKey(nil, &start, buffer.count) else { return false }
            defer { EVP_PKEY_free(parsed) }
            return SSL_CTX_use_PrivateKey(pointer, parsed) == 1
        }
        guard isTaken else { throw Self.unusable("key") }
    }

    private func ask(_ mode: Int32, _ authorities: [[UInt8]]) throws(Inability) {
        SSL_CTX_set_verify(pointer, mode, nil)
        let store = SSL_CTX_get_cert_store(pointer)
        for authority in authorities {
            try withCertificate(authority) { x509 in
                X509_STORE_add_cert(store, x509) == 1 && SSL_CTX_add_client_CA(pointer, x509) == 1
            }
        }
    }

    private func withCertificate(_ der: [UInt8], _ use: (OpaquePointer) -> Bool) throws(Inability) {
        let isTaken = der.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            guard let x509 = d2i_X509(nil, &start, buffer.count) else { return false }
            defer { X509_free(x509) }
            return use(x509)
        }
        guard isTaken else { throw Self.unusable("certificate") }
    }

    private static func unusable(_ part: String) -> Inability {
        Inability(
            .internalFault, action: "set up a TLS server", reason: "unusable \(part): \(OpenSSL.takeReason())",
            fix: "please report this")
    }
}

/// What a server decides by while it reads a ClientHello.
private final class TLSServerChoices: Sendable {
    let alpn: [String]
    let serverNames: [String]?

    init(_ settings: TLSServerSettings) {
        alpn = settings.alpn
        serverNames = settings.serverNames
    }
}

private typealias SelectProtocol =
    @convention(c) (
        OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
        UnsafePointer<UInt8>?,
        UInt32, UnsafeMutableRawPointer?
    ) -> Int32

private let selectProtocol: SelectProtocol = { _, chosen, chosenLength, offered, offeredLength, argument in
    guard let argument, let offered, let chosen, let chosenLength else { return SSL_TLSEXT_ERR_NOACK }
    // SAFETY: the context owns the choices; `offered` is as long as OpenSSL says, and the choice must point into it.
    let choices = Unmanaged<TLSServerChoices>.fromOpaque(argument).takeUnretainedValue()
    guard !choices.alpn.isEmpty else { return SSL_TLSEXT_ERR_NOACK }
    let list = UnsafeBufferPointer(start: offered, count: Int(offeredLength))
    for name in choices.alpn {
        var position = 0
        while position < list.count {
            let end = min(position + 1 + Int(list[position]), list.count)
            if list[position + 1..<end].elementsEqual(name.utf8) {
                chosen.pointee = offered + position + 1
                chosenLength.pointee = list[position]
                return SSL_TLSEXT_ERR_OK
            }
            position = end
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}

private typealias CheckServerName =
    @convention(c) (
        OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?
    ) -> Int32

private let checkServerName: CheckServerName = { ssl, alert, argument in
    guard let argument, let ssl else { return SSL_CLIENT_HELLO_ERROR }
    // SAFETY: the context owns the choices.
    let choices = Unmanaged<TLSServerChoices>.fromOpaque(argument).takeUnretainedValue()
    guard let names = choices.serverNames else { return SSL_CLIENT_HELLO_SUCCESS }
    var start: UnsafePointer<UInt8>?
    var length = 0
    let isSent = SSL_client_hello_get0_ext(ssl, UInt32(TLSEXT_TYPE_server_name), &start, &length) == 1
    let content = isSent ? Array(UnsafeBufferPointer(start: start, count: length)) : []
    // RFC 6066 section 3: list length, type, name length, name.
    let name = String(decoding: content.dropFirst(5), as: UTF8.self).lowercasedASCII()
    if isSent, names.contains(name) { return SSL_CLIENT_HELLO_SUCCESS }
    alert?.pointee = Int32(SSL_AD_UNRECOGNIZED_NAME)
    return SSL_CLIENT_HELLO_ERROR
}
