/// A bounds-checked cursor over bytes from outside. Every read names the field, so that a failure says what was cut short.
package struct ByteReader {
    package let bytes: ArraySlice<UInt8>
    package private(set) var position: Int

    package init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    package init(_ bytes: [UInt8]) {
        self.init(bytes[...])
    }

    package var remaining: Int { bytes.endIndex - position }
    /// Distance from the start of the bytes.
    package var offset: Int { position - bytes.startIndex }

    package mutating func uint8(_ field: StaticString) throws(WireError) -> UInt8 {
        UInt8(truncatingIfNeeded: try number(1, field))
    }

    package mutating func uint16(_ field: StaticString) throws(WireError) -> UInt16 {
        UInt16(truncatingIfNeeded: try number(2, field))
    }

    package mutating func uint32(_ field: StaticString) throws(WireError) -> UInt32 {
        try number(4, field)
    }

    /// Up to four bytes in network order, without a slice of its own for each.
    private mutating func number(_ count: Int, _ field: StaticString) throws(WireError) -> UInt32 {
        guard count <= remaining else { throw WireError(field: field, problem: .cutShort) }
        var value: UInt32 = 0
        for index in position..<position + count { value = value << 8 | UInt32(bytes[index]) }
        position += count
        return value
    }

    package mutating func take(_ count: Int, _ field: StaticString) throws(WireError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else { throw WireError(field: field, problem: .cutShort) }
        defer { position += count }
        return bytes[position..<position + count]
    }

    package mutating func rest() -> ArraySlice<UInt8> {
        defer { position = bytes.endIndex }
        return bytes[position...]
    }

    /// Moves to a distance from the start.
    package mutating func seek(to offset: Int, _ field: StaticString) throws(WireError) {
        guard offset >= 0, offset <= bytes.count else { throw WireError(field: field, problem: .cutShort) }
        position = bytes.startIndex + offset
    }
}

/// Why bytes are not what they should be.
package struct WireError: Error, Hashable, Sendable {
    package enum Problem: String, Hashable, Sendable {
        case cutShort = "cut short"
        case invalid = "invalid"
        case tooLong = "too long"
        case loop = "compression loop"
        case trailing = "followed by extra bytes"
    }

    package let field: String
    package let problem: Problem

    package init(field: StaticString, problem: Problem) {
        self.field = field.description
        self.problem = problem
    }
}

extension WireError: CustomStringConvertible {
    package var description: String { "\(field) is \(problem.rawValue)" }
}

extension [UInt8] {
    package mutating func append(uint16 value: UInt16) {
        append(UInt8(value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    package mutating func append(uint32 value: UInt32) {
        append(uint16: UInt16(value >> 16))
        append(uint16: UInt16(truncatingIfNeeded: value))
    }
}
