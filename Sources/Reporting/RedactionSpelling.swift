import NetValues

/// An escape in a text, and the bytes that it stands for.
struct Spelling {
    /// The bytes that an escape begins with.
    static let openers = Array("%+\\&".utf8)

    let bytes: [UInt8]
    /// How many bytes of the text it takes.
    let length: Int

    init?(in text: [UInt8], at start: Int) {
        let rest = text[start...].prefix(Self.longest)
        let spelling: (bytes: [UInt8], length: Int)? =
            switch rest.first {
            case UInt8(ascii: "+"): ([0x20], 1)
            case UInt8(ascii: "%"):
                Self.number(rest.dropFirst(), radix: 16, digits: 2...2).map {
                    ([UInt8(truncatingIfNeeded: $0.value)], 3)
                }
            case UInt8(ascii: "\\"): Self.backslash(rest)
            case UInt8(ascii: "&"): Self.entity(rest)
            default: nil
            }
        guard let spelling else { return nil }
        bytes = spelling.bytes
        length = spelling.length
    }

    private static let longest = 24
    /// The most that can be left of an escape whose end was cut off.
    static let longestUnfinished = 11

    /// Whether a byte can follow the one that begins an escape.
    static func isBody(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "{"), UInt8(ascii: "#"), UInt8(ascii: "\\"):
            true
        default: false
        }
    }

    /// Escapes of JSON and of our own `escaped()`; each further layer of quoting doubles the backslashes. A backslash that stands
    /// for itself is the needle's to match.
    private static func backslash(_ rest: ArraySlice<UInt8>) -> (bytes: [UInt8], length: Int)? {
        let run = rest.prefix { $0 == UInt8(ascii: "\\") }.count
        let body = rest.dropFirst(run)
        switch body.first {
        case UInt8(ascii: "x"):
            if let code = number(body.dropFirst(), radix: 16, digits: 2...2) {
                return ([UInt8(truncatingIfNeeded: code.value)], run + 3)
            }
        case UInt8(ascii: "u"):
            if let unicode = unicode(body.dropFirst()) { return (unicode.bytes, run + 1 + unicode.length) }
        case let letter?:
            if let byte = letters[letter] { return ([byte], run + 1) }
        case nil: break
        }
        return nil
    }

    private static let letters: [UInt8: UInt8] = [
        UInt8(ascii: "t"): 0x09, UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0c, UInt8(ascii: "\""): 0x22,
        UInt8(ascii: "'"): 0x27, UInt8(ascii: "/"): 0x2f,
    ]

    /// What follows `\u`: `{1f600}`, `00e9`, or a pair of surrogates `d83d\ude00`.
    private static func unicode(_ rest: ArraySlice<UInt8>) -> (bytes: [UInt8], length: Int)? {
        if rest.first == UInt8(ascii: "{") {
            guard let code = number(rest.dropFirst(), radix: 16, digits: 1...6), let bytes = utf8(code.value) else {
                return nil
            }
            return rest.dropFirst(1 + code.length).first == UInt8(ascii: "}") ? (bytes, code.length + 2) : nil
        }
        guard let high = number(rest, radix: 16, digits: 4...4) else { return nil }
        guard (0xd800..<0xdc00).contains(high.value) else { return utf8(high.value).map { ($0, 4) } }
        let slashes = rest.dropFirst(4).prefix { $0 == UInt8(ascii: "\\") }.count
        let second = rest.dropFirst(4 + slashes)
        guard slashes > 0, second.first == UInt8(ascii: "u"),
            let low = number(second.dropFirst(), radix: 16, digits: 4...4), (0xdc00..<0xe000).contains(low.value)
        else { return nil }
        let scalar = 0x10000 + (high.value - 0xd800) << 10 + (low.value - 0xdc00)
        return utf8(scalar).map { ($0, 9 + slashes) }
    }

    /// `&amp;`, `&#39;`, `&#x27;`.
    private static func entity(_ rest: ArraySlice<UInt8>) -> (bytes: [UInt8], length: Int)? {
        guard let end = rest.prefix(12).firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let body = rest[rest.startIndex..<end].dropFirst()
        let length = end - rest.startIndex + 1
        if let byte = entities[String(decoding: body, as: UTF8.self)] { return ([byte], length) }
        guard body.first == UInt8(ascii: "#") else { return nil }
        let isHex = body.dropFirst().first.map { $0 | 0x20 == UInt8(ascii: "x") } ?? false
        let digits = body.dropFirst(isHex ? 2 : 1)
        guard let code = number(digits, radix: isHex ? 16 : 10, digits: 1...8), code.length == digits.count else {
            return nil
        }
        return utf8(code.value).map { ($0, length) }
    }

    private static let entities: [String: UInt8] = ["amp": 0x26, "lt": 0x3c, "gt": 0x3e, "quot": 0x22, "apos": 0x27]

    private static func utf8(_ code: UInt32) -> [UInt8]? {
        Unicode.Scalar(code).map { Array(String(Character($0)).utf8) }
    }

    private static func number(
        _ text: ArraySlice<UInt8>, radix: UInt32, digits: ClosedRange<Int>
    ) -> (value: UInt32, length: Int)? {
        var value: UInt32 = 0
        var length = 0
        for byte in text.prefix(digits.upperBound) {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < radix else { break }
            // Eight digits at most: 32 bits hold any of them.
            value = value &* radix &+ UInt32(digit)
            length += 1
        }
        return length >= digits.lowerBound ? (value, length) : nil
    }
}

/// RFC 4648 sections 4 and 5.
enum Base64Alphabet: CaseIterable {
    case standard, urlSafe

    private static let common = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    private var digits: [UInt8] { Self.common + (self == .standard ? "+/" : "-_").utf8 }

    /// How `value` may look within something that is encoded.
    static func cores(of value: [UInt8]) -> [[UInt8]] {
        allCases.flatMap { alphabet in (0..<3).map { alphabet.core(of: value, after: $0) } }
    }

    /// The digits that hold bits of `value` alone when it stands behind `offset` other bytes (or 3, 6, … more) in what is encoded.
    func core(of value: [UInt8], after offset: Int) -> [UInt8] {
        let digits = digits
        let firstBit = offset * 8
        let lastBit = firstBit + value.count * 8
        let bytes = [UInt8](repeating: 0, count: offset) + value
        return ((firstBit + 5) / 6..<max((firstBit + 5) / 6, lastBit / 6)).map { index in
            let bit = index * 6
            let pair = UInt16(bytes[bit / 8]) << 8 | UInt16(bit / 8 + 1 < bytes.count ? bytes[bit / 8 + 1] : 0)
            return digits[Int(pair >> (10 - UInt16(bit % 8)) & 63)]
        }
    }

    /// With the digit on either side, which may hold some bits of the secret, and the padding.
    static func widened(_ range: Range<Int>, in text: [UInt8]) -> Range<Int> {
        let digits = Set(common + "+/-_".utf8)
        let lower =
            range.lowerBound > 0 && digits.contains(text[range.lowerBound - 1])
            ? range.lowerBound - 1 : range.lowerBound
        var upper = range.upperBound
        if upper < text.count, digits.contains(text[upper]) { upper += 1 }
        while upper < text.count, text[upper] == UInt8(ascii: "=") { upper += 1 }
        return lower..<upper
    }
}
