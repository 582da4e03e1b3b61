/// Version negotiation (RFC 9000 sections 6 and 17.2.1; RFC 8999): a server answers a version that it does not know with those
/// that it does, without any cryptography.
package struct QUICVersionNegotiation: Hashable, Sendable {
    package let destinationID: [UInt8]
    package let sourceID: [UInt8]
    /// At most `mostVersions`, the greased ones (section 15) left out.
    package let versions: [UInt32]

    package static let mostVersions = 32

    package init(decoding bytes: [UInt8]) throws(WireError) {
        let span = bytes.span
        guard let header = QUICLongHeader(span, at: 0), header.kind == .versionNegotiation else {
            throw WireError(field: "version negotiation", problem: .invalid)
        }
        destinationID = header.destinationID
        sourceID = header.sourceID
        var reader = ByteReader(bytes)
        try reader.seek(to: 7 + destinationID.count + sourceID.count, "versions")
        guard reader.remaining >= 4, reader.remaining % 4 == 0 else {
            throw WireError(field: "versions", problem: .cutShort)
        }
        var versions: [UInt32] = []
        while reader.remaining >= 4, versions.count < Self.mostVersions {
            let version = try reader.uint32("version")
            if version & 0x0f0f_0f0f != 0x0a0a_0a0a { versions.append(version) }
        }
        self.versions = versions
    }

    /// A datagram of a version that is reserved to be known by nobody, long enough that a server must answer it (section 6.1).
    /// - Parameter nonce: the two connection ids, which come back the other way round.
    package static func request(nonce: UInt64) -> [UInt8] {
        var bytes: [UInt8] = [0xc0]
        bytes.append(uint32: reservedVersion)
        for id in ids(nonce) {
            bytes.append(UInt8(id.count))
            bytes += id
        }
        bytes += [UInt8](repeating: 0, count: leastLength - bytes.count)
        return bytes
    }

    /// Whether it answers the request of that nonce.
    package func answers(nonce: UInt64) -> Bool {
        let ids = Self.ids(nonce)
        return sourceID == ids[0] && destinationID == ids[1]
    }

    private static let reservedVersion: UInt32 = 0x1a2a_3a4a
    /// Section 14.1.
    private static let leastLength = 1200

    /// Of the destination and of the source, eight bytes each.
    private static func ids(_ nonce: UInt64) -> [[UInt8]] {
        [nonce, ~nonce].map { id in (0..<8).map { UInt8(truncatingIfNeeded: id >> (56 - 8 * UInt64($0))) } }
    }

    /// "1", "2", "draft-29", or the number.
    package static func words(for version: UInt32) -> String {
        switch version {
        case QUICLongHeader.version1: "1"
        case QUICLongHeader.version2: "2"
        case 0x709a_50c4: "2-draft"
        case 0xff00_0000...0xff00_00ff: "draft-\(version & 0xff)"
        default: "0x" + String(version, radix: 16)
        }
    }
}
