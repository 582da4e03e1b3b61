import Observations
import Wire

/// Tells by a datagram what a UDP conversation is.
enum DatagramSignature {
    static func recognise(_ bytes: Span<UInt8>, _ context: PayloadContext) -> FlowRecord.Application? {
        if isQUIC(bytes) { return .quic }
        switch PortHint.datagram(context) {
        case .dns where isDNS(bytes, from: 0): return .dns
        case .mdns where isDNS(bytes, from: 0): return .mdns
        case .ntp where isNTP(bytes, context): return .ntp
        case .dhcp where isDHCP(bytes, context): return .dhcp
        case .vxlan where bytes.count >= 8 && bytes[0] == 8 && bytes[7] == 0: return .vxlan
        case .geneve where bytes.count >= 8 && bytes[0] >> 6 == 0 && bytes[7] == 0: return .geneve
        default: break
        }
        return isWireGuard(bytes, context) ? .wireguard : nil
    }

    /// RFC 9000 section 17.2: the long header of a version that is known, or of version negotiation.
    static func isQUIC(_ bytes: Span<UInt8>) -> Bool {
        var cursor = ByteCursor(bytes)
        guard let first = cursor.uint8(bytes), first & 0x80 != 0, let version = cursor.uint32(bytes),
            let destination = cursor.uint8(bytes), destination <= 20, cursor.take(Int(destination)) != nil,
            let source = cursor.uint8(bytes), source <= 20
        else { return false }
        switch version {
        case 1, 0x6b33_43cf: return first & 0x40 != 0
        // Drafts of version 1, and Google's own.
        case 0xff00_0017...0xff00_0022: return first & 0x40 != 0
        case 0: return cursor.take(Int(source)) != nil && cursor.remaining >= 4 && cursor.remaining % 4 == 0
        default: return false
        }
    }

    /// RFC 1035 section 4.1.1: a known operation, few questions, and a first name or answer.
    static func isDNS(_ bytes: Span<UInt8>, from start: Int) -> Bool {
        guard bytes.count >= start + 12 else { return false }
        let operation = bytes[start + 2] >> 3 & 15
        let questions = Int(bytes[start + 4]) << 8 | Int(bytes[start + 5])
        return operation <= 6 && questions <= 16
    }

    /// RFC 5905 section 7.3: version 1 to 4, a mode that is not reserved.
    private static func isNTP(_ bytes: Span<UInt8>, _ context: PayloadContext) -> Bool {
        guard context.length >= 48 || bytes.count >= 12, bytes.count >= 1 else { return false }
        return (1...4).contains(bytes[0] >> 3 & 7) && bytes[0] & 7 != 0
    }

    /// RFC 2131 section 2 with RFC 2132's cookie; RFC 8415 section 8 for DHCPv6.
    private static func isDHCP(_ bytes: Span<UInt8>, _ context: PayloadContext) -> Bool {
        if context.source.address.isIPv6 { return bytes.count >= 4 && bytes[0] >= 1 && bytes[0] <= 36 }
        guard bytes.count >= 240, bytes[0] == 1 || bytes[0] == 2 else { return false }
        return bytes[236] == 0x63 && bytes[237] == 0x82 && bytes[238] == 0x53 && bytes[239] == 0x63
    }

    /// Its messages have fixed types and lengths (https://www.wireguard.com/protocol/); data alone also needs the port.
    private static func isWireGuard(_ bytes: Span<UInt8>, _ context: PayloadContext) -> Bool {
        guard bytes.count >= 4, bytes[1] == 0, bytes[2] == 0, bytes[3] == 0 else { return false }
        switch (bytes[0], context.length) {
        case (1, 148), (2, 92), (3, 64): return true
        case (4, 32...): return context.length % 16 == 0 && PortHint.datagram(context) == .wireguard
        default: return false
        }
    }
}
