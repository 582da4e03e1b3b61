import PacketBuilding
import Testing
import Wire

private let client: PacketEndpoint = "198.18.0.1:40000"
private let server: PacketEndpoint = "198.18.0.2:53"
private let client6: PacketEndpoint = "[fd00:18::1]:40000"
private let server6: PacketEndpoint = "[fd00:18::2]:53"
private let payload = (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
private let second: Int64 = 1_000_000_000

/// Decodes fragments one after another, and keeps what is visited.
private func decode(
    _ decoder: inout FrameDecoder, _ fragments: [[UInt8]], from time: Int64 = 0
) -> [PacketCollector.Visited] {
    fragments.enumerated().flatMap { index, fragment in
        decoder.collect(fragment, linkType: .raw, time: time + Int64(index)).packets
    }
}

private func decode(_ fragments: [[UInt8]]) -> [PacketCollector.Visited] {
    var decoder = FrameDecoder()
    return decode(&decoder, fragments)
}

private func udpFragments(
    _ client: PacketEndpoint, _ server: PacketEndpoint, identification: UInt16 = 1
) -> [[UInt8]] {
    PacketBytes.fragments(
        client.address, server.address, 17, PacketBytes.udpDatagram(client, server, payload), size: 1000,
        identification: identification)
}

private func fragment(_ part: [UInt8], at offset: Int, isLast: Bool = false, identification: UInt16 = 1) -> [UInt8] {
    PacketBytes.fragment(
        client.address, server.address, 17, part, offset: offset, isLast: isLast, identification: identification)
}

@Suite struct FragmentDecodingTests {
    @Test(arguments: [false, true]) func putsTogether_inWhateverOrder(isIPv6: Bool) throws {
        let (client, server) = isIPv6 ? (client6, server6) : (client, server)
        let fragments = udpFragments(client, server)
        try #require(fragments.count == 4)
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 1, 0, 3, 0, 2]] {
            let visited = decode(order.map { fragments[$0] })
            try #require(visited.count == order.count)
            #expect(visited.dropLast().allSatisfy { $0.packet.fragment != nil })
            #expect(visited.dropLast().map(\.packet.fragment?.isFirst) == order.dropLast().map { $0 == 0 })
            let whole = try #require(visited.last)
            #expect(whole.packet.fragment == nil)
            #expect(whole.packet.source == client.address)
            #expect(whole.packet.payloadOffset == 0)
            #expect(whole.packet.payloadLength == 3008)
            #expect(whole.packet.totalLength == (isIPv6 ? 48 : 20) + 3008)
            #expect(whole.udp?.payloadLength == 3000)
            #expect([UInt8](whole.payload.dropFirst(8)) == payload)
        }
    }

    @Test func keepsDatagramsApart() {
        let one = udpFragments(client, server, identification: 1)
        let two = udpFragments(client, server, identification: 2)
        let visited = decode([one[0], two[0], one[1], two[1], one[2], two[2], one[3], two[3]])
        #expect(visited.map { $0.packet.fragment == nil } == [false, false, false, false, false, false, true, true])
    }

    @Test func looksIntoATunnel_thatWasFragmented() throws {
        let inner = PacketBytes.udp("10.0.0.1:1000", "10.0.0.2:2000", payload)
        let fragments = PacketBytes.fragments(
            client.address, server.address, 47, PacketBytes.gre(inner, key: 5), size: 1400)
        let visited = decode(fragments)
        try #require(visited.count == fragments.count + 1)
        #expect(visited.last?.packet.tunnel == Tunnel(.gre, identifier: 5))
        #expect(visited.last?.udp?.payloadLength == 3000)
    }

    @Test func looksBehindHeaders_thatTheFirstFragmentHas() throws {
        let udp = PacketBytes.udpDatagram(client6, server6, payload)
        let whole = PacketBytes.extensionHeader(next: 17) + udp
        let visited = decode(PacketBytes.fragments(client6.address, server6.address, 60, whole, size: 1000))
        #expect(visited.last?.packet.protocolNumber == 17)
        #expect(visited.last?.udp?.payloadLength == 3000)
    }

    @Test func givesUp_whenFragmentsOverlap() {
        let eights = [UInt8](repeating: 0, count: 8)
        let teardrop = [fragment(eights + eights, at: 0), fragment([1], at: 8, isLast: true)]
        let covered = [fragment(eights, at: 8), fragment(eights + eights + eights, at: 0)]
        let twoEnds = [fragment(eights, at: 8, isLast: true), fragment(eights, at: 16, isLast: true)]
        let behindTheEnd = [fragment(eights, at: 8, isLast: true), fragment(eights, at: 16)]
        let endBefore = [fragment(eights, at: 16), fragment(eights, at: 8, isLast: true)]
        for fragments in [teardrop, covered, twoEnds, behindTheEnd, endBefore] {
            var decoder = FrameDecoder()
            #expect(decode(&decoder, fragments).allSatisfy { $0.packet.fragment != nil })
            #expect(decoder.abandonedDatagrams == 1)
        }
    }

    @Test func givesUp_whenADatagramWouldBeTooLong() {
        let visited = decode([
            fragment([UInt8](repeating: 0, count: 1480), at: 65_528, isLast: true), fragment([], at: 0),
            fragment([1, 2, 3], at: 0),
        ])
        #expect(visited.count == 3)
        #expect(visited.allSatisfy { $0.packet.fragment != nil })
    }

    @Test func doesNotPutTogether_whatWasCutByTheCapture() {
        let fragments = udpFragments(client, server)
        var decoder = FrameDecoder()
        for fragment in fragments {
            let found = decoder.collect([UInt8](fragment.prefix(96)), linkType: .raw, length: fragment.count)
            #expect(found.packets.map { $0.packet.fragment != nil } == [true])
        }
    }

    @Test func forgetsDatagrams_whenTheyAreOld() {
        var decoder = FrameDecoder()
        let fragments = udpFragments(client, server)
        #expect(decode(&decoder, [fragments[0], fragments[1], fragments[2]]).count == 3)
        #expect(decode(&decoder, [fragments[3]], from: 31 * second).last?.packet.fragment != nil)
        #expect(decoder.abandonedDatagrams == 1)
        let fragments6 = udpFragments(client6, server6)
        _ = decode(&decoder, [fragments6[0], fragments6[1], fragments6[2]], from: 100 * second)
        #expect(decode(&decoder, [fragments6[3]], from: 131 * second).last?.packet.fragment == nil)
    }

    @Test func boundsDatagrams() {
        var decoder = FrameDecoder()
        for number in 0..<5000 {
            let bytes = fragment([UInt8](repeating: 1, count: 8), at: 8, identification: UInt16(number))
            _ = decoder.collect(bytes, linkType: .raw)
        }
        #expect(decoder.abandonedDatagrams == 5000 - 1024)
        // The newest is still there.
        let completed = fragment([UInt8](repeating: 1, count: 8), at: 0, identification: 4999)
        let last = fragment([1], at: 16, isLast: true, identification: 4999)
        #expect(decode(&decoder, [completed, last]).last?.packet.fragment == nil)
    }

    @Test func boundsBytes() {
        var decoder = FrameDecoder()
        let part = [UInt8](repeating: 1, count: 60_000)
        for number in 0..<200 {
            _ = decoder.collect(fragment(part, at: 0, identification: UInt16(number)), linkType: .raw)
        }
        #expect(decoder.abandonedDatagrams == 200 - (8 << 20) / 60_064)
    }

    @Test func endsFragmentsWithinFragments() {
        // Each datagram begins with a fragment that completes the next one.
        var decoder = FrameDecoder()
        let levels = 100
        var chain = [UInt8](repeating: 0, count: 8)
        for level in (0..<levels).reversed() {
            let rest = PacketBytes.fragment(
                client6.address, server6.address, 44, [1], offset: chain.count, isLast: true,
                identification: UInt16(level))
            _ = decoder.collect(rest, linkType: .raw)
            chain = [44, 0, 0, 1, 0, 0, 0, UInt8(level)] + chain
        }
        let found = decoder.collect(PacketBytes.internet(client6.address, server6.address, 44, chain), linkType: .raw)
        #expect(found.packets.map { $0.packet.fragment != nil } == [true])
    }
}
