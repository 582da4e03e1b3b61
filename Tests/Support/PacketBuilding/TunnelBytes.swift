import Wire

/// Payloads of tunnels: what stands between an outer header and an inner packet or frame.
extension PacketBytes {
    /// A GRE packet's payload (RFC 2784, 2890).
    /// - Parameter type: an ethertype; nil by the inner packet's version.
    package static func gre(
        _ inner: [UInt8], type: UInt16? = nil, key: UInt32? = nil, sequence: UInt32? = nil, hasChecksum: Bool = false
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        let flags: UInt16 = (hasChecksum ? 0x8000 : 0) | (key != nil ? 0x2000 : 0) | (sequence != nil ? 0x1000 : 0)
        bytes.append(uint16: flags)
        bytes.append(uint16: type ?? etherType(of: inner))
        if hasChecksum { bytes.append(uint32: 0) }
        if let key { bytes.append(uint32: key) }
        if let sequence { bytes.append(uint32: sequence) }
        bytes += inner
        if hasChecksum { bytes.put(internetChecksum(bytes[...]), at: 4) }
        return bytes
    }

    /// A UDP datagram's payload (RFC 7348 section 5).
    /// - Parameter inner: an Ethernet frame.
    package static func vxlan(_ inner: [UInt8], network: UInt32) -> [UInt8] {
        var bytes: [UInt8] = [8, 0, 0, 0]
        bytes.append(uint32: network << 8)
        return bytes + inner
    }

    /// A UDP datagram's payload (RFC 8926 section 3.4).
    /// - Parameter options: a multiple of four bytes.
    package static func geneve(
        _ inner: [UInt8], network: UInt32, type: UInt16 = 0x6558, options: [UInt8] = []
    ) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(options.count / 4), 0]
        bytes.append(uint16: type)
        bytes.append(uint32: network << 8)
        return bytes + options + inner
    }

    /// A stack of labels for ethertype 0x8847 (RFC 3032), from the outside in.
    package static func mpls(_ inner: [UInt8], labels: [UInt32]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, label) in labels.enumerated() {
            bytes.append(uint32: label << 12 | (index == labels.count - 1 ? 0x100 : 0) | 64)
        }
        return bytes + inner
    }

    /// A session's packet for ethertype 0x8864 (RFC 2516).
    /// - Parameter length: what the header says; nil what is right.
    package static func pppoe(_ packet: [UInt8], session: UInt16, length: UInt16? = nil) -> [UInt8] {
        var bytes: [UInt8] = [0x11, 0]
        bytes.append(uint16: session)
        bytes.append(uint16: length ?? UInt16(packet.count + 2))
        bytes.append(uint16: etherType(of: packet) == 0x86dd ? 0x57 : 0x21)
        return bytes + packet
    }
}
