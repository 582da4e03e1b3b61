import COpenSSL
import Glibc
import NetValues
import Observations

extension CertificateFact {
    /// A certificate may name as many hosts as it likes; a report need not.
    private static let mostNames = 2000

    /// Reads an X509, which stays the caller's.
    init(reading x509: OpaquePointer) {
        let names = SubjectAlternativeNames(of: x509, limit: Self.mostNames)
        let subject = X509_get_subject_name(x509)
        let issuer = X509_get_issuer_name(x509)
        self.init(
            subject: distinguishedName(subject), commonName: lastCommonName(in: subject),
            issuer: distinguishedName(issuer),
            dnsNames: names.dnsNames, ipAddresses: names.ipAddresses, notBefore: wallTime(X509_get0_notBefore(x509)),
            notAfter: wallTime(X509_get0_notAfter(x509)), key: keyDescription(X509_get0_pubkey(x509)),
            signature: longName(X509_get_signature_nid(x509)), serial: hex(bytes(of: X509_get0_serialNumber(x509))),
            sha256: hex(digest(of: x509)), isSelfIssued: X509_NAME_cmp(subject, issuer) == 0)
    }

    /// Each certificate of a STACK_OF(X509), at most `limit`.
    static func all(in stack: OpaquePointer?, limit: Int = 100) -> [CertificateFact] {
        (0..<min(Int(OPENSSL_sk_num(stack)), limit)).compactMap { index in
            OPENSSL_sk_value(stack, Int32(index)).map { CertificateFact(reading: OpaquePointer($0)) }
        }
    }
}

private struct SubjectAlternativeNames {
    var dnsNames: [String] = []
    var ipAddresses: [IPAddress] = []

    init(of x509: OpaquePointer, limit: Int) {
        guard let found = X509_get_ext_d2i(x509, NID_subject_alt_name, nil, nil) else { return }
        let names = OpaquePointer(found)
        // SAFETY: X509_get_ext_d2i gives the caller a stack of GENERAL_NAME of its own.
        defer { GENERAL_NAMES_free(names) }
        for index in 0..<min(Int(OPENSSL_sk_num(names)), limit) {
            guard let value = OPENSSL_sk_value(names, Int32(index)) else { continue }
            var kind: Int32 = 0
            // SAFETY: both kinds that are looked at hold an ASN1_STRING (x509v3.h, GENERAL_NAME).
            let content = GENERAL_NAME_get0_value(value.assumingMemoryBound(to: GENERAL_NAME.self), &kind)
            switch kind {
            case GEN_DNS:
                dnsNames.append(
                    String(decoding: bytes(of: content?.assumingMemoryBound(to: ASN1_STRING.self)), as: UTF8.self))
            case GEN_IPADD:
                if let address = IPAddress(bytes: bytes(of: content?.assumingMemoryBound(to: ASN1_STRING.self))) {
                    ipAddresses.append(address)
                }
            default: continue
            }
        }
    }
}

/// RFC 2253 text, with control characters escaped and UTF-8 left readable.
func distinguishedName(_ name: OpaquePointer?) -> String {
    guard let name, let bio = BIO_new(BIO_s_mem()) else { return "" }
    defer { BIO_free(bio) }
    let text =
        ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_UTF8_CONVERT | ASN1_STRFLGS_DUMP_UNKNOWN
        | ASN1_STRFLGS_DUMP_DER
    // XN_FLAG_RFC2253 is a macro that Swift does not import; these are its parts (x509.h).
    let form = XN_FLAG_SEP_COMMA_PLUS | XN_FLAG_DN_REV | XN_FLAG_FN_SN | XN_FLAG_DUMP_UNKNOWN_FIELDS
    guard X509_NAME_print_ex(bio, name, 0, UInt(text) | UInt(form)) >= 0 else { return "" }
    return String(decoding: OpenSSL.contents(of: bio, limit: 1024), as: UTF8.self)
}

/// The most specific one, which is the last.
private func lastCommonName(in name: OpaquePointer?) -> String? {
    var last: Int32 = -1
    while case let next = X509_NAME_get_index_by_NID(name, NID_commonName, last), next >= 0 { last = next }
    guard last >= 0, let data = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)) else { return nil }
    var text: UnsafeMutablePointer<UInt8>?
    let length = ASN1_STRING_to_UTF8(&text, data)
    // SAFETY: on success OpenSSL allocates `length` bytes for us, which are copied here and freed.
    defer { CRYPTO_free(text, nil, 0) }
    guard length >= 0, let text else { return nil }
    return String(decoding: UnsafeBufferPointer(start: text, count: min(Int(length), 256)), as: UTF8.self)
}

/// 1970 for a time that cannot be read; the verification then names the field.
private func wallTime(_ time: UnsafePointer<ASN1_TIME>?) -> WallTime {
    var parts = tm()
    guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return WallTime(seconds: 0) }
    return WallTime(seconds: Int64(timegm(&parts)))
}

private func keyDescription(_ key: OpaquePointer?) -> String {
    guard let key else { return "unreadable" }
    switch EVP_PKEY_get_base_id(key) {
    case EVP_PKEY_RSA, EVP_PKEY_RSA_PSS: return "RSA \(EVP_PKEY_get_bits(key))"
    case EVP_PKEY_DSA: return "DSA \(EVP_PKEY_get_bits(key))"
    case EVP_PKEY_EC:
        var name = [CChar](repeating: 0, count: 64)
        var length = 0
        guard EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else {
            return "EC \(EVP_PKEY_get_bits(key))"
        }
        return "EC "
            + String(decoding: name.prefix(min(length, name.count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    case let kind: return shortName(kind)
    }
}

private func shortName(_ nid: Int32) -> String { OBJ_nid2sn(nid).map { String(cString: $0) } ?? "unknown" }
private func longName(_ nid: Int32) -> String { OBJ_nid2ln(nid).map { String(cString: $0) } ?? "unknown" }

private func bytes(of string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
    guard let string, let start = ASN1_STRING_get0_data(string) else { return [] }
    // SAFETY: an ASN1_STRING holds as many bytes as its length says.
    return [UInt8](UnsafeBufferPointer(start: start, count: max(0, Int(ASN1_STRING_length(string)))))
}

private func digest(of x509: OpaquePointer) -> [UInt8] {
    var hash = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    guard X509_digest(x509, EVP_sha256(), &hash, &length) == 1 else { return [] }
    return Array(hash.prefix(Int(length)))
}

private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
