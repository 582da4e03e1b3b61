import NetValues

/// A rule of the policy routing as RTM_NEWRULE tells it (struct fib_rule_hdr, linux/fib_rules.h).
package struct RoutingRuleMessage: Hashable, Sendable {
    package let family: IPAddress.Family
    /// FR_ACT_*: 1 a table, 2 goto, 3 nothing, 6 blackhole, 7 unreachable, 8 prohibit.
    package let action: UInt8
    package let typeOfService: Int
    package let isInverted: Bool
    package private(set) var table: Int
    package private(set) var preference = 0
    package private(set) var target = 0
    package private(set) var source: AddressRange?
    package private(set) var destination: AddressRange?
    package private(set) var incoming: String?
    package private(set) var outgoing: String?
    package private(set) var mark: UInt32?
    package private(set) var mask: UInt32 = .max
    package private(set) var users: ClosedRange<UInt32>?
    package private(set) var carrier: Int?
    package private(set) var sourcePorts: ClosedRange<UInt16>?
    package private(set) var destinationPorts: ClosedRange<UInt16>?
    package private(set) var suppressedLength: Int?
    package private(set) var asksVRF = false

    /// - Parameter range: of a message's body, clamped to the bytes. Nil for other families.
    package init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard let family = bytes.family(ofHeader: 12, in: range) else { return nil }
        let start = range.lowerBound
        self.family = family
        let lengths = (destination: Int(bytes[start + 1]), source: Int(bytes[start + 2]))
        typeOfService = Int(bytes[start + 3])
        table = Int(bytes[start + 4])
        action = bytes[start + 7]
        // FIB_RULE_INVERT
        isInverted = bytes.hostUInt32(at: start + 8) & 2 != 0
        var attributes = NetlinkAttributes(start + 12..<range.upperBound)
        while let attribute = attributes.next(in: bytes) {
            switch attribute.type {
            case 1: destination = self.range(bytes, attribute.value, lengths.destination)
            case 2: source = self.range(bytes, attribute.value, lengths.source)
            case 3: incoming = bytes.name(attribute.value)
            case 17: outgoing = bytes.name(attribute.value)
            default: takeNumber(attribute, bytes)
            }
        }
    }

    private mutating func takeNumber(_ attribute: NetlinkAttributes.Attribute, _ bytes: Span<UInt8>) {
        let value = attribute.value
        let number = bytes.hostUInt32(value)
        switch attribute.type {
        case 4: target = number.map { Int($0) } ?? 0
        case 6: preference = number.map { Int($0) } ?? 0
        case 10: mark = number
        case 14: suppressedLength = bytes.hostInt(value).flatMap { $0 >= 0 ? $0 : nil }
        case 15: table = number.map { Int($0) } ?? table
        case 16:
            // A mark of 0 is not told, its mask is.
            mask = number ?? .max
            mark = mark ?? 0
        case 19: asksVRF = value.count == 1 && bytes.holds(1, at: value.lowerBound) && bytes[value.lowerBound] != 0
        case 20: users = Self.users(bytes, value)
        case 22: if value.count == 1, bytes.holds(1, at: value.lowerBound) { carrier = Int(bytes[value.lowerBound]) }
        case 23: sourcePorts = bytes.hostPorts(value)
        case 24: destinationPorts = bytes.hostPorts(value)
        default: break
        }
    }

    private func range(_ bytes: Span<UInt8>, _ value: Range<Int>, _ length: Int) -> AddressRange? {
        guard let address = bytes.ipAddress(value), address.family == family else { return nil }
        return AddressRange(around: address, length: length)
    }

    private static func users(_ bytes: Span<UInt8>, _ value: Range<Int>) -> ClosedRange<UInt32>? {
        guard value.count == 8, bytes.holds(8, at: value.lowerBound) else { return nil }
        let (first, last) = (bytes.hostUInt32(at: value.lowerBound), bytes.hostUInt32(at: value.lowerBound + 4))
        return first <= last ? first...last : nil
    }
}
