import NetValues
import Wire

extension FuzzTarget {
    static let dnsOutline = FuzzTarget(
        "dns-outline",
        seeds: {
            [
                .hex("0007 0100 0001 0000 0000 0000 02646207 6578616d706c65 00 0001 0001"),
                .hex("0007 8180 0001 0002 0000 0001 02646207 6578616d706c65 00 0001 0001")
                    + .hex("c00c 0005 0001 0000003c 0002 c00f c00f 0001 0001 0000003c 0004 c6120009")
                    + .hex("00 0029 04d0 01000000 0000"),
            ]
        }
    ) { bytes in
        guard let outline = DNSOutline(bytes.span, readsAnswers: true) else {
            try hold(bytes.count < DNSHeader.length, "no header in \(bytes.count) bytes")
            return
        }
        try hold(outline.answers.count <= 8 && outline.addresses.count <= outline.answers.count, "too many answers")
        for name in [outline.name] + outline.answers {
            try hold(name.utf8.allSatisfy { (0x21...0x7e).contains($0) }, "an unsafe name: \(name.utf8.count) bytes")
            try hold(name.utf8.count <= 4 * 255, "a name of \(name.utf8.count)")
        }
        let short = DNSOutline(bytes.span, readsAnswers: false)
        try hold(short?.name == outline.name && short?.answers == [], "another question without the answers")
        // What a resolver of ours takes apart whole has the same question here.
        if let message = try? DNSMessage(decoding: bytes), let question = message.questions.first {
            try hold(question.name.isSpelled(outline.name), "\(question.name) is \(outline.name)")
            try hold(
                question.type == outline.type && message.isResponse == outline.header.isResponse, "another question")
        }
    }

    static let arpPacket = FuzzTarget(
        "arp-packet",
        seeds: { [.hex("0001 0800 06 04 0001 020000000001 c6120001 000000000000 c6120002")] }
    ) { bytes in
        for offset in [0, 1, bytes.count, -1] {
            guard let packet = ARPPacket(bytes.span, at: offset) else { continue }
            try hold(bytes.count - offset >= ARPPacket.length, "a packet out of \(bytes.count - offset) bytes")
            try hold(!(packet.isProbe && packet.isGratuitous), "a probe that announces")
            try hold(packet.senderLink.bits >> 48 == 0, "a link address of more than six bytes")
        }
    }

    static let neighbourDiscovery = FuzzTarget(
        "neighbour-discovery",
        seeds: {
            let target = "fd000018000000000000000000000002"
            return [
                .hex("8700 0000 00000000 \(target) 0101 020000000001"),
                .hex("8800 0000 60000000 \(target) 0201 020000000002"),
                .hex("8600 0000 40000708 00000000 00000000 0101 020000000001 0501 0000 000005dc"),
                .hex("8900 0000 00000000 \(target) \(target) 0201 020000000002"),
            ]
        }
    ) { bytes in
        guard let message = NeighbourDiscovery(bytes.span) else { return }
        try hold(bytes.count >= 8, "a message out of \(bytes.count) bytes")
        let hasTarget = message.kind == .solicitation || message.kind == .advertisement || message.kind == .redirect
        try hold((message.target != nil) == hasTarget, "the target of \(message.kind)")
        try hold((message.redirected != nil) == (message.kind == .redirect), "the redirected of \(message.kind)")
    }

    static let dhcpMessage = FuzzTarget(
        "dhcp-message",
        seeds: {
            let fixed: [UInt8] =
                .hex("0201 0600 00000007 0000 0000 00000000 c6120009 00000000 00000000 02000000000c")
                + [UInt8](repeating: 0, count: 202)
            return [fixed + .hex("63825363 350105 3604 c61200fe 3304 00000e10 ff")]
        }
    ) { bytes in
        guard let message = DHCPMessage(bytes.span) else { return }
        try hold(bytes.count >= 243, "a message out of \(bytes.count) bytes")
        try hold(!message.kind.name.isEmpty && message.client.bits >> 48 == 0, "no name or a long address")
    }

    static let dhcpv6Message = FuzzTarget(
        "dhcpv6-message",
        seeds: {
            let reply: [UInt8] =
                .hex("07000001 0001 000a 0003 0001 02000000000c 0003 0028 000000000000000000000000")
                + .hex("0005 0018 fd000018000000000000000000000099 0000003c 00000078")
            let relayed: [UInt8] =
                [13, 0] + [UInt8](repeating: 0, count: 32) + [0, 9, 0, UInt8(reply.count)] + reply
            return [reply, relayed]
        }
    ) { bytes in
        guard let message = DHCPv6Message(bytes.span) else { return }
        try hold(bytes.count >= 4 + (message.isRelayed ? 38 : 0), "a message out of \(bytes.count) bytes")
        try hold(message.lease == nil || message.address != nil, "a lease of nothing")
    }
}
