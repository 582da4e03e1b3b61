import NetValues

/// An address as it stands in a packet: two words and no reference, so that millions of them cost no allocation.
package struct PacketAddress: Hashable, Sendable {
    package let high: UInt64
    /// An IPv4 address stands in the low half.
    package let low: UInt64
    package let isIPv6: Bool

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
        isIPv6 = true
    }

    package init(ipv4 bits: UInt32) {
        high = 0
        low = UInt64(bits)
        isIPv6 = false
    }

    package init(_ address: IPAddress) {
        switch address {
        case .v4(let address): self.init(ipv4: address.bits)
        case .v6(let address): self.init(high: address.high, low: address.low)
        }
    }

    package var address: IPAddress {
        isIPv6
            ? .v6(IPv6Address(high: high, low: low)) : .v4(IPv4Address(bits: UInt32(truncatingIfNeeded: low)))
    }
}

extension PacketAddress: CustomStringConvertible {
    package var description: String { address.description }
}

/// An address and a port as they stand in a packet; port 0 where the protocol has none.
package struct PacketEndpoint: Hashable, Sendable {
    package let address: PacketAddress
    package let port: UInt16

    package init(_ address: PacketAddress, _ port: UInt16) {
        self.address = address
        self.port = port
    }

    package init(_ endpoint: Endpoint) {
        self.init(PacketAddress(endpoint.address), endpoint.port)
    }

    package var endpoint: Endpoint { Endpoint(address.address, port) }
}

extension PacketEndpoint: CustomStringConvertible {
    package var description: String { endpoint.description }
}

/// An Ethernet address (IEEE 802), in the low six bytes.
package struct LinkAddress: Hashable, Sendable {
    package let bits: UInt64

    package init(bits: UInt64) {
        self.bits = bits
    }

    package var isGroup: Bool { bits >> 40 & 1 == 1 }
    package var isZero: Bool { bits == 0 }
}

extension LinkAddress: CustomStringConvertible {
    package var description: String {
        (0..<6).map { index in
            let byte = String(bits >> UInt64(40 - 8 * index) & 0xff, radix: 16)
            return byte.utf8.count == 1 ? "0\(byte)" : byte
        }.joined(separator: ":")
    }
}
