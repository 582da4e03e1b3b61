import Wire

/// The latest packets, to know one that is seen again: because the network sent it twice, or because the capture saw it at two places
/// of its way through the host. A packet that its sender sent again has another IP identification, so only packets that have one
/// can be known for certain; others (IPv6, and IPv4 without) only if they are soon seen elsewhere.
struct RecentPackets {
    enum Sight {
        case first
        /// Twice on the network, as far as can be seen here.
        case duplicate
        /// The same packet on its way: another hop limit, interface, direction or link addresses.
        case elsewhere
    }

    private struct Entry {
        var signature: UInt64 = 0
        var time: Int64 = 0
        var place: UInt64 = 0
    }

    /// 400 kB: within what a core keeps near.
    private static let size = 1 << 14
    /// The network keeps no packet longer.
    private static let longest: Int64 = 1_000_000_000
    private static let atOnce: Int64 = 1_000_000
    /// A queue before the way out holds a packet so long; nobody sends a segment again earlier for want of an answer (Linux:
    /// TCP_RTO_MIN, 200 ms).
    private static let forwarding: Int64 = 200_000_000

    private var entries = [Entry](repeating: Entry(), count: size)

    /// - Parameters:
    ///   - signature: of everything that the way through a host leaves as it is, the flow among it.
    ///   - hasIdentity: the IP packet has an identification, which is part of the signature.
    mutating func sight(
        signature: UInt64, hasIdentity: Bool, hopLimit: UInt8, link: LinkHeader, frame: CapturedFrame
    ) -> Sight {
        let index = Int(truncatingIfNeeded: signature >> 20) & (Self.size - 1)
        let place = Self.place(hopLimit, link, frame)
        let known = entries[index]
        let age = frame.time &- known.time
        let limit = hasIdentity ? Self.longest : known.place == place ? Self.atOnce : Self.forwarding
        guard known.signature == signature, age >= 0, age <= limit else {
            entries[index] = Entry(signature: signature, time: frame.time, place: place)
            return .first
        }
        if known.place != place || Self.isBlind(frame.linkType) && age <= Self.atOnce { return .elsewhere }
        return hasIdentity ? .duplicate : .first
    }

    /// Cooked frames of the first version come from all interfaces, and do not say from which.
    private static func isBlind(_ type: LinkType) -> Bool { type == .linuxCooked }

    private static func place(_ hopLimit: UInt8, _ link: LinkHeader, _ frame: CapturedFrame) -> UInt64 {
        let addresses = (link.source?.bits ?? 0) &+ (link.destination?.bits ?? 0) &* 0x9e37_79b9_7f4a_7c15
        let interface = UInt64(UInt8(truncatingIfNeeded: frame.interface)) << 8 ^ UInt64(link.interfaceIndex) << 12
        return addresses ^ interface ^ UInt64(link.direction.rawValue) << 32 ^ UInt64(hopLimit)
    }
}
