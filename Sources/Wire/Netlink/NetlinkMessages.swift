import NetValues

/// Goes through the messages of one netlink datagram (netlink(7), struct nlmsghdr). Numbers are in the machine's own order.
package struct NetlinkMessages {
    package struct Message: Hashable, Sendable {
        package let type: UInt16
        package let flags: UInt16
        package let sequence: UInt32
        /// Behind the header.
        package let body: Range<Int>
    }

    /// NLMSG_ERROR, NLMSG_DONE
    package static let error: UInt16 = 2
    package static let done: UInt16 = 3
    /// NLM_F_DUMP_INTR: something changed while it was told, so that entries may be missing.
    package static let interrupted: UInt16 = 0x10

    private static let headerLength = 16
    private var position = 0

    package init() {}

    /// Nil at the end, and where the lengths are not those of messages.
    package mutating func next(in bytes: Span<UInt8>) -> Message? {
        guard bytes.holds(Self.headerLength, at: position) else { return nil }
        let length = Int(bytes.hostUInt32(at: position))
        guard length >= Self.headerLength, bytes.holds(length, at: position) else { return nil }
        defer { position += (length + 3) & ~3 }
        return Message(
            type: bytes.hostUInt16(at: position + 4), flags: bytes.hostUInt16(at: position + 6),
            sequence: bytes.hostUInt32(at: position + 8),
            body: position + Self.headerLength..<position + length)
    }

    /// The errno of an NLMSG_ERROR or NLMSG_DONE, 0 for success; nil when the message holds none.
    package static func failure(_ message: Message, in bytes: Span<UInt8>) -> Int32? {
        guard message.body.count >= 4, bytes.holds(4, at: message.body.lowerBound) else { return nil }
        let code = Int32(bitPattern: bytes.hostUInt32(at: message.body.lowerBound))
        return code == .min ? .max : abs(code)
    }
}

/// Goes through attributes (struct nlattr): a length, a type, the value, filled up to four bytes.
struct NetlinkAttributes {
    struct Attribute {
        let type: UInt16
        let value: Range<Int>
    }

    /// NLA_F_NESTED and NLA_F_NET_BYTEORDER are no part of the type.
    private static let typeMask: UInt16 = 0x3fff
    private var position: Int
    private let end: Int

    init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    mutating func next(in bytes: Span<UInt8>) -> Attribute? {
        guard position >= 0, end <= bytes.count, end - position >= 4 else { return nil }
        let length = Int(bytes.hostUInt16(at: position))
        guard length >= 4, length <= end - position else { return nil }
        defer { position += (length + 3) & ~3 }
        return Attribute(
            type: bytes.hostUInt16(at: position + 2) & Self.typeMask, value: position + 4..<position + length)
    }
}

extension Span<UInt8> {
    /// The family with which a message's body begins; nil for other families, and where the body is shorter than its header.
    func family(ofHeader length: Int, in body: Range<Int>) -> IPAddress.Family? {
        guard body.count >= length, holds(body.count, at: body.lowerBound) else { return nil }
        return IPAddress.Family(netlink: self[body.lowerBound])
    }

    /// Numbers in the machine's own order. The caller has checked that they lie within.
    func hostUInt16(at offset: Int) -> UInt16 { UInt16(bigEndian: uint16(at: offset)) }
    func hostUInt32(at offset: Int) -> UInt32 { UInt32(bigEndian: uint32(at: offset)) }

    /// Nil when the value has another length.
    func hostUInt32(_ value: Range<Int>) -> UInt32? {
        value.count == 4 && holds(4, at: value.lowerBound) ? hostUInt32(at: value.lowerBound) : nil
    }

    func hostInt(_ value: Range<Int>) -> Int? { hostUInt32(value).map { Int(Int32(bitPattern: $0)) } }

    /// Two numbers of 16 bits: first and last.
    func hostPorts(_ value: Range<Int>) -> ClosedRange<UInt16>? {
        guard value.count == 4, holds(4, at: value.lowerBound) else { return nil }
        let (first, last) = (hostUInt16(at: value.lowerBound), hostUInt16(at: value.lowerBound + 2))
        return first <= last ? first...last : nil
    }

    /// An IPv4 or IPv6 address by its length.
    func ipAddress(_ value: Range<Int>) -> IPAddress? {
        guard holds(value.count, at: value.lowerBound) else { return nil }
        switch value.count {
        case 4: return .v4(IPv4Address(bits: uint32(at: value.lowerBound)))
        case 16:
            return .v6(
                IPv6Address(high: uint64(at: value.lowerBound), low: uint64(at: value.lowerBound + 8)))
        default: return nil
        }
    }

    /// An Ethernet address; other links have addresses of other lengths, or none.
    func ethernetAddress(_ value: Range<Int>) -> LinkAddress? {
        value.count == 6 && holds(6, at: value.lowerBound) ? linkAddress(at: value.lowerBound) : nil
    }

    /// Text up to its zero byte, no longer than any name of the kernel.
    func name(_ value: Range<Int>) -> String {
        let bytes = copy(value.lowerBound..<Swift.min(value.upperBound, value.lowerBound + 64))
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

extension IPAddress.Family {
    /// AF_INET, AF_INET6
    init?(netlink number: UInt8) {
        switch number {
        case 2: self = .v4
        case 10: self = .v6
        default: return nil
        }
    }

    package var netlinkNumber: UInt8 { self == .v4 ? 2 : 10 }

    /// The address of all zero bits, and how many there are.
    var unspecified: IPAddress { self == .v4 ? .v4(IPv4Address(bits: 0)) : .v6(IPv6Address(high: 0, low: 0)) }
}
