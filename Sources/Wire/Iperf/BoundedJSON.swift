/// A JSON value (RFC 8259) of a small message from a peer: bounded in size, depth and number of values. A report is read elsewhere, and
/// whole; here only what is asked for matters, so that numbers are read as `Double` (iperf3 writes -1 as 18446744073709551615).
package indirect enum BoundedJSON: Hashable, Sendable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([BoundedJSON])
    /// Of keys that stand twice the first counts.
    case table([String: BoundedJSON])

    package static let mostBytes = 1 << 20
    package static let mostDepth = 16
    package static let mostValues = 65_536

    /// Nil for what is no JSON, or more of it than fits here.
    package init?(decoding bytes: [UInt8]) {
        guard bytes.count <= Self.mostBytes else { return nil }
        var reader = Reader(bytes: bytes)
        guard let value = reader.value(depth: 0) else { return nil }
        reader.skipBlanks()
        guard reader.position == bytes.count else { return nil }
        self = value
    }

    package subscript(key: String) -> BoundedJSON? {
        if case .table(let members) = self { members[key] } else { nil }
    }

    package var list: [BoundedJSON]? { if case .list(let elements) = self { elements } else { nil } }
    package var text: String? { if case .text(let text) = self { text } else { nil } }
    package var number: Double? { if case .number(let number) = self { number } else { nil } }

    /// A flag, or a number that is not 0, as C programs write one.
    package var flag: Bool? {
        switch self {
        case .flag(let flag): flag
        case .number(let number): number != 0
        default: nil
        }
    }

    /// Whole, from 0 to `most`; anything else is none.
    package func count(upTo most: Int = 1 << 60) -> Int? {
        guard let number, number >= 0, number <= Double(most) else { return nil }
        return Int(number)
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0
        var values = 0

        var next: UInt8? { position < bytes.count ? bytes[position] : nil }

        mutating func skipBlanks() {
            while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard next == byte else { return false }
            position += 1
            return true
        }

        mutating func value(depth: Int) -> BoundedJSON? {
            skipBlanks()
            values += 1
            guard depth < mostDepth, values <= mostValues else { return nil }
            switch next {
            case UInt8(ascii: "{"): return table(depth)
            case UInt8(ascii: "["): return list(depth)
            case UInt8(ascii: "\""): return text().map { .text($0) }
            case UInt8(ascii: "t"): return word("true", .flag(true))
            case UInt8(ascii: "f"): return word("false", .flag(false))
            case UInt8(ascii: "n"): return word("null", .null)
            default: return number()
            }
        }

        private mutating func word(_ word: StaticString, _ value: BoundedJSON) -> BoundedJSON? {
            let text = word.description.utf8
            guard bytes[position...].starts(with: text) else { return nil }
            position += text.count
            return value
        }

        private mutating func number() -> BoundedJSON? {
            let start = position
            while let byte = next, position - start < 64,
                (0x30...0x39).contains(byte) || [0x2b, 0x2d, 0x2e, 0x45, 0x65].contains(byte)
            {
                position += 1
            }
            guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)), value.isFinite else {
                return nil
            }
            return .number(value)
        }

        private mutating func list(_ depth: Int) -> BoundedJSON? {
            var elements: [BoundedJSON] = []
            position += 1
            skipBlanks()
            if take(UInt8(ascii: "]")) { return .list([]) }
            while true {
                guard let element = value(depth: depth + 1) else { return nil }
                elements.append(element)
                skipBlanks()
                if take(UInt8(ascii: "]")) { return .list(elements) }
                guard take(UInt8(ascii: ",")) else { return nil }
            }
        }

        private mutating func table(_ depth: Int) -> BoundedJSON? {
            var members: [String: BoundedJSON] = [:]
            position += 1
            skipBlanks()
            if take(UInt8(ascii: "}")) { return .table([:]) }
            while true {
                skipBlanks()
                guard next == UInt8(ascii: "\""), let key = text() else { return nil }
                skipBlanks()
                guard take(UInt8(ascii: ":")), let value = value(depth: depth + 1) else { return nil }
                if members[key] == nil { members[key] = value }
                skipBlanks()
                if take(UInt8(ascii: "}")) { return .table(members) }
                guard take(UInt8(ascii: ",")) else { return nil }
            }
        }

        /// Bytes that are no UTF-8 become replacement characters.
        private mutating func text() -> String? {
            position += 1
            var units: [UInt8] = []
            while let byte = next {
                position += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let scalar = escape() else { return nil }
                    units += Array(String(scalar).utf8)
                default: units.append(byte)
                }
            }
            return nil
        }

        private mutating func escape() -> Character? {
            guard let letter = next else { return nil }
            position += 1
            switch letter {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Character(Unicode.Scalar(letter))
            case UInt8(ascii: "b"): return "\u{8}"
            case UInt8(ascii: "f"): return "\u{c}"
            case UInt8(ascii: "n"): return "\n"
            case UInt8(ascii: "r"): return "\r"
            case UInt8(ascii: "t"): return "\t"
            case UInt8(ascii: "u"):
                guard position + 4 <= bytes.count,
                    let unit = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
                else { return nil }
                position += 4
                // Halves of a pair say nothing that is needed here.
                return Character(Unicode.Scalar(unit) ?? "\u{fffd}")
            default: return nil
            }
        }
    }
}
