/// What a ClientHello offers (RFC 8446 section 4.1.2), as far as its bytes reach: those behind a cut are as if not there.
package struct TLSClientHello: Hashable, Sendable {
    package var legacyVersion: UInt16
    package var serverName: String?
    /// At most 16.
    package var alpn: [String] = []
    /// Of supported_versions, at most 16, without GREASE (RFC 8701); empty without the extension.
    package var supportedVersions: [UInt16] = []

    static let mostListed = 16

    /// - Parameter body: behind the message's type and length.
    /// - Returns: nil when not even the fixed part is there.
    package init?(reading body: Span<UInt8>) {
        var cursor = ByteCursor(body)
        guard let version = cursor.uint16(body), version >> 8 == 3 else { return nil }
        legacyVersion = version
        guard cursor.take(32) != nil, let session = cursor.uint8(body), cursor.take(Int(session)) != nil,
            let ciphers = cursor.uint16(body), cursor.take(Int(ciphers)) != nil,
            let methods = cursor.uint8(body), cursor.take(Int(methods)) != nil
        else { return }
        TLSExtensions.each(body, &cursor) { kind, content in
            switch kind {
            case TLSExtensions.serverName: serverName = serverName ?? TLSExtensions.hostName(body, content)
            case TLSExtensions.alpn: alpn = TLSExtensions.protocols(body, content)
            case TLSExtensions.supportedVersions: supportedVersions = TLSExtensions.versions(body, content)
            default: break
            }
        }
    }

    /// All that are offered by name, the newest first; without the extension only the highest is known.
    package var versionNames: [String] {
        supportedVersions.isEmpty ? [TLSVersionName.of(legacyVersion)] : supportedVersions.map(TLSVersionName.of)
    }
}

/// What a ServerHello chose (RFC 8446 section 4.1.3).
package struct TLSServerHello: Hashable, Sendable {
    package var version: UInt16
    package var cipher: UInt16
    /// TLS 1.2 and older; later versions encrypt it.
    package var alpn: String?
    /// It asks for another ClientHello.
    package var isHelloRetryRequest: Bool

    package init?(reading body: Span<UInt8>) {
        var cursor = ByteCursor(body)
        guard let version = cursor.uint16(body), version >> 8 == 3, let random = cursor.take(32),
            let session = cursor.uint8(body), cursor.take(Int(session)) != nil, let cipher = cursor.uint16(body)
        else { return nil }
        self.version = version
        self.cipher = cipher
        isHelloRetryRequest = zip(random, Self.retryRandom).allSatisfy { body[$0] == $1 }
        guard cursor.uint8(body) != nil else { return }
        TLSExtensions.each(body, &cursor) { kind, content in
            var inner = ByteCursor(content, in: body)
            switch kind {
            case TLSExtensions.supportedVersions: self.version = inner.uint16(body) ?? version
            case TLSExtensions.alpn: alpn = TLSExtensions.protocols(body, content).first
            default: break
            }
        }
    }

    /// RFC 8446 section 4.1.3: SHA-256 of "HelloRetryRequest".
    private static let retryRandom: [UInt8] = [
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
        0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
    ]
}

/// The certificates of a Certificate message of TLS 1.2 and older (RFC 5246 section 7.4.2), leaf first.
package enum TLSCertificateList {
    package static let mostCertificates = 16

    package static func read(_ body: Span<UInt8>) -> [[UInt8]] {
        var cursor = ByteCursor(body)
        guard let total = cursor.uint24(body) else { return [] }
        var list = ByteCursor(cursor.takeUp(to: total), in: body)
        var certificates: [[UInt8]] = []
        while certificates.count < mostCertificates, let length = list.uint24(body), let range = list.take(length) {
            certificates.append(body.copy(range))
        }
        return certificates
    }
}

/// Extensions of either hello (RFC 8446 section 4.2).
enum TLSExtensions {
    static let serverName: UInt16 = 0
    static let alpn: UInt16 = 16
    static let supportedVersions: UInt16 = 43

    /// Each extension's number and where its content lies. The last one may be cut short.
    static func each(_ body: Span<UInt8>, _ cursor: inout ByteCursor, _ take: (UInt16, Range<Int>) -> Void) {
        guard let total = cursor.uint16(body) else { return }
        var list = ByteCursor(cursor.takeUp(to: Int(total)), in: body)
        while let kind = list.uint16(body), let length = list.uint16(body) {
            take(kind, list.takeUp(to: Int(length)))
        }
    }

    /// RFC 6066 section 3: the first name of type host_name.
    static func hostName(_ body: Span<UInt8>, _ content: Range<Int>) -> String? {
        var cursor = ByteCursor(content, in: body)
        guard cursor.uint16(body) != nil, cursor.uint8(body) == 0, let length = cursor.uint16(body), length <= 255,
            let name = cursor.take(Int(length)), !name.isEmpty
        else { return nil }
        return body.text(name)
    }

    /// RFC 7301 section 3.1.
    static func protocols(_ body: Span<UInt8>, _ content: Range<Int>) -> [String] {
        var cursor = ByteCursor(content, in: body)
        guard cursor.uint16(body) != nil else { return [] }
        var names: [String] = []
        while names.count < TLSClientHello.mostListed, let length = cursor.uint8(body),
            let name = cursor.take(Int(length))
        {
            guard !isGREASE(body, name) else { continue }
            names.append(body.text(name))
        }
        return names
    }

    /// RFC 8446 section 4.2.1, of a ClientHello.
    static func versions(_ body: Span<UInt8>, _ content: Range<Int>) -> [UInt16] {
        var cursor = ByteCursor(content, in: body)
        guard cursor.uint8(body) != nil else { return [] }
        var versions: [UInt16] = []
        while versions.count < TLSClientHello.mostListed, let version = cursor.uint16(body) {
            if !isGREASE(version) { versions.append(version) }
        }
        return versions
    }

    /// RFC 8701: values that mean nothing, so that servers learn to bear them.
    static func isGREASE(_ value: UInt16) -> Bool { value & 0x0f0f == 0x0a0a && value >> 8 == value & 0xff }

    private static func isGREASE(_ body: Span<UInt8>, _ name: Range<Int>) -> Bool {
        guard name.count == 2, name.upperBound <= body.count else { return false }
        return isGREASE(UInt16(body[name.lowerBound]) << 8 | UInt16(body[name.lowerBound + 1]))
    }
}
