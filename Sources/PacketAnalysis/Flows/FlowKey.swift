import Wire

/// What makes packets one flow, both directions: protocol, two endpoints in either order, and the overlay network that carries
/// them. VLAN identifiers do not tell flows apart, as they do not for tshark.
struct FlowKey: Equatable {
    /// The endpoint that comes first in the order of the numbers.
    let lowAddress: (high: UInt64, low: UInt64)
    let highAddress: (high: UInt64, low: UInt64)
    /// Port of the low endpoint, port of the high one, protocol, address family and kind of the network.
    let rest: UInt64
    let network: UInt32

    /// - Parameter isLowSource: whether the packet came from the endpoint that comes first.
    init(
        protocolNumber: UInt8, source: PacketEndpoint, destination: PacketEndpoint, tunnel: Tunnel?,
        isLowSource: inout Bool
    ) {
        isLowSource = Self.precedes(source, destination)
        let low = isLowSource ? source : destination
        let high = isLowSource ? destination : source
        lowAddress = (low.address.high, low.address.low)
        highAddress = (high.address.high, high.address.low)
        let (kind, identifier) = Self.network(of: tunnel)
        network = identifier
        rest =
            UInt64(low.port) << 48 | UInt64(high.port) << 32 | UInt64(protocolNumber) << 24
            | (low.address.isIPv6 ? 1 << 23 : 0) | (high.address.isIPv6 ? 1 << 22 : 0) | UInt64(kind)
    }

    private static func precedes(_ left: PacketEndpoint, _ right: PacketEndpoint) -> Bool {
        if left.address.high != right.address.high { return left.address.high < right.address.high }
        if left.address.low != right.address.low { return left.address.low < right.address.low }
        return left.port <= right.port
    }

    /// The two directions of one flow have the same VXLAN or Geneve network and GRE key, while MPLS labels are of one direction
    /// only, and IP-in-IP may carry one direction alone (direct server return): those do not tell flows apart, nor does PPPoE.
    private static func network(of tunnel: Tunnel?) -> (kind: UInt8, identifier: UInt32) {
        guard let tunnel else { return (0, 0) }
        switch tunnel.kind {
        case .vxlan: return (1, tunnel.identifier ?? 0)
        case .geneve: return (2, tunnel.identifier ?? 0)
        case .gre: return (3, tunnel.identifier ?? 0)
        case .ipInIP, .mpls, .pppoe: return (0, 0)
        }
    }

    static func == (left: FlowKey, right: FlowKey) -> Bool {
        left.rest == right.rest && left.lowAddress.low == right.lowAddress.low
            && left.highAddress.low == right.highAddress.low && left.lowAddress.high == right.lowAddress.high
            && left.highAddress.high == right.highAddress.high && left.network == right.network
    }

    var protocolNumber: UInt8 { UInt8(truncatingIfNeeded: rest >> 24) }
    var isTCP: Bool { protocolNumber == IPProtocol.tcp }

    var lowEndpoint: PacketEndpoint {
        PacketEndpoint(Self.address(lowAddress, isIPv6: rest >> 23 & 1 == 1), UInt16(truncatingIfNeeded: rest >> 48))
    }

    var highEndpoint: PacketEndpoint {
        PacketEndpoint(Self.address(highAddress, isIPv6: rest >> 22 & 1 == 1), UInt16(truncatingIfNeeded: rest >> 32))
    }

    private static func address(_ words: (high: UInt64, low: UInt64), isIPv6: Bool) -> PacketAddress {
        isIPv6
            ? PacketAddress(high: words.high, low: words.low)
            : PacketAddress(ipv4: UInt32(truncatingIfNeeded: words.low))
    }
}

/// Hashes keys with secrets of this process, so that nobody can make a capture whose flows all fall into one place.
struct FlowHash {
    private let first = UInt64.random(in: .min ... .max)
    private let second = UInt64.random(in: .min ... .max) | 1

    @inline(__always)
    func hash(_ key: FlowKey) -> UInt64 {
        let low = mix(key.lowAddress.low ^ first, key.lowAddress.high ^ second)
        let high = mix(key.highAddress.low ^ second, key.highAddress.high ^ low)
        return mix(high ^ key.rest, second ^ UInt64(key.network) << 17)
    }

    @inline(__always)
    func hash(_ left: UInt64, _ right: UInt64) -> UInt64 { mix(mix(left ^ first, second), right ^ first) }

    @inline(__always)
    private func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
