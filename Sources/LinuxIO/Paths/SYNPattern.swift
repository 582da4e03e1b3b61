import NetValues
import Wire

/// What the SYNs of one flow carry. No router spreads flows by anything in which they differ: all have one four-tuple, one flow label and,
/// as a rule, one sequence number. The number of each is its timestamp (RFC 7323), of which the lower half is also the IPv4
/// identification: that stands in the header, which routers quote whole, while IPv4 promises no more than eight bytes behind it; a router
/// of IPv6 quotes all of so small a packet (RFC 4443 section 2.4).
struct SYNPattern: Sendable {
    let source: Endpoint
    let destination: Endpoint
    private let flowLabel = UInt32.random(in: 1...0xf_ffff)
    private let segmentSize: UInt16

    /// Linux's own default (ip-sysctl, ip_default_ttl).
    private static let usualLimit = 64

    /// - Parameter mtu: of the route.
    init(source: Endpoint, destination: Endpoint, mtu: Int?) {
        self.source = source
        self.destination = destination
        let headers = source.address.family == .v4 ? 40 : 60
        segmentSize = UInt16(clamping: max(536, (mtu ?? 1500) - headers))
    }

    func packet(_ sending: SYNFlights.Sending, limit: Int?) -> [UInt8] {
        SYNPacket(
            source: source, destination: destination, hopLimit: UInt8(clamping: limit ?? Self.usualLimit),
            identification: UInt16(truncatingIfNeeded: sending.number), flowLabel: flowLabel,
            sequence: sending.sequence, timestamp: sending.number, segmentSize: segmentSize
        ).bytes
    }

    /// Nobody on the way has rewritten addresses or ports.
    func isOurs(_ packet: QuotedPacket, _ start: SegmentStart) -> Bool {
        packet.destination.bytes == destination.address.bytes && start.sourcePort == source.port
            && start.destinationPort == destination.port
    }

    /// By the endpoints; `SYNFlights` tells whether it answers anything.
    func isAnswer(_ start: SegmentStart, from sender: IPAddress?) -> Bool {
        sender?.bytes == destination.address.bytes && start.sourcePort == destination.port
            && start.destinationPort == source.port
    }
}
