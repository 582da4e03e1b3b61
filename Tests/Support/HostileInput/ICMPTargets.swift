import NetValues
import Wire

extension FuzzTarget {
    /// The first byte chooses the family.
    static let icmpMessage = FuzzTarget(
        "icmp-message",
        seeds: {
            let echo = ICMPEcho(identifier: 1, sequence: 2, payload: [1, 2, 3])
            return [
                [0] + echo.request(.v4), [1] + echo.request(.v6), [0] + echo.reply(.v4), [1] + echo.reply(.v6),
                [0] + .hex("0304 0000 0000 05dc") + quotedIPv4, [1] + .hex("0200 0000 0000 0500") + quotedIPv6,
                [0] + .hex("0500 0000 c6120001") + quotedIPv4,
                [0] + .hex("0b00 0000 0001 0000 45000000 2000 0000 0008 0101 00018101"),
                [1] + .hex("0300 0000 0100 0000 60000000 00000000 2000 0000 0008 0101 00018101"),
            ]
        }
    ) { bytes in
        guard let first = bytes.first else { return }
        let family: IPAddress.Family = first & 1 == 0 ? .v4 : .v6
        let message = bytes.dropFirst()
        _ = ICMPMessage.isChecksumRight(message)
        try hold(ICMPExtensions(ofError: message, family)?.labels.count ?? 0 <= 16, "too many labels")
        _ = QuotedEcho(decoding: message, family)
        _ = EchoPattern(cookie: 1, size: 8).mayBegin(message, request: 0)
        switch try? ICMPMessage(decoding: message, family) {
        case .echoReply(let echo):
            let again = try? ICMPMessage(decoding: echo.reply(family)[...], family)
            try hold(again == .echoReply(echo), "another reply after encoding: \(echo)")
            try hold(
                !EchoPattern(cookie: 1, size: 8).matches(echo, request: 0), "a reply that nobody could know matches")
        case .echoRequest(let echo):
            let again = try? ICMPMessage(decoding: echo.request(family)[...], family)
            try hold(again == .echoRequest(echo), "another request after encoding: \(echo)")
        case .error(let error):
            _ = icmpErrorName(type: error.type, code: error.code, isV6: family == .v6)
            try hold(error.mtu ?? 1 > 0 || family == .v6, "an MTU of \(error.mtu ?? 0)")
        case .other, nil: break
        }
    }

    static let quotedPacket = FuzzTarget(
        "quoted-packet", seeds: { [[0] + quotedIPv4, [1] + quotedIPv6, [1] + quotedIPv6Extended] }
    ) { bytes in
        guard let first = bytes.first else { return }
        let family: IPAddress.Family = first & 1 == 0 ? .v4 : .v6
        let packet = bytes.dropFirst()
        _ = try? IPv4Header.stripped(packet)
        guard let quoted = try? QuotedPacket(decoding: packet, family) else { return }
        try hold(quoted.transport.endIndex == packet.endIndex, "the transport part ends before the packet")
        try hold(quoted.transport.count <= packet.count - (family == .v4 ? 20 : 40), "no header before the transport")
        try hold(quoted.source.family == family && quoted.destination.family == family, "addresses of another family")
        try hold(quoted.echo == nil || quoted.transport.count >= 8, "an echo out of \(quoted.transport.count) bytes")
    }

    private static let quotedIPv4: [UInt8] =
        .hex("4500 002c 0000 0000 4001 0000 c6120001 c6120002 0800 0000 0001 0002 61626364")
    private static let quotedIPv6: [UInt8] =
        .hex("6000 0000 000c 3a40") + .hex("fd000018000000000000000000000001 fd000018000000000000000000000002")
        + .hex("8000 0000 0001 0002 61626364")
    private static let quotedIPv6Extended: [UInt8] =
        .hex("6000 0000 001c 0040") + .hex("fd000018000000000000000000000001 fd000018000000000000000000000002")
        + .hex("2c00 0000 0000 0000 3a00 0000 00000001 8000 0000 0001 0002")
}

extension FuzzTarget {
    /// Behind the quote of an ICMP error: a stack of two labels, and objects of other classes around it.
    static let icmpExtensions = FuzzTarget(
        "icmp-extensions",
        seeds: {
            [
                .hex("2000 0000 000c 0101 00010 0 40 00010 1 40"), .hex("2000 9f8e 0008 0101 00064 1 01"),
                .hex("2000 0000 0008 0202 00000001 0008 0101 00064 1 01 0000 0000"),
            ]
        }
    ) { bytes in
        guard let extensions = try? ICMPExtensions(decoding: bytes[...]) else { return }
        try hold(extensions.labels.count <= 16, "\(extensions.labels.count) labels")
        try hold(extensions.labels.count * 4 + 4 <= bytes.count, "more labels than bytes")
        try hold(extensions.labels.allSatisfy { $0.label < 1 << 20 && $0.trafficClass < 8 }, "\(extensions.labels)")
    }
}
