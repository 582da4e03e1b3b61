/// A DHCPv6 message, as far as a summary needs it (RFC 8415 sections 8, 9 and 21), taken out of what relays put around it.
package struct DHCPv6Message: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case solicit = 1
        case advertise, request, confirm, renew, rebind, reply, release, decline, reconfigure
        case informationRequest

        package var name: String { self == .informationRequest ? "INFORMATION-REQUEST" : "\(self)".uppercased() }
    }

    package let kind: Kind
    package let transaction: UInt32
    /// Of the client's DUID, where that is made of a link address (RFC 8415 sections 11.2 and 11.4).
    package private(set) var client: LinkAddress?
    /// The first one, and for how long it is valid in seconds; nil when that has no end.
    package private(set) var address: PacketAddress?
    package private(set) var lease: UInt32?
    package let isRelayed: Bool

    private static let mostOptions = 64
    /// RFC 8415 section 7.6, HOP_COUNT_LIMIT.
    private static let mostRelays = 8

    /// - Parameter bytes: the payload of the datagram.
    package init?(_ bytes: Span<UInt8>) {
        var range = 0..<bytes.count
        var relays = 0
        while relays <= Self.mostRelays, range.count >= 34,
            bytes[range.lowerBound] == 12 || bytes[range.lowerBound] == 13
        {
            guard let inner = Self.option(9, bytes, range.lowerBound + 34..<range.upperBound) else { return nil }
            range = inner
            relays += 1
        }
        guard range.count >= 4, let kind = Kind(rawValue: bytes[range.lowerBound]) else { return nil }
        self.kind = kind
        isRelayed = relays > 0
        transaction = bytes.uint24(at: range.lowerBound + 1)
        let options = range.lowerBound + 4..<range.upperBound
        if let identifier = Self.option(1, bytes, options) { client = Self.linkAddress(bytes, identifier) }
        // IA_NA (section 21.4) holds addresses behind twelve bytes.
        if let association = Self.option(3, bytes, options), association.count >= 12,
            let given = Self.option(5, bytes, association.lowerBound + 12..<association.upperBound), given.count >= 24
        {
            let at = given.lowerBound
            address = PacketAddress(high: bytes.uint64(at: at), low: bytes.uint64(at: at + 8))
            let seconds = bytes.uint32(at: at + 20)
            lease = seconds == .max ? nil : seconds
        }
    }

    /// Where the first option with this code has its content.
    private static func option(_ code: UInt16, _ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int>? {
        var offset = range.lowerBound
        for _ in 0..<mostOptions where range.upperBound - offset >= 4 {
            let length = Int(bytes.uint16(at: offset + 2))
            let start = offset + 4
            guard length <= range.upperBound - start else { return nil }
            if bytes.uint16(at: offset) == code { return start..<start + length }
            offset = start + length
        }
        return nil
    }

    /// A DUID of a link address with time (type 1) or without (type 3), for Ethernet.
    private static func linkAddress(_ bytes: Span<UInt8>, _ identifier: Range<Int>) -> LinkAddress? {
        guard identifier.count >= 4, bytes.uint16(at: identifier.lowerBound + 2) == 1 else { return nil }
        switch (bytes.uint16(at: identifier.lowerBound), identifier.count) {
        case (1, 14): return bytes.linkAddress(at: identifier.lowerBound + 8)
        case (3, 10): return bytes.linkAddress(at: identifier.lowerBound + 4)
        default: return nil
        }
    }

    package var isFromClient: Bool {
        switch kind {
        case .advertise, .reply, .reconfigure: false
        default: true
        }
    }
}
