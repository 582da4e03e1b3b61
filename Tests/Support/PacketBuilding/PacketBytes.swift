import NetValues
import Wire

/// Makes the bytes of packets and frames for tests, with lengths and checksums that are right unless said otherwise. A packet
/// begins with its IP header; `frame` functions put a link layer before it.
package enum PacketBytes {
    /// What an IP header says beside addresses, protocol and length.
    package struct Internet {
        package var hopLimit: UInt8 = 64
        package var trafficClass: UInt8 = 0
        package var identification: UInt16 = 0
        package var mayFragment = false
        /// Of IPv4, a multiple of four bytes.
        package var options: [UInt8] = []

        package init(hopLimit: UInt8 = 64, identification: UInt16 = 0, mayFragment: Bool = false, options: [UInt8] = [])
        {
            self.hopLimit = hopLimit
            self.identification = identification
            self.mayFragment = mayFragment
            self.options = options
        }
    }

    /// An IP packet of the family of its addresses.
    package static func internet(
        _ source: PacketAddress, _ destination: PacketAddress, _ protocolNumber: UInt8, _ payload: [UInt8],
        _ header: Internet = Internet()
    ) -> [UInt8] {
        if source.isIPv6 { return ipv6(source, destination, protocolNumber, payload, header) }
        let fragmentField: UInt16 = header.mayFragment ? 0 : 0x4000
        return ipv4(source, destination, protocolNumber, payload, header, fragmentField: fragmentField)
    }

    static func ipv4(
        _ source: PacketAddress, _ destination: PacketAddress, _ protocolNumber: UInt8, _ payload: [UInt8],
        _ header: Internet, fragmentField: UInt16
    ) -> [UInt8] {
        let headerLength = 20 + header.options.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerLength + payload.count)
        bytes += [0x40 | UInt8(headerLength / 4), header.trafficClass]
        bytes.append(uint16: UInt16(truncatingIfNeeded: headerLength + payload.count))
        bytes.append(uint16: header.identification)
        bytes.append(uint16: fragmentField)
        bytes += [header.hopLimit, protocolNumber, 0, 0]
        bytes.append(address: source)
        bytes.append(address: destination)
        bytes += header.options
        bytes.put(internetChecksum(bytes[...]), at: 10)
        bytes += payload
        return bytes
    }

    static func ipv6(
        _ source: PacketAddress, _ destination: PacketAddress, _ protocolNumber: UInt8, _ payload: [UInt8],
        _ header: Internet
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(40 + payload.count)
        bytes.append(uint32: 0x6000_0000 | UInt32(header.trafficClass) << 20)
        bytes.append(uint16: UInt16(truncatingIfNeeded: payload.count))
        bytes += [protocolNumber, header.hopLimit]
        bytes.append(address: source)
        bytes.append(address: destination)
        bytes += payload
        return bytes
    }

    /// An IPv6 extension header with a length in eights: hop-by-hop, routing, destination options.
    /// - Parameter content: what follows the next header and the length; filled up with zeros.
    package static func extensionHeader(next: UInt8, _ content: [UInt8] = []) -> [UInt8] {
        let length = (2 + content.count + 7) / 8 * 8
        return [next, UInt8(length / 8 - 1)] + content + [UInt8](repeating: 0, count: length - 2 - content.count)
    }

    /// A packet cut into fragments of at most so many bytes of payload each, a multiple of eight.
    package static func fragments(
        _ source: PacketAddress, _ destination: PacketAddress, _ protocolNumber: UInt8, _ payload: [UInt8], size: Int,
        identification: UInt16 = 1
    ) -> [[UInt8]] {
        stride(from: 0, to: payload.count, by: size).map { offset in
            let part = [UInt8](payload[offset..<min(payload.count, offset + size)])
            return fragment(
                source, destination, protocolNumber, part, offset: offset,
                isLast: offset + size >= payload.count, identification: identification)
        }
    }

    /// One fragment, right or not: the offset is in bytes.
    package static func fragment(
        _ source: PacketAddress, _ destination: PacketAddress, _ protocolNumber: UInt8, _ part: [UInt8], offset: Int,
        isLast: Bool, identification: UInt16 = 1
    ) -> [UInt8] {
        let header = Internet(identification: identification)
        guard source.isIPv6 else {
            let field = UInt16(truncatingIfNeeded: offset / 8) & 0x1fff | (isLast ? 0 : 0x2000)
            return ipv4(source, destination, protocolNumber, part, header, fragmentField: field)
        }
        var extended: [UInt8] = [protocolNumber, 0]
        extended.append(uint16: UInt16(truncatingIfNeeded: offset) & 0xfff8 | (isLast ? 0 : 1))
        extended.append(uint32: UInt32(identification))
        return ipv6(source, destination, 44, extended + part, header)
    }

    /// The checksum of TCP, UDP and ICMPv6: over a pseudo-header too (RFC 9293 section 3.1, RFC 8200 section 8.1).
    static func transportChecksum(
        _ source: PacketAddress, _ destination: PacketAddress, _ protocolNumber: UInt8, _ segment: [UInt8]
    ) -> UInt16 {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(40 + segment.count)
        bytes.append(address: source)
        bytes.append(address: destination)
        bytes.append(uint32: UInt32(segment.count))
        bytes.append(uint32: UInt32(protocolNumber))
        bytes += segment
        return internetChecksum(bytes[...])
    }
}

extension [UInt8] {
    mutating func append(address: PacketAddress) {
        if address.isIPv6 {
            append(uint32: UInt32(address.high >> 32))
            append(uint32: UInt32(truncatingIfNeeded: address.high))
            append(uint32: UInt32(address.low >> 32))
        }
        append(uint32: UInt32(truncatingIfNeeded: address.low))
    }

    mutating func append(_ address: LinkAddress) {
        append(uint16: UInt16(truncatingIfNeeded: address.bits >> 32))
        append(uint32: UInt32(truncatingIfNeeded: address.bits))
    }

    mutating func put(_ value: UInt16, at offset: Int) {
        self[offset] = UInt8(value >> 8)
        self[offset + 1] = UInt8(truncatingIfNeeded: value)
    }
}

/// `"198.18.0.1"` in a test.
extension PacketAddress: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) {
        guard let address = IPAddress(text) else { fatalError("no address: \(text)") }
        self.init(address)
    }
}

/// `"198.18.0.1:443"` and `"[fd00:18::1]:443"` in a test.
extension PacketEndpoint: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) {
        guard let endpoint = Endpoint(text) else { fatalError("no endpoint: \(text)") }
        self.init(endpoint)
    }
}

/// `"02:00:00:00:00:01"` in a test.
extension LinkAddress: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) {
        let parts = text.split(separator: ":").compactMap { UInt64($0, radix: 16) }
        guard parts.count == 6 else { fatalError("no Ethernet address: \(text)") }
        self.init(bits: parts.reduce(0) { $0 << 8 | $1 })
    }
}
