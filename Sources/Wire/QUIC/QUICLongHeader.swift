/// A packet of QUIC with a long header (RFC 9000 section 17.2, RFC 9369 section 3), as far as it can be read without keys.
package struct QUICLongHeader: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case initial, zeroRTT, handshake, retry
        /// RFC 9000 section 17.2.1: the server knows none of the client's versions.
        case versionNegotiation
    }

    package static let version1: UInt32 = 1
    package static let version2: UInt32 = 0x6b33_43cf

    package let kind: Kind
    package let version: UInt32
    package let destinationID: [UInt8]
    package let sourceID: [UInt8]
    /// Of the packet within the datagram; what follows it is another one.
    package let range: Range<Int>
    /// Where the protected packet number begins in the datagram; nil where there is none.
    package let numberOffset: Int?

    /// - Returns: nil for anything but version 1 and 2 and version negotiation, and for what is cut short.
    package init?(_ bytes: Span<UInt8>, at start: Int) {
        var cursor = ByteCursor(start..<bytes.count, in: bytes)
        guard let first = cursor.uint8(bytes), first & 0x80 != 0, let version = cursor.uint32(bytes),
            let destinationLength = cursor.uint8(bytes), destinationLength <= 20,
            let destination = cursor.take(Int(destinationLength)),
            let sourceLength = cursor.uint8(bytes), sourceLength <= 20, let source = cursor.take(Int(sourceLength)),
            let kind = Self.kind(first, version)
        else { return nil }
        self.kind = kind
        self.version = version
        destinationID = bytes.copy(destination)
        sourceID = bytes.copy(source)
        guard kind != .retry, kind != .versionNegotiation else {
            range = start..<bytes.count
            numberOffset = nil
            return
        }
        if kind == .initial {
            guard let token = cursor.variableLength(bytes), cursor.take(token) != nil else { return nil }
        }
        guard let length = cursor.variableLength(bytes), length <= cursor.remaining else { return nil }
        numberOffset = cursor.position
        range = start..<cursor.position + length
    }

    private static func kind(_ first: UInt8, _ version: UInt32) -> Kind? {
        if version == 0 { return .versionNegotiation }
        guard first & 0x40 != 0 else { return nil }
        switch (version, first >> 4 & 3) {
        case (version1, 0), (version2, 1): return .initial
        case (version1, 1), (version2, 2): return .zeroRTT
        case (version1, 2), (version2, 3): return .handshake
        case (version1, 3), (version2, 0): return .retry
        default: return nil
        }
    }
}

extension ByteCursor {
    /// RFC 9000 section 16.
    package mutating func variableLength(_ bytes: Span<UInt8>) -> Int? {
        guard let first = uint8(bytes) else { return nil }
        var value = UInt64(first & 0x3f)
        for _ in 1..<1 << Int(first >> 6) {
            guard let byte = uint8(bytes) else { return nil }
            value = value << 8 | UInt64(byte)
        }
        return Int(value)
    }
}
