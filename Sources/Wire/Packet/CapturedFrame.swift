import NetValues

/// What a capture says of one frame, beside its bytes. The bytes are handed on as a span next to it, and live no longer than
/// the call.
package struct CapturedFrame: Hashable, Sendable {
    /// From 1, over all files in the order of time: what tshark calls the frame number.
    package var number: Int
    /// Nanoseconds since 1970, as the capturing machine's clock had it.
    package var time: Int64
    /// On the wire; the captured bytes may be fewer.
    package var length: Int
    package var linkType: LinkType
    /// Of the capture file or the live capture; frames of different interfaces may have different link types.
    package var interface: Int

    package init(number: Int, time: Int64, length: Int, linkType: LinkType, interface: Int = 0) {
        self.number = number
        self.time = time
        self.length = length
        self.linkType = linkType
        self.interface = interface
    }

    package var wallTime: WallTime { WallTime(nanoseconds: time) }
}

/// What a frame begins with (https://www.tcpdump.org/linktypes.html).
package struct LinkType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// BSD loopback: the address family in the byte order of the capturing machine.
    package static let null = LinkType(rawValue: 0)
    package static let ethernet = LinkType(rawValue: 1)
    package static let raw = LinkType(rawValue: 101)
    /// OpenBSD loopback: the address family in network order.
    package static let loop = LinkType(rawValue: 108)
    /// Linux cooked capture v1.
    package static let linuxCooked = LinkType(rawValue: 113)
    package static let ipv4 = LinkType(rawValue: 228)
    package static let ipv6 = LinkType(rawValue: 229)
    /// Linux cooked capture v2.
    package static let linuxCooked2 = LinkType(rawValue: 276)
}

extension LinkType: CustomStringConvertible {
    /// As in the table of link types, without its prefix.
    package var description: String {
        switch self {
        case .null: "NULL"
        case .ethernet: "ETHERNET"
        case .raw: "RAW"
        case .loop: "LOOP"
        case .linuxCooked: "LINUX_SLL"
        case .ipv4: "IPV4"
        case .ipv6: "IPV6"
        case .linuxCooked2: "LINUX_SLL2"
        default: "LINKTYPE_\(rawValue)"
        }
    }
}
