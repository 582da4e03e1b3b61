import LinuxIO

/// The interface that is captured on when nobody names one, and why it is that one.
package struct InterfaceChoice: Hashable, Sendable {
    package let interface: String
    /// Nil when somebody named it.
    package let reason: String?

    package init(interface: String, reason: String?) {
        self.interface = interface
        self.reason = reason
    }

    /// By the routes of this network namespace.
    package static func current() -> InterfaceChoice {
        choice(
            ipv4Routes: SmallFile.read("/proc/net/route") ?? "",
            ipv6Routes: SmallFile.read("/proc/net/ipv6_route") ?? "")
    }

    /// - Parameters: the text of /proc/net/route and /proc/net/ipv6_route.
    package static func choice(ipv4Routes: String, ipv6Routes: String) -> InterfaceChoice {
        if let name = defaultRoute(ipv4: ipv4Routes) {
            return .init(interface: name, reason: "it has the default route")
        }
        if let name = defaultRoute(ipv6: ipv6Routes) {
            return .init(interface: name, reason: "it has the default route of IPv6, and IPv4 has none")
        }
        return .init(interface: NetworkInterface.any, reason: "there is no default route")
    }

    /// Lines of `Iface Destination Gateway Flags RefCnt Use Metric Mask …`, hexadecimal but for counters and metric.
    private static func defaultRoute(ipv4 text: String) -> String? {
        best(
            text.split(separator: "\n").dropFirst().map { $0.split { $0 == "\t" || $0 == " " } }.compactMap { fields in
                guard fields.count >= 8, fields[1] == "00000000", fields[7] == "00000000", isUsable(fields[3]),
                    let metric = UInt32(fields[6])
                else { return nil }
                return (String(fields[0]), metric)
            })
    }

    /// Lines of `destination length source length next-hop metric references use flags interface`, hexadecimal.
    private static func defaultRoute(ipv6 text: String) -> String? {
        best(
            text.split(separator: "\n").map { $0.split { $0 == "\t" || $0 == " " } }.compactMap { fields in
                guard fields.count >= 10, fields[1] == "00", fields[0].allSatisfy({ $0 == "0" }), isUsable(fields[8]),
                    let metric = UInt32(fields[5], radix: 16)
                else { return nil }
                return (String(fields[9]), metric)
            })
    }

    /// RTF_UP, and not RTF_REJECT (linux/route.h).
    private static func isUsable(_ flags: Substring) -> Bool {
        guard let flags = UInt32(flags, radix: 16) else { return false }
        return flags & 0x1 != 0 && flags & 0x200 == 0
    }

    /// The one with the least metric; the first among equals.
    private static func best(_ routes: [(name: String, metric: UInt32)]) -> String? {
        routes.min { $0.metric < $1.metric }?.name
    }
}
