/// An ARP packet for IPv4 over Ethernet (RFC 826).
package struct ARPPacket: Hashable, Sendable {
    package enum Operation: UInt16, Hashable, Sendable {
        case request = 1
        case reply = 2
    }

    package let operation: Operation
    package let senderLink: LinkAddress
    package let sender: PacketAddress
    package let targetLink: LinkAddress
    package let target: PacketAddress

    package static let length = 28

    /// Nil for other hardware, protocols and operations (reverse ARP), and when the capture ends before it does.
    package init?(_ bytes: Span<UInt8>, at offset: Int) {
        guard bytes.holds(Self.length, at: offset) else { return nil }
        // Hardware type and address lengths: 1 is Ethernet, 6 other IEEE 802 networks with the same addresses.
        let hardware = bytes.uint16(at: offset)
        guard hardware == 1 || hardware == 6, bytes.uint16(at: offset + 2) == 0x0800,
            bytes.uint16(at: offset + 4) == 0x0604, let operation = Operation(rawValue: bytes.uint16(at: offset + 6))
        else { return nil }
        self.operation = operation
        senderLink = bytes.linkAddress(at: offset + 8)
        sender = PacketAddress(ipv4: bytes.uint32(at: offset + 14))
        targetLink = bytes.linkAddress(at: offset + 18)
        target = PacketAddress(ipv4: bytes.uint32(at: offset + 24))
    }

    /// Asks whether an address is free before its sender takes it (RFC 5227 section 2.1.1).
    package var isProbe: Bool { operation == .request && sender.low == 0 && target.low != 0 }
    /// Nobody asked: its sender says who it is (RFC 5227 section 2.3, RFC 5944 section 4.6).
    package var isGratuitous: Bool { sender == target && sender.low != 0 }
}
