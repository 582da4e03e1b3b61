import NetValues

/// Names on the wire (RFC 1035 sections 3.1 and 4.1.4) and their presentation form (section 5.1).
enum DNSNameCoding {
    /// Section 2.3.4: labels, length bytes and the root together.
    static let maximumLength = 255
    /// A name has at most 127 labels, so more pointers than that are no honest compression.
    private static let maximumHops = 127

    /// Reads a name at the reader's position and leaves the reader behind it. Pointers must point strictly backwards.
    static func read(_ reader: inout ByteReader, _ field: StaticString) throws(WireError) -> String {
        String(decoding: try readBytes(&reader, field), as: UTF8.self)
    }

    /// The same as UTF-8.
    static func readBytes(_ reader: inout ByteReader, _ field: StaticString) throws(WireError) -> [UInt8] {
        var text: [UInt8] = []
        var length = 1
        var hops = 0
        var after: Int?
        var lowest = reader.offset
        while true {
            let size = Int(try reader.uint8(field))
            switch size & 0xc0 {
            case 0x00:
                guard size > 0 else {
                    if let after { try reader.seek(to: after, field) }
                    return text.isEmpty ? [UInt8(ascii: ".")] : text
                }
                length += size + 1
                guard length <= maximumLength else { throw WireError(field: field, problem: .tooLong) }
                if text.isEmpty { text.reserveCapacity(64) }
                append(try reader.take(size, field), to: &text)
                text.append(UInt8(ascii: "."))
            case 0xc0:
                let target = (size & 0x3f) << 8 | Int(try reader.uint8(field))
                after = after ?? reader.offset
                hops += 1
                guard target < lowest, hops <= maximumHops else { throw WireError(field: field, problem: .loop) }
                lowest = target
                try reader.seek(to: target, field)
            default: throw WireError(field: field, problem: .invalid)
            }
        }
    }

    private static func append(_ label: ArraySlice<UInt8>, to text: inout [UInt8]) {
        for byte in label { append(byte, to: &text) }
    }

    /// A byte of a label for a zone file: a dot or backslash gets a backslash, other odd bytes become `\DDD`.
    static func append(_ byte: UInt8, to text: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "\\"):
            text.append(UInt8(ascii: "\\"))
            text.append(byte)
        case 0x21...0x7e: text.append(byte)
        default:
            text.append(UInt8(ascii: "\\"))
            for unit in [100, 10, 1] as [UInt8] { text.append(UInt8(ascii: "0") + byte / unit % 10) }
        }
    }

    static func decimalEscape(_ byte: UInt8) -> String {
        let digits = String(byte)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }

    /// The labels of a presentation form; nil when it breaks a limit of RFC 1035.
    static func labels(_ text: String) -> [[UInt8]]? {
        if text == "." || text.isEmpty { return [] }
        var labels: [[UInt8]] = [[]]
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\\"):
                guard let escaped = unescape(&rest) else { return nil }
                labels[labels.count - 1].append(escaped)
            case UInt8(ascii: "."): labels.append([])
            default: labels[labels.count - 1].append(byte)
            }
        }
        if labels.last?.isEmpty == true { labels.removeLast() }
        let length = labels.reduce(1) { $0 + $1.count + 1 }
        guard length <= maximumLength, labels.allSatisfy({ (1...63).contains($0.count) }) else { return nil }
        return labels
    }

    /// What follows a backslash: three digits or one character.
    static func unescape(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        let digits = rest.prefix(3)
        if digits.count == 3, digits.allSatisfy(isDigit) {
            rest = rest.dropFirst(3)
            return UInt8(exactly: digits.reduce(0) { $0 * 10 + Int($1 - 0x30) })
        }
        return rest.popFirst()
    }
}
