/// A DHCP message over IPv4, as far as a summary needs it (RFC 2131 section 2, options of RFC 2132).
package struct DHCPMessage: Hashable, Sendable {
    /// RFC 2132 section 9.6 and later; the names people know.
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case discover = 1
        case offer, request, decline, ack, nak, release, inform, forceRenew, leaseQuery, leaseUnassigned, leaseUnknown
        case leaseActive

        package var name: String {
            switch self {
            case .forceRenew: "FORCERENEW"
            case .leaseQuery: "LEASEQUERY"
            case .leaseUnassigned: "LEASEUNASSIGNED"
            case .leaseUnknown: "LEASEUNKNOWN"
            case .leaseActive: "LEASEACTIVE"
            default: "\(self)".uppercased()
            }
        }
    }

    package let kind: Kind
    package let transaction: UInt32
    package let client: LinkAddress
    /// What the client is given; nil for none.
    package let address: PacketAddress?
    /// Option 54.
    package private(set) var server: PacketAddress?
    /// Option 51, in seconds; nil when it is not said or without end.
    package private(set) var lease: UInt32?

    /// Options begin behind the fields of BOOTP and four bytes that say so.
    private static let optionsOffset = 240
    private static let mostOptions = 256

    /// - Parameter bytes: the payload of the datagram.
    /// Nil for BOOTP without options, other hardware than Ethernet's, and what the capture cut before the type.
    package init?(_ bytes: Span<UInt8>) {
        // Hardware type 1, addresses of six bytes; then the magic cookie (RFC 1497).
        guard bytes.holds(Self.optionsOffset, at: 0), bytes[0] == 1 || bytes[0] == 2, bytes[1] == 1, bytes[2] == 6,
            bytes.uint32(at: 236) == 0x6382_5363
        else { return nil }
        transaction = bytes.uint32(at: 4)
        client = bytes.linkAddress(at: 28)
        let given = bytes.uint32(at: 16)
        address = given == 0 ? nil : PacketAddress(ipv4: given)
        var kind: Kind?
        var offset = Self.optionsOffset
        for _ in 0..<Self.mostOptions where bytes.holds(1, at: offset) {
            let code = bytes[offset]
            offset += 1
            if code == 0 { continue }
            guard code != 255, bytes.holds(1, at: offset) else { break }
            let length = Int(bytes[offset])
            offset += 1
            guard bytes.holds(length, at: offset) else { break }
            switch (code, length) {
            case (53, 1): kind = kind ?? Kind(rawValue: bytes[offset])
            case (54, 4): server = PacketAddress(ipv4: bytes.uint32(at: offset))
            case (51, 4):
                let seconds = bytes.uint32(at: offset)
                lease = seconds == .max ? nil : seconds
            default: break
            }
            offset += length
        }
        guard let kind else { return nil }
        self.kind = kind
    }

    package var isFromClient: Bool {
        switch kind {
        case .discover, .request, .decline, .release, .inform, .leaseQuery: true
        default: false
        }
    }
}
