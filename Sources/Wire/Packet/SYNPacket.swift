import NetValues

/// A SYN as a whole IP packet, as raw sockets send it that are given the IP header too (raw(7), IP_HDRINCL). Its options are those of any
/// Linux host, so that no filter takes it for something else (RFC 9293 section 3.1, RFC 7323 section 3.2).
package struct SYNPacket: Hashable, Sendable {
    /// Both of one family.
    package var source: Endpoint
    package var destination: Endpoint
    /// TTL or hop limit.
    package var hopLimit: UInt8
    /// IPv4 only; the kernel puts one of its own in place of 0.
    package var identification: UInt16
    /// IPv6 only: the lower 20 bits.
    package var flowLabel: UInt32
    package var sequence: UInt32
    package var timestamp: UInt32
    /// The MSS that is offered.
    package var segmentSize: UInt16

    package init(
        source: Endpoint, destination: Endpoint, hopLimit: UInt8, identification: UInt16, flowLabel: UInt32,
        sequence: UInt32, timestamp: UInt32, segmentSize: UInt16
    ) {
        self.source = source
        self.destination = destination
        self.hopLimit = hopLimit
        self.identification = identification
        self.flowLabel = flowLabel
        self.sequence = sequence
        self.timestamp = timestamp
        self.segmentSize = segmentSize
    }

    package static let segmentLength = 40
    private static let window: UInt16 = 64_240

    /// From the IP header on, with both checksums.
    package var bytes: [UInt8] {
        let segment = segment
        return (source.address.family == .v4 ? headerOfIPv4(segment.count) : headerOfIPv6(segment.count)) + segment
    }

    private var segment: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.segmentLength)
        bytes.append(uint16: source.port)
        bytes.append(uint16: destination.port)
        bytes.append(uint32: sequence)
        bytes.append(uint32: 0)
        bytes += [UInt8(Self.segmentLength / 4) << 4, TCPFlags.syn.rawValue]
        bytes.append(uint16: Self.window)
        bytes += [0, 0, 0, 0]
        // MSS, SACK permitted, timestamps, one byte of padding, window scale.
        bytes += [2, 4]
        bytes.append(uint16: segmentSize)
        bytes += [4, 2, 8, 10]
        bytes.append(uint32: timestamp)
        bytes.append(uint32: 0)
        bytes += [1, 3, 3, 7]
        let checksum = internetChecksum((pseudoHeader(bytes.count) + bytes)[...])
        bytes[16] = UInt8(checksum >> 8)
        bytes[17] = UInt8(truncatingIfNeeded: checksum)
        return bytes
    }

    /// RFC 9293 section 3.1, RFC 8200 section 8.1: one sum whichever way length and protocol are spread over its words.
    private func pseudoHeader(_ length: Int) -> [UInt8] {
        var bytes = source.address.bytes + destination.address.bytes
        bytes.append(uint16: UInt16(IPProtocol.tcp))
        bytes.append(uint16: UInt16(clamping: length))
        return bytes
    }

    private func headerOfIPv4(_ length: Int) -> [UInt8] {
        var bytes: [UInt8] = [0x45, 0]
        bytes.append(uint16: UInt16(clamping: 20 + length))
        bytes.append(uint16: identification)
        // Don't fragment.
        bytes += [0x40, 0, hopLimit, IPProtocol.tcp, 0, 0]
        bytes += source.address.bytes + destination.address.bytes
        let checksum = internetChecksum(bytes[...])
        bytes[10] = UInt8(checksum >> 8)
        bytes[11] = UInt8(truncatingIfNeeded: checksum)
        return bytes
    }

    private func headerOfIPv6(_ length: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(uint32: 6 << 28 | flowLabel & 0xf_ffff)
        bytes.append(uint16: UInt16(clamping: length))
        bytes += [IPProtocol.tcp, hopLimit]
        return bytes + source.address.bytes + destination.address.bytes
    }
}
