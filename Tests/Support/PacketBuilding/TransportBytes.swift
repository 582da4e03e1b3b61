import NetValues
import Wire

/// An option of a TCP header.
package enum TCPOptionBytes {
    case mss(UInt16)
    case windowScale(UInt8)
    case sackPermitted
    case timestamps(UInt32, echo: UInt32)
    case sack([(left: UInt32, right: UInt32)])
    case noOperation
    /// Any other, or one that is wrong.
    case raw([UInt8])

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .mss(let size):
            bytes = [2, 4]
            bytes.append(uint16: size)
        case .windowScale(let shift): bytes = [3, 3, shift]
        case .sackPermitted: bytes = [4, 2]
        case .timestamps(let value, let echo):
            bytes = [8, 10]
            bytes.append(uint32: value)
            bytes.append(uint32: echo)
        case .sack(let blocks):
            bytes = [5, UInt8(truncatingIfNeeded: 2 + 8 * blocks.count)]
            for block in blocks {
                bytes.append(uint32: block.left)
                bytes.append(uint32: block.right)
            }
        case .noOperation: bytes = [1]
        case .raw(let raw): bytes = raw
        }
        return bytes
    }
}

extension PacketBytes {
    /// An IP packet with a TCP segment.
    package static func tcp(
        _ source: PacketEndpoint, _ destination: PacketEndpoint, _ flags: TCPFlags, sequence: UInt32 = 0,
        acknowledgement: UInt32 = 0, window: UInt16 = 65535, options: [TCPOptionBytes] = [], payload: [UInt8] = [],
        _ header: Internet = Internet()
    ) -> [UInt8] {
        var written = options.flatMap(\.bytes)
        while written.count % 4 != 0 { written.append(0) }
        var segment: [UInt8] = []
        segment.reserveCapacity(20 + written.count + payload.count)
        segment.append(uint16: source.port)
        segment.append(uint16: destination.port)
        segment.append(uint32: sequence)
        segment.append(uint32: acknowledgement)
        segment += [UInt8(5 + written.count / 4) << 4, flags.rawValue]
        segment.append(uint16: window)
        segment.append(uint32: 0)
        segment += written
        segment += payload
        segment.put(transportChecksum(source.address, destination.address, IPProtocol.tcp, segment), at: 16)
        return internet(source.address, destination.address, IPProtocol.tcp, segment, header)
    }

    /// An IP packet with a UDP datagram.
    package static func udp(
        _ source: PacketEndpoint, _ destination: PacketEndpoint, _ payload: [UInt8], _ header: Internet = Internet()
    ) -> [UInt8] {
        let datagram = udpDatagram(source, destination, payload)
        return internet(source.address, destination.address, IPProtocol.udp, datagram, header)
    }

    /// Without an IP header: for fragments.
    package static func udpDatagram(
        _ source: PacketEndpoint, _ destination: PacketEndpoint, _ payload: [UInt8]
    ) -> [UInt8] {
        var datagram: [UInt8] = []
        datagram.reserveCapacity(8 + payload.count)
        datagram.append(uint16: source.port)
        datagram.append(uint16: destination.port)
        datagram.append(uint16: UInt16(truncatingIfNeeded: 8 + payload.count))
        datagram.append(uint16: 0)
        datagram += payload
        let checksum = transportChecksum(source.address, destination.address, IPProtocol.udp, datagram)
        datagram.put(checksum == 0 ? 0xffff : checksum, at: 6)
        return datagram
    }

    /// An IP packet with an ICMP or ICMPv6 message.
    /// - Parameter content: what follows type, code and checksum: four bytes of its own first, then the rest.
    package static func icmp(
        _ source: PacketAddress, _ destination: PacketAddress, type: UInt8, code: UInt8 = 0, _ content: [UInt8],
        _ header: Internet = Internet()
    ) -> [UInt8] {
        var message = [type, code, 0, 0] + content
        let number = source.isIPv6 ? IPProtocol.icmpv6 : IPProtocol.icmp
        let checksum =
            source.isIPv6 ? transportChecksum(source, destination, number, message) : internetChecksum(message[...])
        message.put(checksum, at: 2)
        return internet(source, destination, number, message, header)
    }

    package static func echo(
        _ source: PacketAddress, _ destination: PacketAddress, isReply: Bool = false, identifier: UInt16 = 1,
        sequence: UInt16 = 1, payload: [UInt8] = [UInt8](repeating: 0x61, count: 56), _ header: Internet = Internet()
    ) -> [UInt8] {
        let type: UInt8 = source.isIPv6 ? (isReply ? 129 : 128) : (isReply ? 0 : 8)
        var content: [UInt8] = []
        content.append(uint16: identifier)
        content.append(uint16: sequence)
        return icmp(source, destination, type: type, content + payload, header)
    }

    /// An ICMP error that quotes a packet: the header and eight bytes over IPv4, up to 1232 bytes over IPv6.
    /// - Parameter extra: the four bytes before the quotation: an MTU, a pointer, zeros.
    package static func icmpError(
        _ source: PacketAddress, _ destination: PacketAddress, type: UInt8, code: UInt8, extra: UInt32 = 0,
        quoting packet: [UInt8], _ header: Internet = Internet()
    ) -> [UInt8] {
        var content: [UInt8] = []
        content.append(uint32: extra)
        return icmp(
            source, destination, type: type, code: code, content + packet.prefix(source.isIPv6 ? 1232 : 28), header)
    }
}
