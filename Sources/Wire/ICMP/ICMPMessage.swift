import NetValues

/// An ICMP message as far as echo and errors go (RFC 792, RFC 1122 section 3.2.2, RFC 4443).
package enum ICMPMessage: Hashable, Sendable {
    case echoRequest(ICMPEcho)
    case echoReply(ICMPEcho)
    case error(ICMPError)
    case other(type: UInt8, code: UInt8)

    package static let headerLength = 8

    /// From the first byte of the ICMP header on. The checksum is not looked at: see `isChecksumRight`.
    package init(decoding bytes: ArraySlice<UInt8>, _ family: IPAddress.Family) throws(WireError) {
        var reader = ByteReader(bytes)
        let type = try reader.uint8("ICMP type")
        let code = try reader.uint8("ICMP code")
        _ = try reader.uint16("ICMP checksum")
        switch (family, type) {
        case (.v4, ICMPType.echoRequest), (.v6, ICMPv6Type.echoRequest): self = .echoRequest(try Self.echo(&reader))
        case (.v4, ICMPType.echoReply), (.v6, ICMPv6Type.echoReply): self = .echoReply(try Self.echo(&reader))
        case (_, let type) where ICMPError.isError(type: type, family):
            self = .error(try ICMPError(type: type, code: code, &reader, family))
        default: self = .other(type: type, code: code)
        }
    }

    private static func echo(_ reader: inout ByteReader) throws(WireError) -> ICMPEcho {
        let identifier = try reader.uint16("echo identifier")
        let sequence = try reader.uint16("echo sequence number")
        return ICMPEcho(identifier: identifier, sequence: sequence, payload: reader.rest())
    }

    /// ICMPv4 only: raw sockets are handed packets before the kernel has looked at their checksum.
    package static func isChecksumRight(_ bytes: ArraySlice<UInt8>) -> Bool { internetChecksum(bytes) == 0 }
}

/// RFC 792; 3 to 5, 11 and 12 quote the packet that caused them.
package enum ICMPType {
    package static let echoReply: UInt8 = 0
    package static let destinationUnreachable: UInt8 = 3
    package static let sourceQuench: UInt8 = 4
    package static let redirect: UInt8 = 5
    package static let echoRequest: UInt8 = 8
    package static let timeExceeded: UInt8 = 11
    package static let parameterProblem: UInt8 = 12
}

/// RFC 4443; errors are those below 128.
package enum ICMPv6Type {
    package static let destinationUnreachable: UInt8 = 1
    package static let packetTooBig: UInt8 = 2
    package static let timeExceeded: UInt8 = 3
    package static let parameterProblem: UInt8 = 4
    package static let echoRequest: UInt8 = 128
    package static let echoReply: UInt8 = 129
    /// RFC 4861 section 4.5.
    package static let redirect: UInt8 = 137
}

/// An ICMP error with what it says of the packet that caused it.
package struct ICMPError: Hashable, Sendable {
    package let type: UInt8
    package let code: UInt8
    /// Of "fragmentation needed" (RFC 1191; 0 there means a router that does not say) and "packet too big".
    package let mtu: Int?
    /// Nil when too little of it came back to be read.
    package let quoted: QuotedPacket?

    init(type: UInt8, code: UInt8, _ reader: inout ByteReader, _ family: IPAddress.Family) throws(WireError) {
        self.type = type
        self.code = code
        let rest = try reader.uint32("ICMP error header")
        switch (family, type, code) {
        case (.v4, ICMPType.destinationUnreachable, 4):
            let value = Int(rest & 0xffff)
            mtu = value > 0 ? value : nil
        case (.v6, ICMPv6Type.packetTooBig, _): mtu = Int(rest)
        default: mtu = nil
        }
        quoted = try? QuotedPacket(decoding: reader.rest(), family)
    }

    /// The request that it quotes did not and will not arrive. Redirects and source quench quote packets that did.
    package static func isError(type: UInt8, _ family: IPAddress.Family) -> Bool {
        switch family {
        case .v4:
            [ICMPType.destinationUnreachable, ICMPType.timeExceeded, ICMPType.parameterProblem].contains(type)
        case .v6: (1..<128).contains(type)
        }
    }
}

/// Identifier and sequence number of an echo request that came back in an ICMP error: the first eight bytes are enough,
/// which is what RFC 792 promises at least.
package struct QuotedEcho: Hashable, Sendable {
    package let identifier: UInt16
    package let sequence: UInt16

    package init(identifier: UInt16, sequence: UInt16) {
        self.identifier = identifier
        self.sequence = sequence
    }

    /// From the first byte of the quoted ICMP header on; nil when it is no echo request or is cut short.
    package init?(decoding bytes: ArraySlice<UInt8>, _ family: IPAddress.Family) {
        guard case .echoRequest(let echo) = try? ICMPMessage(decoding: bytes, family) else { return nil }
        self.init(identifier: echo.identifier, sequence: echo.sequence)
    }
}
