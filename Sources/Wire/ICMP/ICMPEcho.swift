import NetValues

/// An echo request or reply (RFC 792 page 14, RFC 4443 section 4): header of eight bytes, then whatever the sender put there.
package struct ICMPEcho: Hashable, Sendable {
    package var identifier: UInt16
    package var sequence: UInt16
    package var payload: ArraySlice<UInt8>

    package init(identifier: UInt16, sequence: UInt16, payload: ArraySlice<UInt8>) {
        self.identifier = identifier
        self.sequence = sequence
        self.payload = payload
    }

    package static func == (left: ICMPEcho, right: ICMPEcho) -> Bool {
        left.identifier == right.identifier && left.sequence == right.sequence
            && left.payload.elementsEqual(right.payload)
    }

    /// The request as a socket sends it. For ICMPv6 the checksum stays 0: it covers the IPv6 addresses, which the kernel
    /// alone knows, and fills in (RFC 3542 section 3.1).
    package func request(_ family: IPAddress.Family) -> [UInt8] {
        encoded(type: family == .v4 ? ICMPType.echoRequest : ICMPv6Type.echoRequest, family)
    }

    package func reply(_ family: IPAddress.Family) -> [UInt8] {
        encoded(type: family == .v4 ? ICMPType.echoReply : ICMPv6Type.echoReply, family)
    }

    private func encoded(type: UInt8, _ family: IPAddress.Family) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(ICMPMessage.headerLength + payload.count)
        bytes += [type, 0, 0, 0]
        bytes.append(uint16: identifier)
        bytes.append(uint16: sequence)
        bytes += payload
        guard family == .v4 else { return bytes }
        let checksum = internetChecksum(bytes[...])
        bytes[2] = UInt8(checksum >> 8)
        bytes[3] = UInt8(truncatingIfNeeded: checksum)
        return bytes
    }
}

/// RFC 1071: 0 over bytes that already hold a right checksum.
package func internetChecksum(_ bytes: ArraySlice<UInt8>) -> UInt16 {
    var sum: UInt64 = 0
    var index = bytes.startIndex
    let end = bytes.endIndex - (bytes.count & 1)
    while index < end {
        sum += UInt64(bytes[index]) << 8 | UInt64(bytes[index + 1])
        index += 2
    }
    if end < bytes.endIndex { sum += UInt64(bytes[end]) << 8 }
    while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
    return ~UInt16(truncatingIfNeeded: sum)
}

/// What fills our echo requests: bytes that nobody can guess who has not seen the request, different for each request, so that
/// a forged, replayed or corrupted reply is told from a real one, also when sequence numbers come round again.
package struct EchoPattern: Hashable, Sendable {
    private let cookie: UInt64
    package let size: Int

    package init(cookie: UInt64, size: Int) {
        self.cookie = cookie
        self.size = max(0, size)
    }

    /// Puts the packet of a request into `packet`, whose room is used again: a flood makes no array for each.
    /// - Parameter request: how many requests of the session went before it.
    package func writeRequest(
        _ request: UInt32, _ family: IPAddress.Family, identifier: UInt16, sequence: UInt16, to packet: inout [UInt8]
    ) {
        let length = ICMPMessage.headerLength + size
        if packet.count != length { packet = [UInt8](repeating: 0, count: length) }
        packet[0] = family == .v4 ? ICMPType.echoRequest : ICMPv6Type.echoRequest
        for place in 1..<4 { packet[place] = 0 }
        packet[4] = UInt8(identifier >> 8)
        packet[5] = UInt8(truncatingIfNeeded: identifier)
        packet[6] = UInt8(sequence >> 8)
        packet[7] = UInt8(truncatingIfNeeded: sequence)
        var generator = generator(request)
        var place = ICMPMessage.headerLength
        while place < length {
            var word = generator.next()
            for index in place..<min(place + 8, length) {
                packet[index] = UInt8(truncatingIfNeeded: word)
                word >>= 8
            }
            place += 8
        }
        guard family == .v4 else { return }
        let checksum = internetChecksum(packet[...])
        packet[2] = UInt8(checksum >> 8)
        packet[3] = UInt8(truncatingIfNeeded: checksum)
    }

    /// The bytes of the generator's words, the lowest first.
    /// - Parameter request: how many requests of the session went before it.
    package func payload(request: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        var generator = generator(request)
        while bytes.count < size {
            var word = generator.next()
            for _ in 0..<min(8, size - bytes.count) {
                bytes.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
        return bytes
    }

    package func matches(_ echo: ICMPEcho, request: UInt32) -> Bool {
        guard echo.payload.count == size else { return false }
        var generator = generator(request)
        var word: UInt64 = 0
        var left = 0
        for byte in echo.payload {
            if left == 0 {
                word = generator.next()
                left = 8
            }
            guard byte == UInt8(truncatingIfNeeded: word) else { return false }
            word >>= 8
            left -= 1
        }
        return true
    }

    /// Whether as much of the payload as an ICMP error brings back is that of the request. Nothing may come back (RFC 792
    /// promises eight bytes, all of them header), and zeros may stand behind what does (RFC 4884 section 5).
    package func mayBegin(_ quoted: ArraySlice<UInt8>, request: UInt32) -> Bool {
        let own = payload(request: request)
        let shared = zip(quoted, own).prefix { $0 == $1 }.count
        return quoted.prefix(size).dropFirst(shared).allSatisfy { $0 == 0 }
    }

    private func generator(_ request: UInt32) -> SplitMix64 {
        SplitMix64(state: cookie ^ UInt64(request) << 32)
    }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators": good spread from any seed.
private struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
