import NetValues

/// What a router adds to an ICMP error behind the packet that it quotes (RFC 4884), as far as label stacks (RFC 4950) go.
package struct ICMPExtensions: Hashable, Sendable {
    /// Under which the packet had come to the router, outermost first.
    package let labels: [LabelStackEntry]

    private static let headerLength = 4
    /// RFC 4950 section 3.
    private static let labelStack = (objectClass: UInt8(1), type: UInt8(1))
    private static let mostObjects = 16
    /// More than any network stacks.
    private static let mostLabels = 16

    /// From the first byte of the extension structure on (RFC 4884 section 7). Objects of other classes are passed over.
    /// - Throws: for another version, a wrong checksum, and an object that is longer than what is left.
    package init(decoding bytes: ArraySlice<UInt8>) throws(WireError) {
        var reader = ByteReader(bytes)
        guard try reader.uint8("extension version") >> 4 == 2 else {
            throw WireError(field: "extension version", problem: .invalid)
        }
        _ = try reader.uint8("extension reserved bits")
        // Zero: the sender has made none.
        guard try reader.uint16("extension checksum") == 0 || internetChecksum(bytes) == 0 else {
            throw WireError(field: "extension checksum", problem: .invalid)
        }
        var labels: [LabelStackEntry] = []
        for _ in 0..<Self.mostObjects where reader.remaining >= Self.headerLength {
            let length = Int(try reader.uint16("extension object length"))
            let objectClass = try reader.uint8("extension object class")
            let type = try reader.uint8("extension object type")
            // Bytes of padding to a network's least frame length stand where an object would.
            if length == 0 { break }
            let object = try reader.take(length - Self.headerLength, "extension object")
            guard (objectClass, type) == Self.labelStack else { continue }
            labels += try Self.stack(object, room: Self.mostLabels - labels.count)
        }
        self.labels = labels
    }

    private static func stack(_ object: ArraySlice<UInt8>, room: Int) throws(WireError) -> [LabelStackEntry] {
        var reader = ByteReader(object)
        var entries: [LabelStackEntry] = []
        while reader.remaining >= 4, entries.count < room {
            entries.append(LabelStackEntry(try reader.uint32("label stack entry")))
        }
        return entries
    }

    /// Those of a whole ICMP error.
    /// - Parameter message: from the first byte of the ICMP header on.
    package init?(ofError message: ArraySlice<UInt8>, _ family: IPAddress.Family) {
        let header = Array(message.prefix(ICMPMessage.headerLength))
        guard header.count == ICMPMessage.headerLength, ICMPError.isError(type: header[0], family) else { return nil }
        // RFC 4884 section 4: by words of four bytes in IPv4, of eight in IPv6.
        let stated = family == .v4 ? Int(header[5]) * 4 : Int(header[4]) * 8
        let canBeStated =
            family == .v4 || [ICMPv6Type.destinationUnreachable, ICMPv6Type.timeExceeded].contains(header[0])
        let quote = canBeStated && stated > 0 ? stated : Self.offsetWithoutLength
        let rest = message.dropFirst(ICMPMessage.headerLength + quote)
        // Where no length is stated, only a checksum that is right tells extensions from more of our packet.
        let hasChecksum = rest.dropFirst(2).prefix(2).contains { $0 != 0 }
        guard quote == stated || hasChecksum, let extensions = try? ICMPExtensions(decoding: rest) else { return nil }
        self = extensions
    }

    /// Where the extensions of an old router begin that gives no length: behind 128 bytes of the quoted packet, its own header
    /// included (RFC 4884 section 5.5).
    package static let offsetWithoutLength = 128
}

/// RFC 3032 section 2.1.
package struct LabelStackEntry: Hashable, Sendable {
    package let label: UInt32
    package let trafficClass: UInt8
    package let isBottom: Bool
    package let timeToLive: UInt8

    package init(_ word: UInt32) {
        label = word >> 12
        trafficClass = UInt8(truncatingIfNeeded: word >> 9 & 7)
        isBottom = word >> 8 & 1 == 1
        timeToLive = UInt8(truncatingIfNeeded: word)
    }
}
