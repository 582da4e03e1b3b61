extension [UInt8] {
    /// Bytes of base64 text (RFC 4648 section 4); line breaks and blanks within are passed over, as PEM and `base64` write them.
    /// - Returns: nil for any other character, for padding elsewhere than at the end, and for a length that cannot be.
    package init?(base64 text: some Collection<UInt8>) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        var digits = 0
        var padding = 0
        for character in text {
            if [0x20, 0x09, 0x0a, 0x0d].contains(character) { continue }
            if character == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let digit = Self.digit(character) else { return nil }
            bits = bits << 6 | digit
            digits += 1
            guard digits % 4 == 0 else { continue }
            bytes += [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
            bits = 0
        }
        switch (digits % 4, padding) {
        case (0, 0): break
        case (2, 0), (2, 2): bytes.append(UInt8(bits >> 4 & 255))
        case (3, 0), (3, 1): bytes += [UInt8(bits >> 10 & 255), UInt8(bits >> 2 & 255)]
        default: return nil
        }
        self = bytes
    }

    private static func digit(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
