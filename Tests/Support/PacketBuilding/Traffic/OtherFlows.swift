import RepeatableChance
import Wire

extension CaptureGenerator {
    private static let millisecond: Int64 = 1_000_000

    private func frame(_ packet: [UInt8], _ from: TrafficHost, _ to: TrafficHost) -> [UInt8] {
        PacketBytes.frame(packet, from: from.link, to: to.link)
    }

    // MARK: Names

    /// A host asks for A and AAAA of a name, as resolvers do; what becomes of it varies.
    mutating func addNames() {
        let isIPv6 = isIPv6()
        let host = client(isIPv6: isIPv6)
        let resolver = Population.resolver(isIPv6: isIPv6)
        let from = PacketEndpoint(host.address, ephemeralPort())
        let to = PacketEndpoint(resolver.address, 53)
        let name = random.pick(Population.names)
        let fate = random.number(1...100)
        for type in [1, 28] as [UInt16] {
            let identifier = UInt16(truncatingIfNeeded: random.next())
            let wait = Int64(random.number(1...60)) * Self.millisecond
            let query = frame(PacketBytes.udp(from, to, Traffic.dnsQuery(identifier, name, type: type)), host, resolver)
            add(query, after: 0)
            var answers: [[UInt8]] = [type == 1 ? [203, 0, 113, 7] : [UInt8](repeating: 0x20, count: 16)]
            var rcode: UInt16 = 0
            switch fate {
            case ...70: break
            case ...80: (rcode, answers) = (3, [])
            case ...84: (rcode, answers) = (2, [])
            case ...88:
                // Asked again before the answer.
                add(query, after: wait / 2)
            case ...92:
                // No answer at all; asked again after five seconds.
                add(query, after: 5_000 * Self.millisecond)
                continue
            case ...95: (rcode, answers) = (5, [])
            default: break
            }
            let response = Traffic.dnsResponse(
                identifier, name, type: type, rcode: rcode, isTruncated: fate > 95 && fate < 98, answers: answers)
            let answer = frame(PacketBytes.udp(to, from, response), resolver, host)
            add(answer, after: wait)
            if fate >= 98 { add(answer, after: wait + Self.millisecond) }
        }
    }

    // MARK: ICMP

    mutating func addEchoes() {
        let isIPv6 = isIPv6()
        let (host, server) = (client(isIPv6: isIPv6), server(isIPv6: isIPv6))
        let identifier = UInt16(truncatingIfNeeded: random.next())
        let size = random.chance(90) ? 56 : random.number(1600...4000)
        for sequence in 1...random.number(1...8) {
            let start = Int64(sequence) * 1000 * Self.millisecond
            let payload = Traffic.filler(size)
            let request = PacketBytes.echo(
                host.address, server.address, identifier: identifier, sequence: UInt16(sequence), payload: payload)
            send(request, host, server, after: start, identification: UInt16(truncatingIfNeeded: random.next()))
            guard !random.chance(10) else { continue }
            var header = PacketBytes.Internet()
            header.hopLimit = server.hopLimit
            let reply = PacketBytes.echo(
                server.address, host.address, isReply: true, identifier: identifier, sequence: UInt16(sequence),
                payload: payload, header)
            let wait = Int64(random.number(1...90)) * Self.millisecond
            send(reply, server, host, after: start + wait, identification: UInt16(truncatingIfNeeded: random.next()))
        }
    }

    /// As it is, or in fragments.
    private mutating func send(
        _ packet: [UInt8], _ from: TrafficHost, _ to: TrafficHost, after delay: Int64, identification: UInt16
    ) {
        let headerLength = from.address.isIPv6 ? 40 : 20
        guard packet.count > 1500 else { return add(frame(packet, from, to), after: delay) }
        let number = from.address.isIPv6 ? IPProtocol.icmpv6 : IPProtocol.icmp
        let fragments = PacketBytes.fragments(
            from.address, to.address, number, [UInt8](packet[headerLength...]), size: 1448,
            identification: identification)
        for (index, fragment) in fragments.enumerated() {
            add(frame(fragment, from, to), after: delay + Int64(index) * 10_000)
        }
    }

    /// UDP that is no name query: time, an unreachable port, a packet too large for the way.
    mutating func addDatagrams() {
        let isIPv6 = isIPv6()
        let (host, server) = (client(isIPv6: isIPv6), server(isIPv6: isIPv6))
        let from = PacketEndpoint(host.address, ephemeralPort())
        let kind = random.number(1...3)
        let to = PacketEndpoint(server.address, kind == 1 ? 123 : UInt16(random.number(33_434...33_500)))
        let content: [UInt8] =
            kind == 1 ? [0x23] + [UInt8](repeating: 0, count: 47) : Traffic.filler(kind == 2 ? 32 : 1400)
        let sent = PacketBytes.udp(from, to, content)
        add(frame(sent, host, server), after: 0)
        switch kind {
        case 1:
            let answer = PacketBytes.udp(to, from, [0x24] + [UInt8](repeating: 0, count: 47))
            add(frame(answer, server, host), after: 20 * Self.millisecond)
        case 2:
            let error = PacketBytes.icmpError(
                server.address, host.address, type: isIPv6 ? 1 : 3, code: isIPv6 ? 4 : 3, quoting: sent)
            add(frame(error, server, host), after: 10 * Self.millisecond)
        default:
            let router: PacketAddress = isIPv6 ? "fd00:10::ff" : "10.255.0.1"
            let error = PacketBytes.icmpError(
                router, host.address, type: isIPv6 ? 2 : 3, code: isIPv6 ? 0 : 4, extra: 1300, quoting: sent)
            add(frame(error, server, host), after: 2 * Self.millisecond)
        }
    }

    // MARK: Neighbours

    mutating func addNeighbours() {
        let host = client(isIPv6: false)
        let gateway: PacketAddress = "10.255.0.1"
        switch random.number(1...10) {
        case ...6:
            add(arp(1, host.link, host.address, gateway), after: 0)
            add(arp(2, Population.router, gateway, host.address, to: host.link), after: 400_000)
        case 7:
            for second in 0..<3 as Range<Int64> {
                add(arp(1, host.link, host.address, "10.255.9.9"), after: second * 1000 * Self.millisecond)
            }
        case 8: add(arp(1, host.link, host.address, host.address), after: 0)
        case 9:
            // Two hosts say that they have the address.
            let other = LinkAddress(bits: 0x0200_0000_ee00 | host.link.bits & 0xff)
            add(arp(1, Population.router, gateway, host.address), after: 0)
            add(arp(2, host.link, host.address, gateway, to: Population.router), after: 200_000)
            add(arp(2, other, host.address, gateway, to: Population.router), after: 300_000)
        default: addSolicitation()
        }
    }

    private func arp(
        _ operation: UInt16, _ link: LinkAddress, _ sender: PacketAddress, _ target: PacketAddress,
        to targetLink: LinkAddress = LinkAddress(bits: 0)
    ) -> [UInt8] {
        PacketBytes.frame(
            PacketBytes.ARP(
                operation: operation, senderLink: link, sender: sender, targetLink: targetLink, target: target))
    }

    /// A neighbour solicitation and its advertisement (RFC 4861 sections 4.3 and 4.4).
    private mutating func addSolicitation() {
        let (host, neighbour) = (client(isIPv6: true), client(isIPv6: true))
        func message(_ type: UInt8, _ flags: UInt32, _ from: TrafficHost, _ to: PacketAddress, _ option: UInt8)
            -> [UInt8]
        {
            var content: [UInt8] = []
            content.append(uint32: flags)
            content.append(address: neighbour.address)
            content += [option, 1]
            content.append(from.link)
            var header = PacketBytes.Internet()
            header.hopLimit = 255
            return PacketBytes.icmp(from.address, to, type: type, content, header)
        }
        let group = PacketAddress(high: 0xff02 << 48, low: 0x1_ff00_0000 | neighbour.address.low & 0xff_ffff)
        let multicast = LinkAddress(bits: 0x3333_ff00_0000 | neighbour.address.low & 0xff_ffff)
        add(PacketBytes.frame(message(135, 0, host, group, 1), from: host.link, to: multicast), after: 0)
        add(frame(message(136, 0x6000_0000, neighbour, host.address, 2), neighbour, host), after: 300_000)
    }
}
