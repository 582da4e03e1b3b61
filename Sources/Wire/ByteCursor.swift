/// A place in bytes that are handed along with each read, for spans, which cannot be kept. Nothing is read beyond its end, and
/// nil says that the bytes end before.
package struct ByteCursor: Hashable, Sendable {
    package private(set) var position: Int
    package let end: Int

    /// - Parameter range: clamped to the bytes.
    package init(_ range: Range<Int>, in bytes: Span<UInt8>) {
        position = min(max(0, range.lowerBound), bytes.count)
        end = min(max(position, range.upperBound), bytes.count)
    }

    package init(_ bytes: Span<UInt8>) {
        self.init(0..<bytes.count, in: bytes)
    }

    package var remaining: Int { end - position }

    package mutating func uint8(_ bytes: Span<UInt8>) -> UInt8? {
        number(1, bytes).map { UInt8(truncatingIfNeeded: $0) }
    }

    package mutating func uint16(_ bytes: Span<UInt8>) -> UInt16? {
        number(2, bytes).map { UInt16(truncatingIfNeeded: $0) }
    }

    /// Three bytes, as TLS counts the lengths of its messages.
    package mutating func uint24(_ bytes: Span<UInt8>) -> Int? {
        number(3, bytes).map { Int($0) }
    }

    package mutating func uint32(_ bytes: Span<UInt8>) -> UInt32? {
        number(4, bytes)
    }

    /// Up to four bytes in network order.
    private mutating func number(_ count: Int, _ bytes: Span<UInt8>) -> UInt32? {
        guard count <= remaining, end <= bytes.count else { return nil }
        var value: UInt32 = 0
        for index in position..<position + count { value = value << 8 | UInt32(bytes[index]) }
        position += count
        return value
    }

    package mutating func take(_ count: Int) -> Range<Int>? {
        guard count >= 0, count <= remaining else { return nil }
        defer { position += count }
        return position..<position + count
    }

    /// As many of the next bytes as there are.
    package mutating func takeUp(to count: Int) -> Range<Int> {
        let taken = min(max(0, count), remaining)
        defer { position += taken }
        return position..<position + taken
    }
}

extension Span<UInt8> {
    /// The bytes of a range, which is clamped, as an array of their own.
    package func copy(_ range: Range<Int>) -> [UInt8] {
        let lower = Swift.min(Swift.max(0, range.lowerBound), count)
        let upper = Swift.min(Swift.max(lower, range.upperBound), count)
        guard lower < upper else { return [] }
        var copy: [UInt8] = []
        copy.reserveCapacity(upper - lower)
        for index in lower..<upper { copy.append(self[index]) }
        return copy
    }

    /// The bytes of a range as text; what is no UTF-8 is replaced.
    package func text(_ range: Range<Int>) -> String { String(decoding: copy(range), as: UTF8.self) }
}
