import Wire

extension PacketBytes {
    package static let clientLink: LinkAddress = "02:00:00:00:00:01"
    package static let serverLink: LinkAddress = "02:00:00:00:00:02"
    package static let broadcastLink: LinkAddress = "ff:ff:ff:ff:ff:ff"

    package struct ARP {
        /// 1 request, 2 reply.
        package var operation: UInt16
        package var senderLink: LinkAddress
        package var sender: PacketAddress
        package var targetLink: LinkAddress
        package var target: PacketAddress

        package init(
            operation: UInt16, senderLink: LinkAddress, sender: PacketAddress,
            targetLink: LinkAddress = LinkAddress(bits: 0), target: PacketAddress
        ) {
            self.operation = operation
            self.senderLink = senderLink
            self.sender = sender
            self.targetLink = targetLink
            self.target = target
        }

        /// Behind the link layer (RFC 826).
        package var bytes: [UInt8] {
            var bytes: [UInt8] = [0, 1, 8, 0, 6, 4]
            bytes.append(uint16: operation)
            bytes.append(senderLink)
            bytes.append(address: sender)
            bytes.append(targetLink)
            bytes.append(address: target)
            return bytes
        }
    }

    /// An Ethernet frame with an IP packet.
    package static func frame(
        _ packet: [UInt8], from source: LinkAddress = clientLink, to destination: LinkAddress = serverLink,
        vlans: [UInt16] = []
    ) -> [UInt8] {
        ethernet(etherType(of: packet), packet, from: source, to: destination, vlans: vlans)
    }

    /// An Ethernet frame with an ARP packet, padded to 60 bytes.
    package static func frame(_ arp: ARP, vlans: [UInt16] = []) -> [UInt8] {
        let destination = arp.operation == 1 ? broadcastLink : arp.targetLink
        let bytes = ethernet(0x0806, arp.bytes, from: arp.senderLink, to: destination, vlans: vlans)
        return bytes + [UInt8](repeating: 0, count: max(0, 60 - bytes.count))
    }

    /// - Parameter vlans: identifiers from the outside in; all but the last get the ethertype 0x88a8.
    package static func ethernet(
        _ type: UInt16, _ payload: [UInt8], from source: LinkAddress = clientLink,
        to destination: LinkAddress = serverLink, vlans: [UInt16] = []
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(14 + 4 * vlans.count + payload.count)
        bytes.append(destination)
        bytes.append(source)
        for (index, vlan) in vlans.enumerated() {
            bytes.append(uint16: index == vlans.count - 1 ? 0x8100 : 0x88a8)
            bytes.append(uint16: vlan)
        }
        bytes.append(uint16: type)
        return bytes + payload
    }

    /// - Parameter packetType: 0 to us, 1 broadcast, 2 multicast, 3 to another, 4 from us.
    package static func linuxCooked(
        _ packet: [UInt8], packetType: UInt16 = 0, from source: LinkAddress = clientLink, type: UInt16? = nil
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(uint16: packetType)
        bytes.append(uint16: 1)
        bytes.append(uint16: 6)
        bytes.append(source)
        bytes.append(uint16: 0)
        bytes.append(uint16: type ?? etherType(of: packet))
        return bytes + packet
    }

    package static func linuxCooked2(
        _ packet: [UInt8], packetType: UInt8 = 0, from source: LinkAddress = clientLink, type: UInt16? = nil
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(uint16: type ?? etherType(of: packet))
        bytes.append(uint16: 0)
        bytes.append(uint32: 2)
        bytes.append(uint16: 1)
        bytes += [packetType, 6]
        bytes.append(source)
        bytes.append(uint16: 0)
        return bytes + packet
    }

    /// BSD loopback; NULL as a little-endian machine writes it.
    package static func loopback(_ packet: [UInt8], isBigEndian: Bool = false) -> [UInt8] {
        let family: UInt8 = packet.first.map { $0 >> 4 } == 6 ? 24 : 2
        return (isBigEndian ? [0, 0, 0, family] : [family, 0, 0, 0]) + packet
    }

    package static func etherType(of packet: [UInt8]) -> UInt16 {
        packet.first.map { $0 >> 4 } == 6 ? 0x86dd : 0x0800
    }
}
