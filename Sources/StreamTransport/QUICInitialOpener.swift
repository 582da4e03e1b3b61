import COpenSSL
import Observations

/// Opens Initial packets with the keys that follow from the client's first packet (RFC 9001 section 5, RFC 9369 section 3.3): a
/// protection against chance, not against those who look.
package struct QUICInitialOpener: QUICInitialOpening {
    private static let tagLength = 16
    private static let keyLength = 16
    private static let nonceLength = 12

    /// What differs between the versions.
    private struct Version {
        let salt: [UInt8]
        let labels: (key: String, nonce: String, header: String)
    }

    package init() throws(Inability) {
        try OpenSSL.prepare()
    }

    package func open(_ packet: SealedQUICInitial) -> [UInt8]? {
        // Packets that are not what they seem leave their errors to nobody else.
        defer { ERR_clear_error() }
        let sample = packet.numberOffset + 4
        guard packet.numberOffset > 0, sample + Self.tagLength <= packet.bytes.count, packet.connectionID.count <= 20,
            let keys = Self.keys(packet),
            let mask = Self.block(keys.header, Array(packet.bytes[sample..<sample + Self.tagLength]))
        else { return nil }
        var header = packet.bytes
        // RFC 9001 section 5.4.1: of a long header the low four bits are hidden, and the packet number.
        header[0] ^= mask[0] & 0x0f
        let numberLength = Int(header[0] & 3) + 1
        let payload = packet.numberOffset + numberLength
        guard payload + Self.tagLength <= header.count else { return nil }
        var nonce = keys.nonce
        for index in 0..<numberLength {
            header[packet.numberOffset + index] ^= mask[1 + index]
            nonce[nonce.count - numberLength + index] ^= header[packet.numberOffset + index]
        }
        return Self.unseal(
            Array(header[payload...]), key: keys.key, nonce: nonce, associated: Array(header[..<payload]))
    }

    // MARK: - Keys

    private static func version(_ number: UInt32) -> Version? {
        switch number {
        case 1:
            Version(
                salt: [
                    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad,
                    0xcc, 0xbb, 0x7f, 0x0a,
                ], labels: ("quic key", "quic iv", "quic hp"))
        case 0x6b33_43cf:
            Version(
                salt: [
                    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb,
                    0xf9, 0xbd, 0x2e, 0xd9,
                ], labels: ("quicv2 key", "quicv2 iv", "quicv2 hp"))
        default: nil
        }
    }

    private static func keys(_ packet: SealedQUICInitial) -> (key: [UInt8], nonce: [UInt8], header: [UInt8])? {
        guard let version = version(packet.version), let initial = hmac(version.salt, packet.connectionID),
            let secret = expand(initial, packet.isFromServer ? "server in" : "client in", 32),
            let key = expand(secret, version.labels.key, keyLength),
            let nonce = expand(secret, version.labels.nonce, nonceLength),
            let header = expand(secret, version.labels.header, keyLength)
        else { return nil }
        return (key, nonce, header)
    }

    /// HKDF-Expand-Label (RFC 8446 section 7.1) of at most one hash's length.
    private static func expand(_ secret: [UInt8], _ label: String, _ length: Int) -> [UInt8]? {
        let name = Array("tls13 \(label)".utf8)
        let information = [0, UInt8(length), UInt8(name.count)] + name + [0, 1]
        return hmac(secret, information).map { Array($0.prefix(length)) }
    }

    private static func hmac(_ key: [UInt8], _ data: [UInt8]) -> [UInt8]? {
        var code = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        // SAFETY: HMAC writes at most EVP_MAX_MD_SIZE bytes.
        guard HMAC(EVP_sha256(), key, Int32(key.count), data, data.count, &code, &length) != nil else { return nil }
        return Array(code.prefix(Int(length)))
    }

    // MARK: - AES

    /// One block of AES-128.
    private static func block(_ key: [UInt8], _ input: [UInt8]) -> [UInt8]? {
        guard input.count == 16, let context = EVP_CIPHER_CTX_new() else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        // EVP_EncryptUpdate may write a block more than it is given.
        var output = [UInt8](repeating: 0, count: 32)
        var length: Int32 = 0
        guard EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), nil, key, nil) == 1,
            EVP_EncryptUpdate(context, &output, &length, input, 16) == 1, length == 16
        else { return nil }
        return Array(output.prefix(16))
    }

    /// AES-128-GCM; nil when the tag at the end is another.
    private static func unseal(
        _ sealed: [UInt8], key: [UInt8], nonce: [UInt8], associated: [UInt8]
    ) -> [UInt8]? {
        let length = sealed.count - tagLength
        guard length >= 0, length <= 65_535, nonce.count == nonceLength, let context = EVP_CIPHER_CTX_new() else {
            return nil
        }
        defer { EVP_CIPHER_CTX_free(context) }
        var tag = Array(sealed[length...])
        var written: Int32 = 0
        var output = [UInt8](repeating: 0, count: length + 16)
        guard EVP_DecryptInit_ex(context, EVP_aes_128_gcm(), nil, key, nonce) == 1,
            EVP_DecryptUpdate(context, nil, &written, associated, Int32(associated.count)) == 1,
            EVP_DecryptUpdate(context, &output, &written, sealed, Int32(length)) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagLength), &tag) == 1,
            EVP_DecryptFinal_ex(context, nil, &written) == 1
        else { return nil }
        return Array(output.prefix(length))
    }
}
