/// As much of a TCP header as there is: an ICMP error need bring back no more than its first eight bytes (RFC 792).
package struct SegmentStart: Hashable, Sendable {
    package let sourcePort: UInt16
    package let destinationPort: UInt16
    package let sequence: UInt32
    /// Nil where the fixed part is not whole, or is no header: zeros are what some routers fill up with (RFC 4884 section 5.1).
    package let acknowledgement: UInt32?
    package let flags: TCPFlags?
    /// As far as they came.
    package let options: TCPOptions

    private static let fixedLength = 20

    /// From the first byte of the TCP header on.
    package init(decoding bytes: ArraySlice<UInt8>) throws(WireError) {
        var reader = ByteReader(bytes)
        sourcePort = try reader.uint16("TCP source port")
        destinationPort = try reader.uint16("TCP destination port")
        sequence = try reader.uint32("TCP sequence number")
        let length = bytes.count > 12 ? Int(bytes[bytes.startIndex + 12] >> 4) * 4 : 0
        guard bytes.count >= Self.fixedLength, length >= Self.fixedLength else {
            (acknowledgement, flags, options) = (nil, nil, TCPOptions())
            return
        }
        acknowledgement = try reader.uint32("TCP acknowledgement number")
        _ = try reader.uint8("TCP data offset")
        flags = TCPFlags(rawValue: try reader.uint8("TCP flags"))
        let rest = bytes.prefix(length).dropFirst(Self.fixedLength)
        options = TCPOptions(rest.span)
    }
}
