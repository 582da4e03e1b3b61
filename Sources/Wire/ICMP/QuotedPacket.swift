import NetValues

/// An IPv4 header (RFC 791 section 3.1).
package struct IPv4Header: Hashable, Sendable {
    package let length: Int
    /// DSCP and ECN (RFC 2474, RFC 3168).
    package let typeOfService: UInt8
    package let identification: UInt16
    package let timeToLive: UInt8
    package let protocolNumber: UInt8
    package let source: IPAddress
    package let destination: IPAddress
    /// Not the first fragment: what follows is no transport header.
    package let isLaterFragment: Bool

    /// Leaves the reader behind the header and its options.
    package init(_ reader: inout ByteReader) throws(WireError) {
        let start = reader.offset
        let first = try reader.uint8("IPv4 version")
        guard first >> 4 == 4 else { throw WireError(field: "IPv4 version", problem: .invalid) }
        length = Int(first & 0x0f) * 4
        guard length >= 20 else { throw WireError(field: "IPv4 header length", problem: .invalid) }
        typeOfService = try reader.uint8("IPv4 type of service")
        _ = try reader.uint16("IPv4 total length")
        identification = try reader.uint16("IPv4 identification")
        isLaterFragment = try reader.uint16("IPv4 fragment offset") & 0x1fff != 0
        timeToLive = try reader.uint8("IPv4 time to live")
        protocolNumber = try reader.uint8("IPv4 protocol")
        _ = try reader.uint16("IPv4 header checksum")
        source = .v4(IPv4Address(bits: try reader.uint32("IPv4 source")))
        destination = .v4(IPv4Address(bits: try reader.uint32("IPv4 destination")))
        try reader.seek(to: start + length, "IPv4 options")
    }

    /// What a raw ICMP socket reads, without the header that the kernel leaves there.
    package static func stripped(_ packet: ArraySlice<UInt8>) throws(WireError) -> ArraySlice<UInt8> {
        var reader = ByteReader(packet)
        _ = try IPv4Header(&reader)
        return reader.rest()
    }
}

/// An IPv6 header with its extension headers walked (RFC 8200 section 4).
package struct IPv6Header: Hashable, Sendable {
    /// DSCP and ECN (RFC 2474, RFC 3168).
    package let trafficClass: UInt8
    package let hopLimit: UInt8
    package let source: IPAddress
    package let destination: IPAddress
    /// Behind the extension headers.
    package let protocolNumber: UInt8
    package let isLaterFragment: Bool

    /// More than anybody sends; a longer chain is an attack.
    private static let mostExtensions = 8

    /// Leaves the reader at the transport header.
    package init(_ reader: inout ByteReader) throws(WireError) {
        let start = try reader.uint16("IPv6 version")
        guard start >> 12 == 6 else { throw WireError(field: "IPv6 version", problem: .invalid) }
        trafficClass = UInt8(truncatingIfNeeded: start >> 4)
        _ = try reader.take(4, "IPv6 flow label and length")
        let first = try reader.uint8("IPv6 next header")
        hopLimit = try reader.uint8("IPv6 hop limit")
        source = try Self.address(&reader, "IPv6 source")
        destination = try Self.address(&reader, "IPv6 destination")
        (protocolNumber, isLaterFragment) = try Self.transport(after: first, &reader)
    }

    private static func address(_ reader: inout ByteReader, _ field: StaticString) throws(WireError) -> IPAddress {
        guard let address = IPAddress(bytes: try reader.take(16, field)) else {
            throw WireError(field: field, problem: .invalid)
        }
        return address
    }

    private static func transport(
        after first: UInt8, _ reader: inout ByteReader
    ) throws(WireError) -> (protocolNumber: UInt8, isLaterFragment: Bool) {
        var header = first
        for _ in 0..<mostExtensions {
            switch header {
            case 0, 43, 60:  // hop-by-hop options, routing, destination options
                header = try reader.uint8("extension next header")
                let length = Int(try reader.uint8("extension length"))
                _ = try reader.take(6 + 8 * length, "extension header")
            case 44:
                header = try reader.uint8("fragment next header")
                _ = try reader.uint8("fragment reserved")
                let offset = try reader.uint16("fragment offset") >> 3
                _ = try reader.uint32("fragment identification")
                if offset != 0 { return (header, true) }
            case 51:  // authentication header (RFC 4302 section 2.2): counted in words of four bytes, minus two
                header = try reader.uint8("authentication next header")
                let length = Int(try reader.uint8("authentication length"))
                guard length >= 1 else { throw WireError(field: "authentication length", problem: .invalid) }
                _ = try reader.take(4 * (length + 2) - 2, "authentication header")
            default: return (header, false)
            }
        }
        throw WireError(field: "IPv6 extension headers", problem: .tooLong)
    }
}

/// The start of a packet of ours that an ICMP error brings back.
package struct QuotedPacket: Hashable, Sendable {
    package let source: IPAddress
    package let destination: IPAddress
    package let protocolNumber: UInt8
    /// TTL or hop limit.
    package let hopLimit: UInt8
    /// DSCP and ECN.
    package let trafficClass: UInt8
    /// IPv6 has none.
    package let identification: UInt16?
    /// Of the transport header on, as much as came back.
    package let transport: ArraySlice<UInt8>
    /// Set when it was an echo request and enough of it came back.
    package let echo: QuotedEcho?

    package init(decoding bytes: ArraySlice<UInt8>, _ family: IPAddress.Family) throws(WireError) {
        var reader = ByteReader(bytes)
        let isLaterFragment: Bool
        switch family {
        case .v4:
            let header = try IPv4Header(&reader)
            (source, destination, protocolNumber) = (header.source, header.destination, header.protocolNumber)
            (hopLimit, trafficClass) = (header.timeToLive, header.typeOfService)
            identification = header.identification
            isLaterFragment = header.isLaterFragment
        case .v6:
            let header = try IPv6Header(&reader)
            (source, destination, protocolNumber) = (header.source, header.destination, header.protocolNumber)
            (hopLimit, trafficClass) = (header.hopLimit, header.trafficClass)
            identification = nil
            isLaterFragment = header.isLaterFragment
        }
        transport = reader.rest()
        let isICMP = protocolNumber == (family == .v4 ? 1 : 58) && !isLaterFragment
        echo = isICMP ? QuotedEcho(decoding: transport, family) : nil
    }
}
