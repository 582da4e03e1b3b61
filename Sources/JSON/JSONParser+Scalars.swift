import NetValues

extension JSONParser {
    // MARK: Strings (RFC 8259 section 7)

    mutating func string() throws(JSONProblem) -> String {
        let opening = position
        position += 1
        var content: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return try validated(content, from: opening)
            case UInt8(ascii: "\\"):
                content.append(contentsOf: UTF8.encode(try escape()) ?? UTF8.EncodedScalar())
            case 0..<0x20: throw problem("a control character in a string must be written as an escape")
            default:
                content.append(byte)
                position += 1
            }
        }
        throw JSONProblem("the string that begins here has no end", at: opening, in: bytes)
    }

    private func validated(_ content: [UInt8], from opening: Int) throws(JSONProblem) -> String {
        guard let text = String(validating: content, as: UTF8.self) else {
            throw JSONProblem("the string that begins here is not UTF-8", at: opening, in: bytes)
        }
        return text
    }

    private mutating func escape() throws(JSONProblem) -> Unicode.Scalar {
        let start = position
        position += 1
        guard let letter = next else { throw problem("expected an escape, found \(found)") }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape(from: start)
        default: throw JSONProblem("unknown escape in a string", at: start, in: bytes)
        }
    }

    /// One escape, or two that are the halves of a surrogate pair. A half alone is no character.
    private mutating func unicodeEscape(from start: Int) throws(JSONProblem) -> Unicode.Scalar {
        let first = try hexUnit(from: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        let loneHalf = JSONProblem("half of a surrogate pair stands alone", at: start, in: bytes)
        guard UTF16.isLeadSurrogate(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw loneHalf }
        let second = try hexUnit(from: start)
        guard UTF16.isTrailSurrogate(second) else { throw loneHalf }
        let value = 0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00)
        guard let scalar = Unicode.Scalar(value) else { throw loneHalf }
        return scalar
    }

    private mutating func hexUnit(from start: Int) throws(JSONProblem) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw JSONProblem("expected four hexadecimal digits after \\u", at: start, in: bytes)
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    // MARK: Numbers (RFC 8259 section 6)

    mutating func number() throws(JSONProblem) -> JSONValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        var isWhole = true
        if take(UInt8(ascii: ".")) {
            isWhole = false
            try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return try numeral(from: start, isWhole: isWhole)
    }

    private mutating func digits() throws(JSONProblem) {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        guard position > start else { throw problem("expected a digit, found \(found)") }
    }

    private func numeral(from start: Int, isWhole: Bool) throws(JSONProblem) -> JSONValue {
        if let byte = next, (0x30...0x39).contains(byte) {
            throw JSONProblem("a number does not begin with a further 0", at: start, in: bytes)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        // An Int has no negative zero.
        if isWhole, text != "-0", let number = Int(text) { return .int(number) }
        guard let number = Double(text), number.isFinite else {
            throw JSONProblem("the number \(text.escaped(limit: 24)) is out of range", at: start, in: bytes)
        }
        return .double(number)
    }
}
