/// An IPv4 or IPv6 address as a value: parsed strictly, printed canonically (RFC 5952 for IPv6).
package enum IPAddress: Hashable, Sendable {
    case v4(IPv4Address)
    case v6(IPv6Address)

    package enum Family: String, Sendable, CaseIterable {
        case v4 = "IPv4"
        case v6 = "IPv6"
    }

    package var family: Family {
        switch self {
        case .v4: .v4
        case .v6: .v6
        }
    }

    package var isLoopback: Bool {
        switch self {
        case .v4(let address): address.bits >> 24 == 127
        case .v6(let address): address.high == 0 && address.low == 1
        }
    }

    package var isUnspecified: Bool {
        switch self {
        case .v4(let address): address.bits == 0
        case .v6(let address): address.high == 0 && address.low == 0
        }
    }

    /// The address in network byte order: 4 or 16 bytes.
    package var bytes: [UInt8] {
        switch self {
        case .v4(let address): address.bytes
        case .v6(let address): address.bytes
        }
    }

    /// From 4 or 16 bytes in network byte order, otherwise nil.
    package init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self = .v4(IPv4Address(bits: bytes.reduce(0) { $0 << 8 | UInt32($1) }))
        case 16:
            let high = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let low = bytes.dropFirst(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            self = .v6(IPv6Address(high: high, low: low))
        default: return nil
        }
    }

    /// Dotted decimal with four parts, or RFC 4291 text with an optional `%zone`. Nothing else (no `127.1`, no octal).
    package init?(_ text: some StringProtocol) {
        if let address = IPv4Address(text) {
            self = .v4(address)
        } else if let address = IPv6Address(text) {
            self = .v6(address)
        } else {
            return nil
        }
    }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .v4(let address): address.description
        case .v6(let address): address.description
        }
    }
}

package struct IPv4Address: Hashable, Sendable {
    /// Host order: 127.0.0.1 is 0x7f000001.
    package let bits: UInt32

    package init(bits: UInt32) {
        self.bits = bits
    }

    package init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            if part.count > 1, part.first == 0x30 { return nil }
            let value = part.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - 0x30) }
            guard value <= 255 else { return nil }
            bits = bits << 8 | value
        }
        self.bits = bits
    }

    package var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: bits >> (24 - 8 * UInt32($0))) } }
}

extension IPv4Address: CustomStringConvertible {
    package var description: String { "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)" }
}

package struct IPv6Address: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64
    /// The interface of a link-local address (`fe80::1%eth0`), without the percent sign.
    package let zone: String?

    package init(high: UInt64, low: UInt64, zone: String? = nil) {
        self.high = high
        self.low = low
        self.zone = zone
    }

    package init?(_ text: some StringProtocol) {
        let halves = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        let zone = halves.count == 2 ? String(halves[1]) : nil
        if let zone, zone.isEmpty || zone.count > 15 || !zone.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) { return nil }
        guard let address = halves.first, let groups = Self.groups(of: address) else { return nil }
        self.init(
            high: groups[0..<4].reduce(0) { $0 << 16 | UInt64($1) },
            low: groups[4..<8].reduce(0) { $0 << 16 | UInt64($1) }, zone: zone)
    }

    /// The eight groups of RFC 4291 section 2.2, with `::` filled in and a dotted tail turned into two groups.
    private static func groups(of text: some StringProtocol) -> [UInt16]? {
        guard text.utf8.count <= 45, text.utf8.contains(UInt8(ascii: ":")) else { return nil }
        let sides = text.split(separator: "::", omittingEmptySubsequences: false)
        guard sides.count <= 2, let first = sides.first, let left = parse(first, isTail: sides.count == 1) else {
            return nil
        }
        if sides.count == 1 { return left.count == 8 ? left : nil }
        guard let right = parse(sides[1], isTail: true), left.count + right.count <= 7 else { return nil }
        return left + [UInt16](repeating: 0, count: 8 - left.count - right.count) + right
    }

    private static func parse(_ side: some StringProtocol, isTail: Bool) -> [UInt16]? {
        if side.isEmpty { return [] }
        var groups: [UInt16] = []
        let parts = side.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if isTail, index == parts.count - 1, let dotted = IPv4Address(part) {
                groups += [UInt16(dotted.bits >> 16), UInt16(truncatingIfNeeded: dotted.bits)]
            } else {
                // `UInt16(_:radix:)` also takes a sign.
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit),
                    let value = UInt16(part, radix: 16)
                else { return nil }
                groups.append(value)
            }
        }
        return groups.count <= 8 ? groups : nil
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    package var bytes: [UInt8] {
        [high, low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * UInt64($0))) } }
    }
}

extension IPv6Address: CustomStringConvertible {
    /// RFC 5952: lower case, the longest run of two or more zero groups shortened, the first of equal runs.
    package var description: String {
        let suffix = zone.map { "%\($0)" } ?? ""
        if high == 0, low >> 32 == 0xffff {
            return "::ffff:\(IPv4Address(bits: UInt32(truncatingIfNeeded: low)))\(suffix)"
        }
        let run = longestZeroRun ?? 8..<8
        var text: [UInt8] = []
        text.reserveCapacity(40)
        var index = 0
        while index < 8 {
            if index == run.lowerBound {
                text.append(contentsOf: [UInt8(ascii: ":"), UInt8(ascii: ":")])
                index = run.upperBound
            } else {
                if index > 0, index != run.upperBound { text.append(UInt8(ascii: ":")) }
                Self.write(group(index), to: &text)
                index += 1
            }
        }
        return String(decoding: text, as: UTF8.self) + suffix
    }

    private func group(_ index: Int) -> UInt16 {
        UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> (48 - 16 * UInt64(index & 3)))
    }

    private static func write(_ group: UInt16, to text: inout [UInt8]) {
        var shift = group >> 12 > 0 ? 12 : group >> 8 > 0 ? 8 : group >> 4 > 0 ? 4 : 0
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: group >> UInt16(shift) & 15)
            text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
            shift -= 4
        }
    }

    private var longestZeroRun: Range<Int>? {
        var best: Range<Int>?
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, group(end) == 0 { end += 1 }
            if end - start >= 2, end - start > (best?.count ?? 0) { best = start..<end }
            start = max(end, start + 1)
        }
        return best
    }
}
