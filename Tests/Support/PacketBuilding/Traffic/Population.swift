import Wire

/// A host in generated traffic.
package struct TrafficHost {
    package var address: PacketAddress
    package var link: LinkAddress
    package var hopLimit: UInt8
}

/// Who talks in generated traffic: 250 clients in 10.0.0.0/8 and fd00:10::/32, one in each /16, behind one router, and servers on
/// the other side of it.
struct Population {
    static let clients = 250
    static let servers = 60
    static let router: LinkAddress = "02:00:00:00:ff:01"

    static func client(_ index: Int, isIPv6: Bool) -> TrafficHost {
        let link = LinkAddress(bits: 0x0200_0000_0000 | UInt64(index + 1))
        let address =
            isIPv6
            ? PacketAddress(high: 0xfd00_0010_0000_0000 | UInt64(index + 1), low: UInt64(index * 7 + 1))
            : PacketAddress(ipv4: 0x0a00_000a | UInt32(index + 1) << 16 | UInt32(index % 200) << 8)
        return TrafficHost(address: address, link: link, hopLimit: 64)
    }

    static func server(_ index: Int, isIPv6: Bool) -> TrafficHost {
        let address =
            isIPv6
            ? PacketAddress(high: 0x2001_0db8_0000_0000 | UInt64(index + 1), low: 0x80)
            : PacketAddress(ipv4: UInt32(20 + index * 3) << 24 | 0x0012_3400 | UInt32(index + 1))
        return TrafficHost(address: address, link: router, hopLimit: UInt8(64 - 3 - index % 20))
    }

    static func resolver(isIPv6: Bool) -> TrafficHost {
        TrafficHost(
            address: isIPv6 ? "fd00:10::53" : "10.255.0.53", link: "02:00:00:00:ff:35", hopLimit: 64)
    }

    static let names = [
        "www.example.com", "api.example.com", "static.example.net", "login.example.org", "db.internal.example",
        "metrics.svc.cluster.local", "queue.svc.cluster.local", "updates.example.net", "mail.example.org",
        "cdn.example.com",
    ]
}
